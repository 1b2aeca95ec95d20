"""Collect every text marked for people into the catalogues: `make messages`.

Texts are marked `_(…)` and `lazy(…)` in the house, `sentence(…)` in the rules, `{{ _(…) }}` in templates; titles and
words of the workflow templates are taken from their TOML, keys of the record that are said as words from their lists.

Writes `messages.pot` with what the code says now, and brings each language's `messages.po` up to it: translations
stay, what is no longer said goes, English is complete by itself.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from bespoke.models.commission import CommissionState
from bespoke.models.ledger import PaymentState
from bespoke.services import custody, options, production, sizes, stones
from workflows.alloys import ALLOYS
from workflows.faults import INSTALMENTS
from workflows.gems import GEMS, Origin, Shape
from workflows.milestone import Facet
from workflows.roles import Role
from workflows.stones import StoneStep, Whereabouts

ROOT = Path(__file__).resolve().parents[1]
TRANSLATIONS = ROOT / "bespoke" / "translations"
POT = TRANSLATIONS / "messages.pot"
SOURCE = "en"
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)  # a date that moved with each run would be all that changed in most
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "sentence": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
JINJA = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
KEYS: Sequence[tuple[str, Iterable[str]]] = (
    ("workflows/milestone.py", Facet),
    ("workflows/roles.py", Role),
    ("workflows/stones.py", Whereabouts),
    ("workflows/stones.py", StoneStep),
    ("workflows/gems/words.py", Shape),
    ("workflows/gems/words.py", Origin),
    ("bespoke/models/commission.py", CommissionState),
    ("bespoke/models/ledger.py", PaymentState),
    ("bespoke/models/ledger.py", ("card", "cash", "transfer")),
    ("bespoke/services/custody.py", custody.KINDS),
    ("workflows/faults.py", INSTALMENTS),
    ("bespoke/services/options.py", options.ROLES),
    ("bespoke/services/production.py", production.WEIGHINGS),
    ("bespoke/services/sizes.py", sizes.METHODS),
    ("bespoke/services/sizes.py", sizes.LENGTH_METHODS),
    ("bespoke/services/stones.py", stones.SOURCES),
)
SOURCES = (
    ("bespoke", "*.py", "python", {}),
    ("renders", "*.py", "python", {}),
    ("workflows", "*.py", "python", {}),
    ("templates", "*.html", "jinja2.ext:babel_extract", JINJA),
    ("templates", "*.txt", "jinja2.ext:babel_extract", JINJA),
)


def collected() -> Catalog:
    """The texts the code and the templates mark now."""
    catalogue = Catalog(project="Bespoke", version="1", creation_date=BEGUN, fuzzy=False, charset="utf-8")
    catalogue.header_comment = "# What the house says to people, as the code has it. Made by `make messages`."
    for path, method, settings in _sources():
        with path.open("rb") as text:
            for _line, message, comments, context in extract(method, text, KEYWORDS, ("For translators:",), settings):
                where = (path.relative_to(ROOT).as_posix(), None)
                catalogue.add(message, None, [where], auto_comments=comments, context=context)
    for message, place in _words():
        catalogue.add(message, None, [(place, None)])
    return catalogue


def _words() -> Iterator[tuple[str, str]]:
    """What is said of the workflow templates: titles and the names of what has to be put down; then the rules' keys."""
    for path in sorted((ROOT / "workflows" / "templates").glob("*.toml")):
        told, place = tomllib.loads(path.read_text(encoding="utf-8")), path.relative_to(ROOT).as_posix()
        yield told["title"], place
        yield told["key"], place
        for milestone in told["milestone"]:
            yield milestone["title"], place
            yield milestone["key"].replace("_", " "), place
            for name in milestone["evidence"]:
                yield name.replace("_", " "), place
    for alloy in ALLOYS.values():
        yield alloy.name, "workflows/alloys.py"
    for gem in GEMS.values():
        yield gem.name, "workflows/gems/species.py"
        if gem.care:
            yield gem.care, "workflows/gems/species.py"
    for place, words in KEYS:
        for one in words:
            yield one.replace("_", " "), place


def _sources() -> Iterator[tuple[Path, str, dict[str, str]]]:
    for folder, pattern, method, settings in SOURCES:
        for path in sorted((ROOT / folder).rglob(pattern)):
            if "migrations" not in path.parts:
                yield path, method, settings


def brought_up(file: Path, template: Catalog) -> Catalog:
    """The catalogue of one language with what is said now; English says what the code says."""
    language = file.parent.parent.name
    if file.is_file():
        with file.open("rb") as text:
            catalogue = read_po(text, locale=language, charset="utf-8")
    else:
        catalogue = Catalog(locale=language, project="Bespoke", version="1", charset="utf-8", fuzzy=False)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# What the house says to people, in {language}. Made by `make messages`."
    catalogue.creation_date = catalogue.revision_date = BEGUN
    if language == SOURCE:
        for message in catalogue:
            if message.id and not (any(message.string) if message.pluralizable else message.string):
                message.string = message.id
    return catalogue


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as text:
        write_po(text, catalogue, sort_output=True, include_lineno=False, width=120, ignore_obsolete=True)


def main() -> int:
    """Write the catalogues and say how many texts they hold."""
    template = collected()
    _write(POT, template)
    files = {TRANSLATIONS / SOURCE / "LC_MESSAGES" / "messages.po", *TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")}
    for file in sorted(files):
        catalogue = brought_up(file, template)
        _write(file, catalogue)
        empty = sum(1 for message in catalogue if message.id and not message.string)
        sys.stdout.write(f"{file.parent.parent.name}: {len(catalogue)} texts, {empty} not translated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
