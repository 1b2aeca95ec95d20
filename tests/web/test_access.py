"""Who may open what, to the exact status; `test_matrix` tries every route there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from bespoke.models.production import Photograph
from bespoke.web.access import Undeclared, require_policies
from tests.web import matrix_studio
from tests.web.conftest import FOREIGN, OWN, STAFF, Website, open_website

WHO = (None, "client", "stranger", *STAFF)
ZEROS = "0" * 64
YES = {"digest": ZEROS, "read": "yes"}

# Path → expected status for: nobody, the client, another client, designer, bench, lead, office, owner.
GETS = {
    "/": (200, 303, 303, 303, 303, 303, 303, 303),
    "/health": (200,) * 8,
    "/enter/unknown": (410,) * 8,
    "/enter/staff/unknown": (410,) * 8,
    "/leave": (200,) * 8,
    "/v/": (200,) * 8,
    "/v/7C41-9A0E-51DK": (404,) * 8,
    "/house.css": (200,) * 8,
    "/my/": (401, 303, 303, 403, 403, 403, 403, 403),
    "/my/{own}/": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/look/1": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/look/9": (401, 404, 404, 403, 403, 403, 403, 403),
    "/my/{own}/look/1/approve": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/look/1/changes": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/look/1/from/1": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/files/{photograph}": (401, 200, 404, 403, 403, 403, 403, 403),
    "/my/{own}/files/{zeros}": (401, 404, 404, 403, 403, 403, 403, 403),
    "/house/": (401, 403, 403, 200, 200, 200, 200, 200),
    "/house/{own}/": (401, 403, 403, 200, 200, 200, 200, 200),
    "/house/{own}/files/{photograph}": (401, 403, 403, 200, 200, 200, 200, 200),
    "/house/OF-9999/": (401, 403, 403, 404, 404, 404, 404, 404),
}
# The bodies are such that whoever may do it is refused for another reason, so nothing changes.
POSTS = {
    "/enter/unknown": ({}, (410,) * 8),
    "/enter/staff/unknown": ({}, (410,) * 8),
    "/leave": ({}, (303,) * 8),
    "/v/file": ({}, (422,) * 8),
    "/my/{own}/look/1/approve": (YES, (401, 409, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/9/approve": (YES, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/9/changes": ({"note": "Lower."}, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/9/code": ({}, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/9/notes": ({"note": "Lower."}, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/1/notes/999/answer": ({"note": "Lower."}, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/look/1/notes/999/settle": ({}, (401, 404, 404, 403, 403, 403, 403, 403)),
    # what has a page of its own, with the mailed code for a large yes, is not answered past it
    "/my/{own}/A/answer/brief": (YES, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/A/answer/quote": (YES, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/A/answer/render_approval": (YES, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/A/answer/pre_ship_confirmation": (YES, (401, 409, 404, 403, 403, 403, 403, 403)),
    "/my/{own}/pay/nothing/sent": ({}, (401, 404, 404, 403, 403, 403, 403, 403)),
    "/house/{own}/A/revisions": ({}, (401, 403, 403, 422, 403, 403, 403, 422)),
    "/house/{own}/A/publish": ({}, (401, 403, 403, 409, 403, 403, 403, 409)),
    "/house/{own}/Z/publish": ({}, (401, 403, 403, 404, 403, 403, 403, 404)),
    "/house/{own}/A/do/casting/complete": ({}, (401, 403, 403, 403, 409, 409, 403, 409)),
    "/house/{own}/A/do/casting/melt": ({}, (401, 403, 403, 404, 404, 404, 404, 404)),
}
GETS |= matrix_studio.GETS
POSTS |= matrix_studio.POSTS
PUTS = {**matrix_studio.PUTS}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    folder = tmp_path_factory.mktemp("access")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    website = open_website(f"sqlite:///{path}", folder)
    website.app.config["WTF_CSRF_ENABLED"] = False  # whose form it is has its own tests
    yield website
    website.house.close()


@pytest.fixture(scope="module")
def browsers(site: Website) -> dict[str | None, FlaskClient]:
    return {who: site.browser(who) for who in WHO}


@pytest.fixture(scope="module")
def photograph(site: Website) -> str:
    with site.house.database.reading() as session:
        number = site.piece_id()
        return next(one.digest for one in session.query(Photograph).all() if one.piece_id == number)


@pytest.mark.parametrize("path", sorted(GETS))
@pytest.mark.parametrize("who", WHO, ids=str)
def test_a_page_opens_for_whom_it_is_meant(
    site: Website, browsers: dict[str | None, FlaskClient], photograph: str, path: str, who: str | None
):
    expected = GETS[path][WHO.index(who)]
    answer = browsers[who].get(path.format(own=OWN, photograph=photograph, zeros=ZEROS), buffered=True)
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize("path", sorted(POSTS))
@pytest.mark.parametrize("who", WHO, ids=str)
def test_a_step_is_taken_by_whom_it_is_meant(site: Website, path: str, who: str | None):
    body, statuses = POSTS[path]
    answer = site.browser(who).post(path.format(own=OWN), data=body)
    assert answer.status_code == statuses[WHO.index(who)], answer.text


def test_a_stranger_reads_the_same_for_anothers_commission_and_for_none(
    browsers: dict[str | None, FlaskClient],
):
    theirs, none = browsers["client"].get(f"/my/{FOREIGN}/"), browsers["client"].get("/my/OF-9999/")
    assert theirs.status_code == none.status_code == 404
    assert theirs.text == none.text


def test_a_route_without_a_policy_stops_the_start():
    app = Flask(__name__, static_folder=None)
    bare = Blueprint("attic", __name__)
    bare.add_url_rule("/attic", "look", lambda: "dust")
    app.register_blueprint(bare)
    with pytest.raises(Undeclared, match=r"attic\.look"):
        require_policies(app)


def test_looking_at_pages_changes_nothing(site: Website, photograph: str):
    def told() -> list[str]:
        with site.house.database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            return list(raw.iterdump())

    everybody = [site.browser(who) for who in WHO]
    before = told()
    for browser in everybody:
        for path in GETS:
            address = path.format(own=OWN, photograph=photograph, zeros=ZEROS)
            browser.get(address, buffered=True)
            browser.head(address, buffered=True)
    assert told() == before
