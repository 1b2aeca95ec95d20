"""The small scripts of every page: words are kept until they are taken, a button goes once, a region looks again."""

import pytest
from flask import Flask, redirect, render_template_string, request
from playwright.sync_api import Page, expect
from werkzeug.wrappers import Response

from tests.browser.conftest import DESKTOP, Open, Served

PAGE = """{% extends "layouts/base.html" %}
{% from "components/forms.html" import note, field with context %}
{% from "components/actions.html" import copy with context %}{% block main %}<main id="main"><h1>Try</h1>
{% if refused %}<p role="alert">Refused</p>{% endif %}
<form method="post" action="/try"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{{ note("wish", "Wish", value=value) }}{{ field("secret", "Secret", "password") }}
<label><input type="checkbox" name="read"> Read</label>
<button name="do" value="send" data-busy="Sending…">Send</button>
<button name="do" value="refuse">Refuse me</button></form>
<section id="lived" data-refresh="self" data-every="0.2" data-said="{{ count }} looked">
<div><div><p id="count">{{ count }}</p></div></div>
<form method="post" action="/try"><label for="other">Other</label><input id="other" name="other"></form>
<details id="more"><summary>More</summary>there is</details></section>
{{ copy("OF-0412-D") }}</main>{% endblock %}"""


SETTLED_MS = 400  # what is typed is kept a quarter of a second later


class Tried:
    """What the page of these tests was sent, and what it says."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.looked = 0
        self.value = ""

    def show(self) -> str:
        """The page, counting how often it was looked at."""
        self.looked += 1
        return render_template_string(PAGE, count=self.looked, value=self.value, refused=False)

    def take(self) -> str | tuple[str, int] | Response:
        """A post: taken, or refused where it asks to be."""
        self.sent.append(request.form.get("wish", ""))
        if request.form.get("do") == "refuse":
            return render_template_string(PAGE, count=0, value=self.value, refused=True), 422
        return redirect("/try", 303)


def add_page(app: Flask) -> Tried:
    """A page of its own for these tests, in the frame of every other."""
    tried = Tried()
    app.add_url_rule("/try", "public.try_it", tried.show)
    app.add_url_rule("/try", "public.try_out", tried.take, methods=["POST"])
    return tried


@pytest.fixture(scope="module")
def tried(served: Served) -> Tried:
    return add_page(served.site.app)


@pytest.fixture
def wish(open_page: Open, tried: Tried) -> Page:
    tried.value = ""
    tried.sent.clear()
    return open_page("/try", "client", DESKTOP)


def typed(page: Page, words: str) -> None:
    page.get_by_label("Wish").fill(words)
    page.wait_for_timeout(SETTLED_MS)


def test_typed_words_survive_a_reload(wish: Page):
    typed(wish, "A blue like the sea")
    wish.get_by_label("Secret").fill("never kept")
    wish.get_by_label("Read").check()
    wish.wait_for_timeout(SETTLED_MS)
    wish.reload()
    expect(wish.get_by_label("Wish")).to_have_value("A blue like the sea")
    expect(wish.get_by_label("Secret")).to_have_value("")
    expect(wish.get_by_label("Read")).not_to_be_checked()
    expect(wish.locator("#live")).to_contain_text("looked")


def test_typed_words_survive_a_refusal_and_go_when_they_are_taken(wish: Page, tried: Tried):
    typed(wish, "Lower, please")
    wish.get_by_role("button", name="Refuse me").click()
    expect(wish.get_by_role("alert").first).to_have_text("Refused")
    expect(wish.get_by_label("Wish")).to_have_value("Lower, please")
    wish.get_by_role("button", name="Send").click()
    wish.wait_for_load_state()
    expect(wish.get_by_label("Wish")).to_have_value("")
    assert tried.sent == ["Lower, please", "Lower, please"]
    wish.reload()
    expect(wish.get_by_label("Wish")).to_have_value("")


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(wish: Page, tried: Tried):
    typed(wish, "My words")
    tried.value = "Words of another"
    wish.reload()
    expect(wish.get_by_label("Wish")).to_have_value("Words of another")
    wish.get_by_role("button", name="Put it back").click()
    expect(wish.get_by_label("Wish")).to_have_value("My words")


def test_signing_out_forgets_what_was_typed(wish: Page):
    typed(wish, "Between us")
    wish.locator("summary", has_text="open the menu").click()
    wish.get_by_role("button", name="Sign out").click()
    wish.wait_for_url("**/")
    assert wish.evaluate("Object.keys(localStorage).length") == 0


PRESS_TWICE = """() => {
  const form = document.querySelector('form[action="/try"]'), button = form.querySelector("button");
  button.click();
  window.name = `${button.getAttribute("aria-busy")} ${button.textContent}`;
  button.click();
}"""


def test_a_button_goes_once_and_says_so(wish: Page, tried: Tried):
    with wish.expect_navigation():
        wish.evaluate(PRESS_TWICE)
    wish.wait_for_timeout(SETTLED_MS)
    assert wish.evaluate("window.name") == "true Sending…"
    assert len(tried.sent) == 1


def test_a_region_looks_again_and_leaves_typed_words_and_opened_parts(wish: Page):
    wish.locator("#more summary").click()
    before = wish.locator("#count").inner_text()
    expect(wish.locator("#count")).not_to_have_text(before)
    expect(wish.locator("#more")).to_have_attribute("open", "")
    wish.get_by_label("Other").fill("do not lose me")
    now = wish.locator("#count").inner_text()
    expect(wish.locator("#count")).not_to_have_text(now)
    expect(wish.get_by_label("Other")).to_have_value("do not lose me")
    expect(wish.get_by_label("Other")).to_be_focused()
    expect(wish.locator("#live")).to_contain_text("looked")
