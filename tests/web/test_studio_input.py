"""Whatever is sent to the studio: the right status and a sentence, the words kept, and never a fault of ours."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import FOREIGN, OWN, Website, open_website

WORDS = "Something that took a while to write."
NASTY = {
    "empty": "",
    "blank": " \t\n",
    "nan": "NaN",
    "signalling": "sNaN",
    "infinite": "-Infinity",
    "exponent": "1e999999",
    "negative": "-1",
    "comma": "1,5",
    "arabic": "٣",
    "huge": "9" * 4000,
    "controls": "a\x00b\x1b[31m\x07",
    "direction": "ring\u202elts",
    "surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "markup": "<script>alert(1)</script>",
    "injection": "'; DROP TABLE pieces; --",
    "path": "../../etc/passwd",
    "date": "0001-01-01",
    "late": "9999-12-31",
    "no day": "2026-02-30",
    "emoji": "💍" * 30,
}
FIELDS = {
    "/studio/{ref}/enquiry": ("how", "words"),
    "/studio/{ref}/brief/forward": (),
    "/studio/{ref}/A/alloy": ("alloy",),
    "/studio/{ref}/A/size": ("method", "band_width_mm", "size"),
    "/studio/{ref}/promise": (),
    "/studio/{ref}/A/publish": ("note", "revision"),
    "/studio/{ref}/A/publish/back": ("why", "revision"),
    "/studio/{ref}/A/unit": ("unit",),
    "/studio/{ref}/A/blocks/bore_off": ("reason",),
    "/studio/{ref}/A/rev/1/notes": ("note", "for_client"),
    "/studio/{ref}/A/rev/1/notes/1": ("note", "settle", "pin"),
    "/studio/{ref}/messages": ("note", "internal"),
    "/studio/{ref}/A/revisions": ("note", "unit"),
    "/studio/{ref}/A/uploads": ("name", "size"),
    "/studio/{ref}/A/uploads/AAAAAAAAAAAAAAAAAAAAAA/finish": ("note", "unit"),
    "/studio/{ref}/A/sketches": ("note",),
    "/studio/{ref}/A/sketches/forward": (),
    "/studio/stones/": (
        "reference",
        "gem",
        "shape",
        "origin",
        "growth",
        "pieces",
        "weight_ct",
        "weight_source",
        "length_mm",
        "width_mm",
        "depth_mm",
        "colour",
        "country",
        "inscription",
        "treatment",
        "supplier",
        "cost",
        "memo_due",
        "laboratory",
        "report_number",
        "issued",
    ),
    "/studio/stones/T-001/reports": ("laboratory", "report_number", "issued"),
    "/studio/stones/T-001/forward": ("piece", "role", "price", "until", "note"),
    "/studio/{ref}/A/stones": ("stone", "role", "price", "until", "note"),
    "/studio/{ref}/A/stones/hand-in": (),
    "/studio/{ref}/A/stones/1/hold": ("until",),
    "/studio/{ref}/A/stones/1/release": ("reason",),
    "/studio/{ref}/A/stones/1/withdraw": (),
    "/studio/{ref}/quote": (
        "do",
        "A-metal-0-alloy",
        "A-metal-0-net_g",
        "A-metal-0-allowance_g",
        "A-metal-0-spot",
        "A-metal-0-premium",
        "A-stone-0-label",
        "A-stone-0-weight_ct",
        "A-stone-0-pieces",
        "A-stone-0-per_carat",
        "A-stone-0-each",
        "A-stone-0-breakage",
        "A-labour-0-label",
        "A-labour-0-hours",
        "A-labour-0-rate",
        "A-outside-0-label",
        "A-outside-0-cost",
        "A-overhead",
        "A-markup-metal",
        "A-adjustment",
        "included",
        "valid_days",
        "stage",
        "plan",
        "date_delta_days",
        "reason",
    ),
    "/studio/{ref}/quote/1/send": (),
}
GOOD = {
    "method": "mandrel",
    "band_width_mm": "2.2",
    "size": "UK M",
    "do": "firm",
    "gem": "diamond",
    "shape": "round",
    "origin": "natural",
    "growth": "",
    "pieces": "1",
    "weight_ct": "1.01",
    "weight_source": "lab_report",
    "length_mm": "6.48",
    "width_mm": "6.46",
    "role": "centre",
    "stage": "concept",
    "plan": "30/40/30",
    "valid_days": "14",
    "date_delta_days": "0",
    "A-metal-0-alloy": "AU750Y",
    "A-metal-0-net_g": "5.1",
    "A-metal-0-spot": "3000",
    "A-stone-0-label": "T-001",
    "A-stone-0-weight_ct": "1.01",
    "A-stone-0-pieces": "1",
    "A-stone-0-each": "5000",
    "A-labour-0-label": "Making",
    "A-labour-0-hours": "1",
    "A-labour-0-rate": "60",
    "A-outside-0-label": "Hallmark",
    "A-outside-0-cost": "22",
}
JSON = {"Accept": "application/json"}
REFUSALS = {303, 200, 400, 403, 404, 409, 413, 422}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    folder = tmp_path_factory.mktemp("input")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    website = open_website(f"sqlite:///{path}", folder)
    website.app.config["WTF_CSRF_ENABLED"] = False
    yield website
    website.house.close()


@pytest.fixture(scope="module")
def owner(site: Website) -> FlaskClient:
    return site.browser("owner")


@pytest.mark.parametrize("path", sorted(FIELDS))
def test_nothing_that_is_typed_is_a_fault_of_ours(site: Website, owner: FlaskClient, path: str):
    address, nasty = path.format(ref=OWN), list(NASTY.values())
    tries = [dict.fromkeys(FIELDS[path], text) for text in nasty]
    usual = {one: GOOD.get(one, "") for one in FIELDS[path]}
    # each field by itself is given something, another thing to each: all of it at all would take minutes
    tries += [usual | {field: nasty[place % len(nasty)]} for place, field in enumerate(FIELDS[path])]
    for said in tries:
        answer = owner.post(address, data=said, headers=JSON if "/uploads" in path else {})
        assert answer.status_code in REFUSALS, (path, said, answer.text)
        if answer.status_code == 422:
            assert "told" in answer.text, (path, said)


def test_every_address_that_takes_something_is_tried(site: Website):
    adapter = site.app.url_map.bind("localhost")
    tried = {adapter.match(path.format(ref=OWN), method="POST")[0] for path in FIELDS} | {"studio.uploads.part"}
    taking = {
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("studio.") and {"POST", "PUT"} & (rule.methods or set())
    }
    assert tried == taking


@pytest.mark.parametrize(
    "path",
    [
        "/studio/OF-9999/",
        "/studio/OF%00-0001/",
        "/studio/..%2f..%2fetc/",
        f"/studio/{OWN}/?piece=Z",
        f"/studio/{OWN}/rev/9/",
        f"/studio/{OWN}/rev/99999999999999999999999999/",
        f"/studio/{OWN}/files/{'0' * 64}",
        f"/studio/{OWN}/files/%00",
        "/studio/stones/NONE/",
        "/studio/stones/%00/",
        "/studio/stones/T-001/files/x",
        f"/studio/{OWN}/A/uploads/nothing",
        f"/studio/{OWN}/as-client/%00",
        "/studio/?before=2026-03-02T12:00:00_1",
        "/studio/?before=0001-01-01T00:00:00+00:00_x",
    ],
)
def test_what_does_not_exist_is_not_found(owner: FlaskClient, path: str):
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/studio/?q=%00%25_%5c&whose=%00&late=2&look=%00",
        "/find?q=%00&at=%00",
        "/find?q=" + "x" * 5000,
        "/find?q=%25%25%25_%5c",
        "/studio/stones/?q=%25_%5c%00&after=%00",
        f"/studio/{OWN}/rev/1/?against=999999999999",
        f"/studio/{OWN}/stones?q=%00",
    ],
)
def test_what_is_looked_for_may_be_anything(owner: FlaskClient, path: str):
    assert owner.get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/studio/{ref}/A/publish", {"note": WORDS, "revision": "7"}),
        ("/studio/{ref}/messages", {"note": WORDS * 400}),
        ("/studio/{ref}/A/stones", {"stone": "T-001", "role": "crown", "note": WORDS}),
        ("/studio/{ref}/quote", {"do": "firm", "included": WORDS}),
        ("/studio/stones/", {"reference": "S-1", "supplier": WORDS}),
    ],
)
def test_what_was_typed_is_not_lost(owner: FlaskClient, path: str, said: dict[str, str]):
    answer = owner.post(path.format(ref=OWN), data=said)
    assert answer.status_code in (409, 422)
    assert WORDS in answer.text
    assert 'role="alert"' in answer.text


def test_a_strangers_numbers_lead_nowhere(site: Website, owner: FlaskClient):
    for path in (
        f"/studio/{FOREIGN}/A/rev/1/notes/1",
        f"/studio/{FOREIGN}/A/stones/1/hold",
        f"/studio/{OWN}/Z/publish",
        f"/studio/{OWN}/A/stones/99999999999999999999/withdraw",
        f"/studio/{OWN}/quote/99999999999999999999/send",
    ):
        assert owner.post(path, data={"note": "x", "until": ""}).status_code in (404, 409), path


def test_too_much_at_once_is_refused_unread(owner: FlaskClient):
    assert owner.post(f"/studio/{OWN}/messages", data={"note": "x" * 400_000}).status_code == 413


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"%PDF-1.7", b"<svg/>"])
def test_a_sketch_that_is_no_picture_is_refused(owner: FlaskClient, content: bytes):
    data = {"sketch": (BytesIO(content), "a.png"), "note": WORDS}
    answer = owner.post(f"/studio/{OWN}/A/sketches", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert WORDS in answer.text
