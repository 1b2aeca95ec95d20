"""Every sentence comes from a catalogue, in the language of whoever reads it."""

from bespoke.templating import catalogue, environment
from bespoke.templating.catalogue import _, lazy, ngettext
from bespoke.templating.pseudo import LANGUAGE, pseudo


def test_english_is_said_as_it_is_written():
    assert _("Approve revision %(n)s", n=3) == "Approve revision 3"
    assert ngettext("%(num)s piece", "%(num)s pieces", 1) == "1 piece"
    assert ngettext("%(num)s piece", "%(num)s pieces", 2) == "2 pieces"
    assert catalogue.language() == "en"


def test_another_language_is_spoken_inside_its_block_only():
    later = lazy("Revision %(n)s", n=2)
    with catalogue.speaking(LANGUAGE):
        assert _("Revision %(n)s", n=2) == str(later) == "⟦Révíšíóñ 2····⟧"
    assert str(later) == "Revision 2"


def test_a_language_we_do_not_know_is_answered_in_english():
    for unknown in ("tlh", "", None, "../../etc"):
        with catalogue.speaking(unknown):
            assert _("Yes") == "Yes"
            assert catalogue.locale().language == "en"


def test_templates_say_it_with_escaped_facts():
    page = environment().from_string(
        '{{ _("Hello, %(who)s", who=who) }} {% trans n=2 %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}'
    )
    assert page.render(who="<b>") == "Hello, &lt;b&gt; 2 days"


def test_the_pseudo_language_keeps_placeholders_and_tags():
    assert pseudo('<b class="x">Save %(n)s</b> 5%%').count('<b class="x">') == 1
    assert "%(n)s" in pseudo("Save %(n)s")
