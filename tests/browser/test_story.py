"""Two clients, two designers and the office bring two rings forward at once, in five browsers, on a served house.

Told in chapters; in each of them everybody's page is asked what it says, and what is refused is tried.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.story import (
    WAIT_MS,
    Someone,
    Street,
    a_served_house,
    drawn,
    form,
    letter,
    photograph_with_a_place,
    refused,
    said,
    says_where,
    send,
    taken,
    until,
)

LINK = r"(http://\S+/enter/\S+)"
CODE = r"\b(\d{3} ?\d{3})\b"
ADA, BEN = "Ada Quill", "Ben Sorrel"
WISH = "A clear stone on a plain band, low enough for gloves."
SEAL = re.compile(r"\b[0-9A-F]{4}\s?[0-9A-F]{4}\b")


class Tale:
    """Everybody at their window, and the references of the two commissions."""

    def __init__(self, street: Street, files: dict[str, Path]) -> None:
        self.files = files
        self.jonah = street.staff("jonah")
        self.ines, self.otto = street.staff("ines"), street.staff("otto")
        self.ada, self.ben = street.someone(*PHONE), street.someone(*PHONE)
        self.behind = self.ada.page  # a window of Ada's that is left open while things go on
        self.of_ada, self.of_ben = "OF-0001", "OF-0002"

    @property
    def commissions(self) -> tuple[tuple[Someone, Someone, str], ...]:
        """Client, designer and reference of each."""
        return (self.ada, self.ines, self.of_ada), (self.ben, self.otto, self.of_ben)


@pytest.fixture(scope="module")
def street(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with a_served_house(tmp_path_factory.mktemp("story")) as served:
        found = Street(chromium, served)
        yield found
        found.close()


@pytest.mark.timeout(1800)
def test_two_rings_from_enquiry_to_the_approved_design(street: Street, tmp_path: Path):
    tale = Tale(street, drawn(tmp_path))
    they_ask_and_come_in(tale)
    the_briefs_are_written(tale)
    the_briefs_are_agreed(tale)
    sketches_are_picked(tale)
    stones_are_put_forward(tale)
    ben_is_quicker(tale)
    ada_chooses_another_and_pays(tale)
    a_drawing_of_the_wrong_size_is_held_back(tale)
    an_upload_survives_a_broken_line(tale)
    ada_looks_and_asks_for_a_change(tale)
    the_second_revision_is_compared(tale)
    ada_approves_and_the_drawing_is_locked(tale)
    assert street.errors == []


def they_ask_and_come_in(tale: Tale) -> None:
    """An enquiry at the door each; the house answers; one comes by the mailed link, the other by one sent again."""
    for client, name in ((tale.ada, ADA), (tale.ben, BEN)):
        page = client.go("/enquire")
        refused_first = name == ADA
        asked = {"name": name, "email": address_of(name), "words": WISH}
        if refused_first:
            refused(page, "/enquire", 422, **asked, telephone="ring me", consent="yes")
            assert form(page, "/enquire").locator('[name="words"]').input_value() == WISH
        taken(page, "/enquire", **asked, telephone="", consent="yes")
        assert client.status(f"/my/{tale.of_ada}/") == 401
    for _client, _designer, reference in tale.commissions:
        page = tale.jonah.go(f"/studio/{reference}/brief")
        assert form(page, "/enquiry").locator('[name="how"]').input_value() != ""
        taken(page, "/enquiry")
        expect(page.locator('form[action$="/enquiry"]')).to_have_count(0)
    come_in(tale.ada, letter(tale.jonah, address_of(ADA), LINK))
    page = tale.jonah.go(f"/house/{tale.of_ben}/")
    page.get_by_role("link", name=BEN).click()
    before = letter(tale.jonah, address_of(BEN), LINK)
    page = tale.jonah.go(f"/house/{tale.of_ben}/")
    page.get_by_role("link", name=BEN).click()
    send(page, "/link")
    until(lambda: letter(tale.jonah, address_of(BEN), LINK) != before, page)
    come_in(tale.ben, letter(tale.jonah, address_of(BEN), LINK))
    assert tale.ada.status(f"/my/{tale.of_ben}/") == 404
    assert tale.ben.status(f"/my/{tale.of_ada}/") == 404
    assert tale.ben.status(f"/studio/{tale.of_ben}/") == 403


def the_briefs_are_written(tale: Tale) -> None:
    """Answer by answer; what is typed is there after a reload, and a picture loses where it was taken."""
    ada = tale.ada.go(f"/my/{tale.of_ada}/")
    ada.locator('.ask a[href*="/brief"]').click()
    taken(ada, "/brief/for", occasion="A birthday", for_whom="yourself")
    with ada.expect_response(lambda one: "/brief/moves" in one.url and one.request.method == "POST"):
        ada.locator('[name="story"]').press_sequentially("It was the sea that day.")
    ada.locator('[name="story"]').blur()
    ada.reload()
    expect(ada.locator('[name="story"]')).to_have_value("It was the sea that day.")
    expect(ada.locator('[name="wish"]')).to_have_value(WISH)
    picture = {"name": "IMG_0412.jpg", "mimeType": "image/jpeg", "buffer": photograph_with_a_place()}
    ada.locator('form[action$="/brief/pictures"] [name="picture"]').set_input_files(picture)  # type: ignore[arg-type]
    taken(ada, "/brief/pictures", caption="The blue, not the shape")
    kept = ada.locator("#pictures img").get_attribute("src") or ""
    assert not says_where(ada.request.get(tale.ada.address + kept).body())
    assert tale.ben.status(kept) == 404

    ben = tale.ben.go(f"/my/{tale.of_ben}/brief/for")
    taken(ben, "/brief/for", occasion="A proposal", is_surprise="yes")
    taken(ben, "/brief/moves", wish="One stone and nothing else.")
    refused(ben, "/brief/budget", 422, band="own", budget_from="9000", budget_to="70")
    taken(ben, "/brief/budget", budget_from="2000", budget_to="5000")

    taken(ada, "/brief/moves")
    taken(ada, "/brief/budget", band="own", budget_from="7000", budget_to="9500")
    for page, day in ((ada, "2031-12-24"), (ben, "")):
        taken(page, "/brief/metal", metals="AU750Y", lifestyle="Gloves in winter.")
        taken(page, "/brief/size", size_system="UK", size="M", size_method="ring_on_stick", band_width="2.0")
        taken(page, "/brief/day", needed_by=day)
        taken(page, "/brief/send")
        expect(page.get_by_role("status").first).to_be_visible()


def the_briefs_are_agreed(tale: Tale) -> None:
    """The designers put metal down and ask; the clients read it once more, with their size, and say yes."""
    for client, designer, reference in tale.commissions:
        page = designer.go(f"/studio/{reference}/brief")
        expect(page.locator("main")).to_contain_text("UK M")
        taken(page, "/A/alloy", alloy="AU750Y")
        taken(page, "/brief/forward")
        page = client.go(f"/my/{reference}/")
        page.locator('.ask a[href*="/brief/read"]').click()
        expect(page.locator("main")).to_contain_text("16.71")
        taken(page, "/brief/approve", read="yes")
        expect(page.locator('.ask a[href*="/brief/read"]')).to_have_count(0)
    expect(tale.otto.go(f"/studio/{tale.of_ben}/brief").locator("main")).to_contain_text("surprise")


def sketches_are_picked(tale: Tale) -> None:
    """Two sketches each; one client asks for another first."""
    for _client, designer, reference in tale.commissions:
        page = designer.go(f"/studio/{reference}/sketches")
        for note in ("Four claws", "Six claws"):
            sketch_of(page, note)
        taken(page, "/sketches/forward")
    ada = tale.ada.go(f"/my/{tale.of_ada}/")
    ada.locator('.ask a[href*="/sketches"]').click()
    ada.locator('details:has(form[action$="/sketches/another"]) > summary').click()
    taken(ada, "/sketches/another", note="With the claws like petals.")
    page = tale.ines.go(f"/studio/{tale.of_ada}/sketches")
    sketch_of(page, "Petals")
    taken(page, "/sketches/forward")
    for client, _designer, reference, number in ((*tale.commissions[0], "3"), (*tale.commissions[1], "1")):
        page = client.go(f"/my/{reference}/sketches")
        taken(page, "/sketches/pick", sketch=number, read="yes")
        page = client.go(f"/my/{reference}/sketches")
        expect(page.locator("figure.picked")).to_have_count(1)


def stones_are_put_forward(tale: Tale) -> None:
    """One designer enters the stones; both put the same two forward, and each client sees them with a price."""
    for reference, weight, mm in (("S-1", "1.01", "6.46"), ("S-2", "1.21", "6.86")):
        page = tale.ines.go("/studio/stones/new")
        stone = {"reference": reference, "weight_ct": weight, "length_mm": mm, "width_mm": mm, "depth_mm": "3.97"}
        report = {"laboratory": "GIA", "report_number": f"DEMO-{reference}", "treatment": "N", "country": "Botswana"}
        if reference == "S-1":
            refused(page, "/studio/stones/", 422, **{**stone, "length_mm": "NaN"}, **report)
            assert page.locator('[name="weight_ct"]').input_value() == weight
        taken(page, "/studio/stones/", **stone, **report)
    for client, designer, reference in tale.commissions:
        page = designer.go(f"/studio/{reference}/stones")
        for stone_name, price in (("S-1", "4200"), ("S-2", "7900")):
            taken(page, "/A/stones", stone=stone_name, price=price, note="Clear, and lively.")
        page = client.go(f"/my/{reference}/")
        page.locator('.ask a[href*="/stones"]').click()
        expect(page.locator('form[action$="/choose"]').locator("visible=true")).to_have_count(2)


def ben_is_quicker(tale: Tale) -> None:
    """Ben chooses the stone both were shown, accepts, and pays by card, which his bank refuses once."""
    tale.ada.go(f"/my/{tale.of_ada}/stones")  # and leaves it lying
    ben = tale.ben.go(f"/my/{tale.of_ben}/stones")
    choose(ben, "1.01")
    taken(tale.otto.go(f"/studio/{tale.of_ben}/stones"), "/stones/hand-in")
    taken(tale.ben.go(f"/my/{tale.of_ben}/stones"), "/stones/approve", read="yes")
    a_price_is_sent(tale, tale.of_ben, carat="1200")
    ben = tale.ben.go(f"/my/{tale.of_ben}/quote")
    taken(ben, "/quote/accept", read="yes")
    ben.wait_for_url("**/pay/deposit")
    ben = tale.ben.go(f"/my/{tale.of_ben}/pay/deposit?by=card")
    for bank in ("no", "yes"):
        send(ben, "/pay/deposit/card")
        ben.locator(f'button[name="bank"][value="{bank}"]').click()
        ben.wait_for_url("**/pay/deposit**")
        expect(ben.locator('form[action$="/pay/deposit/card"]')).to_have_count(1 if bank == "no" else 0)
    expect(ben.get_by_role("link", name=re.compile("Receipt"))).to_be_visible()
    page = tale.otto.go(f"/studio/{tale.of_ben}/stones")
    expect(page.locator(".opts li").filter(has_text="S-1")).to_contain_text("Locked")


def ada_chooses_another_and_pays(tale: Tale) -> None:
    """The stone is gone while she thought; her price needs a mailed code, her transfer is matched by the office."""
    ada = tale.ada.page  # the page of before
    found = ada.locator('form[action$="/choose"]').filter(has_text="1.01").locator("visible=true").first
    with ada.expect_response(lambda one: one.request.method == "POST") as answered:
        found.locator("button").click()
    assert answered.value.status == 409
    expect(ada.locator(".nearest")).to_contain_text("1.21")
    choose(ada, "1.21")
    taken(tale.ines.go(f"/studio/{tale.of_ada}/stones"), "/stones/hand-in")
    taken(tale.ada.go(f"/my/{tale.of_ada}/stones"), "/stones/approve", read="yes")
    a_price_is_sent(tale, tale.of_ada, carat="3000")
    taken(tale.jonah.page, "/promise")
    ada = tale.ada.go(f"/my/{tale.of_ada}/quote")
    with_the_code(tale, ada, "/quote/code")
    refused(ada, "/quote/accept", 422, read="yes", code="000000")
    taken(ada, "/quote/accept", read="yes", code=letter(tale.jonah, address_of(ADA), CODE))
    ada.wait_for_url("**/pay/deposit")
    due = re.sub(r"[^\d.]", "", ada.locator("#amount").inner_text())
    taken(ada, "/pay/deposit/sent")
    expect(ada.locator('form[action$="/sent"]')).to_have_count(0)

    office = tale.jonah.go(f"/house/{tale.of_ada}/")
    slipped = {"amount": due[:-4] + ".00", "bank_reference": "Line 0412"}
    refused(office, "/payments/deposit", 422, **slipped)
    assert form(office, "/payments/deposit").locator('[name="bank_reference"]').input_value() == "Line 0412"
    assert tale.ines.go(f"/house/{tale.of_ada}/").locator('form[action*="/payments/"]').count() == 0
    taken(office, "/payments/deposit", amount=due, bank_reference="Line 0412")
    page = tale.ines.go(f"/studio/{tale.of_ada}/stones")
    expect(page.locator(".opts li").filter(has_text="S-2")).to_contain_text("Locked")
    ada = tale.ada.go(f"/my/{tale.of_ada}/pay/deposit")
    expect(ada.get_by_role("link", name=re.compile("Receipt"))).to_be_visible()
    expect(tale.ada.go(f"/my/{tale.of_ada}/stones").locator('form[action$="/choose"]')).to_have_count(0)


def a_drawing_of_the_wrong_size_is_held_back(tale: Tale) -> None:
    """A band too wide, in a unit nobody named, is measured and cannot be published; the client sees nothing of it."""
    page = tale.ines.go(f"/studio/{tale.of_ada}/")
    page.locator('[name="cad"]').set_input_files(tale.files["wide"])
    form(page, "/A/revisions").locator("button").last.click()
    expect(page.locator("#examination progress")).to_be_visible(timeout=WAIT_MS)
    examined(page)
    expect(page.locator(".ck li.fail")).to_have_count(2)
    expect(page.locator(".ck li.fail").last).to_contain_text("18.39")
    expect(page.locator('form[action$="/A/publish"]')).to_have_count(0)
    expect(page.locator("#publish button[disabled]")).to_be_visible()
    assert tale.ada.status(f"/my/{tale.of_ada}/look/1") == 404


def an_upload_survives_a_broken_line(tale: Tale) -> None:
    """The right drawing is half sent when the lid closes; it goes on where it was, and is published with a note."""
    page = tale.ines.go(f"/studio/{tale.of_ada}/")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url[-1]) if one.method == "PUT" else None)
    page.route("**/uploads/*/2", lambda route: route.abort())
    page.locator('[name="cad"]').set_input_files(tale.files["first"])
    form(page, "/A/revisions").locator("button").last.click()
    expect(page.locator("[data-uploads] [data-part]")).to_have_text(re.compile(r"^[5-9]\d %"), timeout=WAIT_MS)
    tale.ines.page = page.context.new_page()
    page.close()
    page = tale.ines.go(f"/studio/{tale.of_ada}/")
    expect(form(page, "/A/revisions").locator('[name="unit"]')).to_have_value("")
    expect(page.locator("[data-uploads] [data-words]")).to_contain_text("first.obj", timeout=WAIT_MS)
    again: list[str] = []
    page.on("request", lambda one: again.append(one.url[-1]) if one.method == "PUT" else None)
    page.locator('[name="cad"]').set_input_files(tale.files["first"])
    form(page, "/A/revisions").locator('[name="unit"]').select_option("mm")
    form(page, "/A/revisions").locator('[name="note"]').fill("Four claws on a plain band.")
    form(page, "/A/revisions").locator("button").last.click()
    expect(page.locator("#examination h2")).to_contain_text("2", timeout=WAIT_MS)
    assert "1" in sent
    assert again == ["2"]
    examined(page)
    expect(page.locator(".ck li.pass").first).to_be_visible()
    expect(page.locator(".ck li.fail")).to_have_count(0)
    taken(page, "/A/publish", note="Four claws, as in the third sketch.")


def ada_looks_and_asks_for_a_change(tale: Tale) -> None:
    """She turns the model, pins a note, and asks for a change; a second window of hers is left behind."""
    ada = tale.ada.go(f"/my/{tale.of_ada}/")
    ada.locator('.ask a[href*="/look/2"]').click()
    expect(ada.locator("main")).to_contain_text("Four claws, as in the third sketch.")
    ada.wait_for_selector(".vp.ready", timeout=WAIT_MS)
    taken(ada, "/look/2/notes", note="Six claws, please.")
    expect(tale.ines.go(f"/studio/{tale.of_ada}/").locator("#notes")).to_contain_text("Six claws, please.")
    tale.behind = tale.ada.another(f"/my/{tale.of_ada}/look/2/approve")
    left = tale.ada.another(f"/my/{tale.of_ada}/look/2/changes")
    left.locator('[name="note"]').fill("And a finer band.")
    page = tale.ada.go(f"/my/{tale.of_ada}/look/2/changes")
    taken(page, "/look/2/changes", note="The rest is right.")
    answer = send(left, "/look/2/changes")
    assert answer.status == 409, said(left)
    expect(left.get_by_label(re.compile("wrote"))).to_have_value("And a finer band.")
    left.close()
    expect(tale.ines.go("/studio/").locator("main")).to_contain_text(ADA)


def the_second_revision_is_compared(tale: Tale) -> None:
    """The next drawing answers the note; what changed is told; the one before it cannot be approved any more."""
    page = tale.ines.go(f"/studio/{tale.of_ada}/")
    settle(page)
    page.locator('[name="cad"]').set_input_files(tale.files["second"])
    form(page, "/A/revisions").locator('[name="unit"]').select_option("mm")
    form(page, "/A/revisions").locator("button").last.click()
    expect(page.locator("#examination h2")).to_contain_text("3", timeout=WAIT_MS)
    examined(page)
    expect(page.locator("#publish button[disabled]")).to_be_visible()  # her other wish has no answer yet
    settle(page)
    waits = tale.otto.go(f"/studio/{tale.of_ada}/")  # the other designer has the same page open
    expect(form(waits, "/A/publish")).to_be_visible()
    taken(page, "/A/publish", note="Six claws now.")
    behind = tale.behind  # where revision 2 still waits for its yes
    with behind.expect_response(lambda one: one.request.method == "POST") as answered:
        behind.locator('[formaction*="/look/2/code"]').click()
    assert answered.value.status == 409, said(behind)
    expect(behind.locator('main a[href*="/look/3"]').first).to_be_visible()
    expect(behind.locator('form[action*="/look/2/approve"]')).to_have_count(0)
    behind.close()
    ada = tale.ada.go(f"/my/{tale.of_ada}/look/3/from/2")
    expect(ada.locator("[data-compare] img")).to_have_count(2)
    expect(ada.locator("main dl").first).to_be_visible()


def ada_approves_and_the_drawing_is_locked(tale: Tale) -> None:
    """Five facts, a mailed code, a seal; then nobody publishes over it, and the second designer is told so."""
    ada = tale.ada.go(f"/my/{tale.of_ada}/look/3/approve")
    with_the_code(tale, ada, "/look/3/code")
    refused(ada, "/look/3/approve", 422, read="yes", code="000000")
    taken(ada, "/look/3/approve", read="yes", code=letter(tale.jonah, address_of(ADA), CODE))
    expect(ada.locator("main")).to_contain_text(SEAL)
    expect(ada.locator('form[action*="/approve"]')).to_have_count(0)
    refused(tale.otto.page, "/A/publish", 409, note="Once more.")
    page = tale.ines.go(f"/studio/{tale.of_ada}/")
    expect(page.locator("#publish")).to_contain_text(SEAL)
    expect(page.locator('form[action$="/A/publish"]')).to_have_count(0)
    expect(tale.jonah.go(f"/house/{tale.of_ada}/").locator("#A-render_approval time")).to_be_visible()
    assert tale.ben.status(f"/my/{tale.of_ada}/look/3") == 404
    expect(tale.ben.go(f"/my/{tale.of_ben}/").locator("h1")).to_be_visible()


def address_of(name: str) -> str:
    """Where somebody's mail goes."""
    return f"{name.split()[0].lower()}@example.org"


