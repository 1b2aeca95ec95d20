"""The access matrix: every route there is, tried by everybody, on their own things and on somebody else's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from bespoke.models.design import Pin, RevisionPicture
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneOption
from bespoke.web.access import Audience, policy_of
from tests.web.conftest import FOREIGN, OWN, STAFF, Website, open_website
from tests.web.matrix import FILLED, GROUPS, ROUTES, Objects, row_of

WHO = (None, "client", "stranger", *STAFF)
METHODS = {"GET", "POST", "PUT"}
DONE = (200, 303)
SECRET_OF_FORMS = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    folder = tmp_path_factory.mktemp("matrix")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    website = open_website(f"sqlite:///{path}", folder)
    website.app.config["WTF_CSRF_ENABLED"] = False  # whose form it is has its own tests
    yield website
    website.house.close()


def rules(site: Website) -> list[tuple[Rule, str]]:
    """Every route with each of its methods, those that change nothing first."""
    found = [(rule, method) for rule in site.app.url_map.iter_rules() for method in METHODS & set(rule.methods or ())]
    return sorted(found, key=lambda one: (one[1], one[0].endpoint))


def address(site: Website, rule: Rule, reference: str, things: dict[str, object] | None = None) -> str:
    values = FILLED | {"reference": reference} | (things or {})
    with site.app.test_request_context():
        built = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1]


def things_of(site: Website, reference: str) -> dict[str, object]:
    """Real numbers of what belongs to one commission."""
    found: dict[str, object] = {}
    with site.house.database.reading() as session:
        for piece in session.scalars(select(Piece)):
            if piece.commission.reference != reference:
                continue
            revisions = [revision.id for revision in piece.revisions]
            photograph = session.scalar(
                select(RevisionPicture.digest).where(RevisionPicture.revision_id.in_(revisions))
            )
            option = session.scalar(select(StoneOption.id).where(StoneOption.piece_id == piece.id))
            pin = session.scalar(select(Pin.id).where(Pin.revision_id.in_(revisions)))
            found |= {name: one for name, one in (("digest", photograph), ("option", option)) if one is not None}
            found |= {"note": pin, "pin": pin} if pin is not None else {}
    return found


def ask(site: Website, browser: FlaskClient, method: str, path: str) -> int:
    data = {"note": "Lower.", "digest": "0" * 64, "read": "yes"} if method == "POST" else None
    return browser.open(path, method=method, data=data, buffered=True).status_code


def test_every_route_is_in_the_table(site: Website):
    missing = sorted({rule.endpoint for rule, _ in rules(site) if row_of(rule.endpoint) is None})
    assert missing == [], "add a line for each to tests/web/matrix.py"
    parts = {part for rule, _ in rules(site) for part in rule.arguments} - {"reference"}
    assert sorted(parts - FILLED.keys()) == [], "add a value for each part of an address to FILLED"


def test_the_table_names_nothing_that_is_gone(site: Website):
    there = {rule.endpoint for rule, _ in rules(site)}
    assert sorted(ROUTES.keys() - there) == []
    assert [group for group in GROUPS if not any(one.startswith(f"{group}.") for one in there)] == []


def test_what_names_a_commission_says_so(site: Website):
    wrong = [
        rule.endpoint
        for rule, _ in rules(site)
        if "reference" in rule.arguments and (row := row_of(rule.endpoint)) and row.objects not in ("own", "secret")
    ]
    assert wrong == []


@pytest.mark.parametrize("who", WHO, ids=str)
def test_everybody_at_every_route(site: Website, who: str | None):
    """Anonymous, both clients and every role: the status each may get, on the first client's commission."""
    looking, faults = site.browser(who), []
    for rule, method in rules(site):
        policy, row = policy_of(rule.endpoint), row_of(rule.endpoint)
        assert policy is not None
        assert row is not None
        path = address(site, rule, OWN)
        browser = looking if method == "GET" else site.browser(who)  # some of them sign the browser out
        status = ask(site, browser, method, path)
        if policy.audience is Audience.PUBLIC:
            right = status < 500 and status not in (401, 403) or rule.endpoint.startswith("auth.") and status == 401
        elif who is None:
            right = status == 401
        elif policy.audience is Audience.CLIENT:
            if who in STAFF:
                right = status == 403
            elif who == "stranger" and row.objects is Objects.OWN:
                right = status == 404
            else:
                right = status < 500 and status not in (401, 403)
        elif who not in STAFF or who not in {role.value for role in policy.roles}:
            right = status == 403
        else:
            right = status < 500 and status != 401 and (status != 403 or who in row.narrower)
        if not right:
            faults.append(f"{method} {path} ({rule.endpoint}): {status}")
    assert faults == []


def test_a_clients_own_address_with_anothers_things_finds_nothing(site: Website):
    """Another's photograph, stone, note under one's own reference: not found, and nothing happens."""
    theirs, faults = things_of(site, FOREIGN), []
    assert {"digest", "option"} <= theirs.keys()
    assert theirs["digest"] != things_of(site, OWN)["digest"]
    for rule, method in rules(site):
        named = rule.arguments & theirs.keys()
        policy = policy_of(rule.endpoint)
        if policy is None or policy.audience is not Audience.CLIENT or not named:
            continue
        status = ask(site, site.browser("client"), method, address(site, rule, OWN, theirs))
        if status in DONE or status >= 500:
            faults.append(f"{method} {rule.endpoint}: {status}")
    assert faults == []


def test_anothers_commission_reads_as_one_that_does_not_exist(site: Website):
    browser, faults = site.browser("client"), []
    for rule, method in rules(site):
        policy = policy_of(rule.endpoint)
        if method != "GET" or policy is None or policy.audience is not Audience.CLIENT:
            continue
        if "reference" not in rule.arguments:
            continue
        pages = [browser.get(address(site, rule, reference)) for reference in (FOREIGN, "OF-9999")]
        first, second = (SECRET_OF_FORMS.sub("", page.text) for page in pages)  # it tells the second it was made in
        if [page.status_code for page in pages] != [404, 404] or first != second:
            faults.append(rule.endpoint)
    assert faults == []
