"""A house with two clients and everybody who works there, and a browser for each of them."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from bespoke.app import create_app
from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.proof import keys
from bespoke.services import links, messages
from tests.factories import NOON, Cast, a_cast, a_commission, brought_to
from tests.making import published, take_photograph

LATER = NOON + timedelta(hours=1)
DATABASE = "bespoke.sqlite3"
OWN, FOREIGN = "OF-0001", "OF-0002"
STAFF = ("designer", "bench", "lead", "office", "owner")


@dataclass(slots=True)
class Website:
    """The pages of a house, and what its tests need to know of it.

    Attributes:
        shown: the digest of the design that waits for the first client's yes.
    """

    house: House
    app: Flask
    cast: Cast
    shown: str = ""
    statements: list[str] = field(default_factory=list)

    def browser(self, who: str | None = None) -> FlaskClient:
        """A browser of its own; signed in by a link where `who` is one of the cast."""
        client = self.app.test_client()
        if who is not None:
            answer = client.post(self.link(who), data={"csrf_token": token_of(client, "/v/")})
            assert answer.status_code == 303, answer.text
        return client

    def link(self, who: str) -> str:
        """The address of a fresh sign-in link."""
        actor, at = getattr(self.cast, who), self.house.clock()
        with self.house.database.transaction() as session:
            person = session.get_one(Person, int(actor.id))
            if who in STAFF:
                return f"/enter/staff/{links.issue_for_staff(session, person, at=at).secret}"
            return f"/enter/{links.issue(session, person, self.cast.office, at=at).secret}"

    def piece_id(self, reference: str = OWN) -> int:
        """The row of the only piece of a commission."""
        with self.house.database.reading() as session:
            return next(one.id for one in session.query(Piece).all() if one.commission.reference == reference)


def token_of(client: FlaskClient, path: str) -> str:
    """The secret of the forms on a page."""
    page = client.get(path).text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def open_website(url: str, folder: Path) -> Website:
    """Two commissions whose first drawing waits for the client, each with a photograph they may see."""
    prepare(_settings(url, folder))
    house = _open(url, folder)
    return _website(house, *_peopled(house))


def _settings(url: str, folder: Path) -> Settings:
    return replace(Settings(), data_folder=folder / "var", database_url=url)


def _open(url: str, folder: Path) -> House:
    return open_house(_settings(url, folder), clock=lambda: LATER)


def _peopled(house: House) -> tuple[Cast, str]:
    with house.database.transaction() as session:
        cast = a_cast(session)
        shown = ""
        for client in (cast.client, cast.stranger):
            theirs = replace(cast, client=client)
            commission = brought_to(session, a_commission(session, theirs, client=client), "cad", theirs)
            piece = commission.pieces[0]
            digest = published(session, house.storage, piece, theirs, name=commission.reference)
            take_photograph(session, house.storage, piece, "cad", theirs, client_visible=True)
            messages.write(session, commission, "The claws are finer now.", cast.designer, at=NOON)
            messages.write(session, commission, "Ask for less next time.", cast.office, internal=True, at=NOON)
            shown = shown or digest
    return cast, shown


def _website(house: House, cast: Cast, shown: str) -> Website:
    website = Website(house, create_app(house=house), cast, shown)
    event.listen(_engine(house), "before_cursor_execute", _noting(website.statements))
    return website


def _engine(house: House) -> Engine:
    return house.database.engine


def _noting(statements: list[str]):  # type: ignore[no-untyped-def]
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    return note


@dataclass(frozen=True, slots=True)
class Prepared:
    """The house of `open_website` on SQLite, closed, in a folder to be copied from."""

    folder: Path
    cast: Cast
    shown: str

    def opened_in(self, folder: Path) -> Website:
        """The same house once more, where nobody has done anything yet."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return _website(_open(f"sqlite:///{folder}/{DATABASE}", folder), self.cast, self.shown)


@pytest.fixture(scope="session")
def _prepared(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copyfile(_sqlite_template, folder / DATABASE)
    url = f"sqlite:///{folder}/{DATABASE}"
    prepare(_settings(url, folder))
    house = _open(url, folder)
    cast, shown = _peopled(house)
    house.close()
    assert [one.name for one in folder.glob(f"{DATABASE}*")] == [DATABASE]
    return Prepared(folder, cast, shown)


@pytest.fixture
def website(_prepared: Prepared, tmp_path: Path) -> Iterator[Website]:
    """A house of its own for one test, on SQLite."""
    site = _prepared.opened_in(tmp_path)
    yield site
    site.house.close()


@pytest.fixture
def either_website(database_url: str, tmp_path: Path) -> Iterator[Website]:
    """The same on SQLite and on PostgreSQL."""
    site = open_website(database_url, tmp_path)
    yield site
    site.house.close()


@pytest.fixture
def signing_keys(website: Website) -> keys.HouseKeys:
    """The house's own keys, made."""
    return keys.create(website.house.signing_folder, "Atelier Quillfern", at=NOON)
