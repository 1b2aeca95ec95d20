"""The viewing room in a browser: the model, its keys, notes on its surface, the slider, and a yes by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bespoke.models.design import Pin
from bespoke.models.factor import StepUp
from bespoke.models.piece import Piece
from bespoke.services import approvals, designs, stepup
from tests.browser.conftest import DESKTOP, PHONE, Open, Served
from tests.factories import NOON
from tests.lookable import furnish
from tests.making import drawn
from tests.web.conftest import OWN
from workflows.snapshot import Status

Look = Callable[[Page], None]
SECOND = f"/my/{OWN}/look/2"
NOW = "[data-degrees][aria-current]"  # the frame of the strip nearest to how the model stands
READY_MS = 90_000  # a processor draws the model here, and others work on it too


@pytest.fixture(scope="module", autouse=True)
def revisions(served: Served) -> None:
    """The first client has two revisions, the second before them; the other client one without a model."""
    house, site = served.site.house, served.site
    with house.database.transaction() as session:
        piece = session.get_one(Piece, site.piece_id())
        furnish(session, house.storage, piece.revisions[0], head_mm="5.918")
        approvals.ask_changes(session, piece, "render_approval", "Lower.", site.cast.client, at=NOON)
        revision = drawn(session, house.storage, piece, site.cast, "second")
        furnish(session, house.storage, revision, weight_g=5.081)
        designs.publish(session, piece, site.cast.designer, at=NOON)


def ready(page: Page) -> Page:
    """The page once its model is there."""
    page.wait_for_selector(".vp.ready", timeout=READY_MS)
    return page


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["", "/approve", "/changes", "/from/1"], ids=["room", "approve", "changes", "from"])
def test_every_room_is_clean_on_the_dark_ground(open_page: Open, axe: Look, path: str, size: tuple[int, int]):
    page = open_page(SECOND + path, "client", size)
    axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0
    expect(page.locator("h1")).to_have_count(1)


def test_the_model_takes_the_place_of_the_picture_and_turns_by_keys(open_page: Open):
    page = ready(open_page(SECOND, "client", DESKTOP))
    expect(page.locator(".live canvas")).to_be_visible()
    expect(page.locator("[data-ring]")).to_be_hidden()
    expect(page.locator(NOW)).to_have_attribute("data-degrees", "0")
    page.locator(".live").focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(page.locator(NOW)).to_have_attribute("data-degrees", "90", timeout=READY_MS)
    page.keyboard.press("0")
    expect(page.locator(NOW)).to_have_attribute("data-degrees", "330", timeout=READY_MS)
    for key in ("+", "-", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    page.locator('[data-degrees="180"]').click()
    expect(page.locator(NOW)).to_have_attribute("data-degrees", "180", timeout=READY_MS)
    assert page.url.endswith(SECOND)


def test_dimension_lines_are_drawn_and_put_away(open_page: Open):
    page = ready(open_page(SECOND, "client", DESKTOP))
    expect(page.locator("[data-dims]")).to_contain_text("16.72")
    page.get_by_role("button", name="Show measures").click()
    expect(page.locator("[data-dims]")).to_be_hidden()


def test_a_note_is_put_on_the_surface_by_hand_and_by_keyboard(open_page: Open, served: Served):
    page = ready(open_page(SECOND, "client", DESKTOP))
    page.get_by_role("button", name="Add a note on the piece").click()
    page.locator('[data-tool="front"]').click()
    page.locator(".live").focus()
    page.keyboard.press("Enter")  # the middle of the picture
    note = page.get_by_label("A question or a wish")
    if page.locator('[name="x"]').input_value() == "":  # the piece has a hole there: touch where it is
        box = page.locator(".live").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] * 0.42, box["y"] + box["height"] * 0.62)
    expect(note).to_be_focused()
    assert page.locator('[name="body"]').input_value() == "Band"
    page.keyboard.type("Is it open below?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#note-*")
    ready(page)
    pin = page.get_by_role("button", name="Note 2: Is it open below?")
    expect(pin).to_be_visible()
    pin.focus()
    expect(page.locator("li.lit")).to_contain_text("Is it open below?")
    page.keyboard.press("Enter")
    expect(page.locator("li.lit, li:focus")).to_have_count(1)
    with served.site.house.database.reading() as session:
        row = session.scalars(select(Pin).where(Pin.text == "Is it open below?")).one()
        assert row.body == "Band"
        assert row.y_mm == pytest.approx(0, abs=0.01)


def test_another_metal_colours_the_model_and_says_so(open_page: Open):
    page = ready(open_page(SECOND, "client", DESKTOP))
    page.get_by_role("radio", name="Rose gold").check(force=True)
    expect(page.locator("[data-metal]")).to_contain_text("coloured as rose gold would look")
    page.get_by_role("radio", name="Yellow gold").check(force=True)
    expect(page.locator("[data-metal]")).to_contain_text("drawn in yellow gold, as quoted")


def test_a_lost_model_leaves_the_pictures_and_says_why(open_page: Open):
    page = open_page("/v/", "client", DESKTOP)
    page.route(_model_of(page, SECOND), lambda route: route.fulfill(status=404))
    page.goto(page.url.partition("/v/")[0] + SECOND)
    expect(page.locator("[data-ring]")).to_contain_text("could not be fetched")
    expect(page.locator(".vp > .still")).to_be_visible()
    expect(page.locator(".tools")).to_be_hidden()


def test_without_scripts_every_picture_is_a_link(open_page: Open):
    page = open_page(SECOND, "client", DESKTOP, scripts=False)
    expect(page.locator(".vp > .still")).to_be_visible()
    expect(page.locator(".tools")).to_be_hidden()
    page.locator('[data-degrees="90"]').click()
    assert page.url.endswith("?turn=90")
    page.get_by_role("link", name="Compare with revision 1").click()
    expect(page.locator(".pair img")).to_have_count(2)
    expect(page.locator(".pair input")).to_be_hidden()


def test_a_browser_that_draws_no_models_keeps_the_pictures(open_page: Open, served: Served):
    page = open_page("/v/", "client", DESKTOP)
    page.add_init_script(
        "const kept = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        " return kind === 'webgl2' ? null : kept.call(this, kind, ...rest); }"
    )
    page.goto(served.address + SECOND)
    expect(page.locator("[data-ring]")).to_contain_text("does not draw the model")
    page.locator('[data-degrees="90"]').click()
    assert page.url.endswith("?turn=90")


def test_the_edge_between_two_revisions_moves_by_keys(open_page: Open):
    page = open_page(f"{SECOND}/from/1", "client", DESKTOP)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('.pair').style.getPropertyValue('--x')") == "52%"
    boxes = [page.locator(f".pair .{one} img").bounding_box() for one in ("was", "now")]
    assert boxes[0] == boxes[1]


def test_a_revision_is_approved_by_keyboard_alone(open_page: Open, served: Served):
    page = open_page(SECOND, "client", DESKTOP)
    _to(page, "Approve revision 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/look/2/approve")
    _to(page, "Send me the code")
    page.keyboard.press("Enter")
    page.wait_for_url("**/approve#code")
    with served.site.house.database.transaction() as session:
        code = stepup.fresh_code(session, session.scalars(select(StepUp.id).order_by(StepUp.id.desc())).first() or 0)
    assert code is not None
    _to(page, "I have read these five facts")
    page.keyboard.press("Space")
    _to(page, "The six digits we mailed you")
    page.keyboard.type(code)
    _to(page, "Approve revision 2")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("You approved revision 2")
    expect(page.locator("main")).to_contain_text("seal")
    with served.site.house.database.reading() as session:
        piece = session.get_one(Piece, served.site.piece_id())
        assert piece.milestone("render_approval").status is Status.DONE


def _to(page: Page, words: str, most: int = 80) -> None:
    """Press Tab until what has the focus is called so."""
    name = (
        "(() => { const one = document.activeElement;"
        " const label = one.labels && one.labels.length ? one.labels[0].textContent : '';"
        " return (one.getAttribute('aria-label') || label || one.textContent || '').trim(); })()"
    )
    for _ in range(most):
        page.keyboard.press("Tab")
        if str(page.evaluate(name)).startswith(words):
            return
    raise AssertionError(f"the keyboard does not reach “{words}”")


def _model_of(page: Page, path: str) -> str:
    """The address of a room's model, as its page says."""
    answer = page.request.get(page.url.partition("/v/")[0] + path)
    return "**" + answer.text().partition('data-model="')[2].partition('"')[0]