def come_in(someone: Someone, link: str) -> None:
    """Open a mailed link; it opens once, by a press, not by being looked at."""
    page = someone.go(link)
    page.reload()
    page.locator("main button").click()
    page.wait_for_url("**/my/**")


def sketch_of(page: Page, note: str) -> None:
    """Add one sketch with words about it."""
    picture = {"name": f"{note}.jpg", "mimeType": "image/jpeg", "buffer": photograph_with_a_place(note)}
    page.locator('[name="sketch"]').set_input_files(picture)  # type: ignore[arg-type]
    taken(page, "/A/sketches", note=note)
    expect(page.locator("figcaption", has_text=note).last).to_be_visible()


def choose(page: Page, weight: str) -> None:
    """The stone of that weight."""
    found = page.locator('form[action$="/choose"]').filter(has_text=weight).locator("visible=true").first
    with page.expect_response(lambda one: one.request.method == "POST") as answered:
        found.locator("button").click()
    assert answered.value.status == 303, said(page)
    page.wait_for_load_state()


def a_price_is_sent(tale: Tale, reference: str, *, carat: str) -> None:
    """The office reckons a price from rows, makes it firm and sends it."""
    page = tale.jonah.go(f"/studio/{reference}/quote")
    rows = {"A-metal-0-alloy": "AU750Y", "A-metal-0-net_g": "4.10", "A-metal-0-allowance_g": "2.5"}
    rows |= {"A-metal-0-spot": "3000", "A-stone-0-per_carat": carat, "A-labour-0-label": "Making"}
    rows |= {"A-labour-0-hours": "8", "A-labour-0-rate": "60"}
    for name, value in rows.items():
        box = page.locator(f'[name="{name}"]')
        box.select_option(value) if name.endswith("alloy") else box.fill(value)
    page.locator('button[name="do"][value="firm"]').click()
    expect(form(page, "/send")).to_be_visible()
    taken(page, "/send")
    expect(page.locator('form[action$="/send"]')).to_have_count(0)


def with_the_code(tale: Tale, page: Page, end: str) -> None:
    """Have the code mailed."""
    page.locator(f'[formaction*="{end}"]').click()
    expect(page.locator('[name="code"]')).to_be_visible()


def settle(page: Page) -> None:
    """Answer the open note with words, and settle it."""
    found = page.locator('#notes form[action*="/notes/"]').first
    found.locator('[name="note"]').fill("Six claws now, a little finer.")
    with page.expect_response(lambda one: one.request.method == "POST") as answered:
        found.locator('button[name="settle"]').click()
    assert answered.value.status == 303, said(page)
    page.wait_for_load_state()


def examined(page: Page) -> None:
    """Wait until the drawing on the page has been measured and pictured."""
    expect(page.locator("#workspace:not([data-refresh])")).to_be_visible(timeout=WAIT_MS)
