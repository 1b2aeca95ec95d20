"""The doctor: nothing in a healthy house, and every breach of an invariant is named with its place."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from bespoke import cli
from bespoke.database import Database
from bespoke.services import doctor
from bespoke.storage.local import LocalStore
from tests.factories import NOON, a_cast, a_commission, after
from tests.living import Lived, a_life


@pytest.fixture(scope="module")
def lived(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A house in which much has happened; each test damages a copy."""
    return a_life(_sqlite_template, tmp_path_factory.mktemp("lived"))


@pytest.fixture
def copy(lived: Lived, tmp_path: Path) -> Lived:
    return lived.copied_to(tmp_path / "copy")


def examined(house: Lived, *, deep: bool = False, hours: float = 1) -> doctor.Examined:
    database = Database(f"sqlite:///{house.database}")
    try:
        with database.reading() as session:
            return doctor.examine(session, LocalStore(house.files), at=after(hours=hours), deep=deep)
    finally:
        database.close()


def damage(house: Lived, statement: str) -> None:
    """What no service would do: a row changed behind the back of everything that guards it."""
    with closing(sqlite3.connect(house.database)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for one in statement.split(";"):
            assert connection.execute(one).rowcount != 0, one


def a_file_of(house: Lived, column: str) -> Path:
    with closing(sqlite3.connect(house.database)) as connection:
        (digest,) = connection.execute(f"SELECT {column} LIMIT 1").fetchone()
    return house.files / digest[:2] / digest[2:4] / digest


def test_a_healthy_house_has_no_breach(copy: Lived):
    found = examined(copy, deep=True)
    assert found.breaches == ()
    assert set(found.looked_at) == set(doctor.CHECKS)
    assert all(many > 0 for name, many in found.looked_at.items() if name != "no job is stuck")


AGAIN = (
    "DROP INDEX uq_stone_holds_live; "
    "INSERT INTO stone_holds (stone_id, commission_id, created_at, locked_at, end_reason) "
    "SELECT stone_id, commission_id, created_at, created_at, '' FROM stone_holds WHERE ended_at IS NULL"
)
MONEY = "what is asked, paid and invoiced agrees"
BREAKS = [
    ("one live hold a stone", AGAIN, "2 live holds on one stone"),
    ("one live hold a stone", "UPDATE commissions SET state = 'cancelled'", "which was cancelled"),
    ("ledger adds up", "UPDATE postings SET amount_minor = amount_minor + 1 WHERE id = 1", "not to nothing"),
    ("invoices were booked", "UPDATE invoices SET gross_minor = gross_minor + 1 WHERE id = 1", "were booked"),
    ("invoices were booked", "UPDATE invoices SET number = 'OF-INV-00009' WHERE id = 1", "numbers between are missing"),
    ("ledger adds up", "UPDATE entries SET kind = 'lost' WHERE kind = 'received'", "the ledger has no entry"),
    (MONEY, "UPDATE instalments SET due_minor = due_minor + 1 WHERE id = 1", "accepted price"),
    (
        MONEY,
        "UPDATE quotes SET gross_minor = gross_minor - 1 WHERE id > 0",
        "invoiced of a price",
    ),
    (MONEY, "UPDATE payments SET amount_minor = amount_minor - 1 WHERE id = 1", "do not explain"),
    ("invoices were booked", "UPDATE invoices SET tax_minor = gross_minor + 1 WHERE id = 1", "more tax than price"),
    ("invoices were booked", "UPDATE house SET next_invoice = next_invoice + 1", "the next would be"),
    ("contents have their digest", "UPDATE contents SET body = body || ' ' WHERE id = 1", "was changed after"),
    (
        "approvals have their content",
        "UPDATE contents SET body = replace(body, 'AU750Y', 'AU585Y') WHERE facet = 'alloy'",
        "changed after the yes",
    ),
    ("approvals have their content", "DELETE FROM contents WHERE facet = 'delivery'", "is gone"),
    ("approvals have their content", f"UPDATE approvals SET digest = '{'0' * 64}' WHERE id = 1", "no longer has"),
    ("approvals have their content", f"UPDATE releases SET digest = '{'0' * 64}' WHERE id = 1", "no longer has"),
    ("history is whole", "UPDATE events SET actor = '99' WHERE id = 5", "changed after it was written"),
    ("history is whole", "DELETE FROM events WHERE id = 5", "Event 5 is missing"),
    ("history is whole", "UPDATE commissions SET events_count = events_count + 1 WHERE id = 1", "end of its history"),
    ("files have their bytes", "UPDATE files SET size = size + 1", "length is not"),
    ("pieces follow their template", "DELETE FROM milestones WHERE key = 'qc'", "not those of its template"),
    (
        "pieces follow their template",
        "UPDATE milestones SET evidence = '[]' WHERE key = 'casting' AND status = 'done'",
        "Casting is done without",
    ),
    ("pieces follow their template", "DELETE FROM releases WHERE milestone = 'pre_cast_release'", "nobody released it"),
    (
        "pieces follow their template",
        "UPDATE contents SET current = 0 WHERE facet = 'design'",
        "is not what was said yes to, and the yes still counts",
    ),
    (
        "pieces follow their template",
        "DROP INDEX uq_contents_current; "
        "INSERT INTO contents (piece_id, facet, digest, body, created_at, current) "
        "SELECT piece_id, facet, digest, body, created_at, current FROM contents WHERE facet = 'alloy'",
        "two contents of its alloy",
    ),
    (
        "pieces follow their template",
        "UPDATE revisions SET report_text = replace(report_text, '5.141', '4.141') WHERE published_at IS NOT NULL",
        "report of revision 1 was changed",
    ),
    ("documents have their manifest", "UPDATE documents SET manifest = '{}'", "not the one that was sealed"),
    (
        "no job is stuck",
        "UPDATE jobs SET state = 'failed', error = 'It holds no surface.' WHERE kind = 'examine'",
        "It failed: It holds no surface.",
    ),
    (
        "no job is stuck",
        "UPDATE jobs SET state = 'queued', finished_at = NULL WHERE kind = 'examine'",
        "queued for too long",
    ),
]


@pytest.mark.parametrize(("check", "statement", "sentence"), BREAKS, ids=[f"{c}-{s}" for c, _, s in BREAKS])
def test_a_breach_is_named_with_its_check(copy: Lived, check: str, statement: str, sentence: str):
    damage(copy, statement)
    told = [breach for breach in examined(copy).breaches if breach.check == check]
    assert told
    assert any(sentence in breach.sentence for breach in told), told
    assert all(breach.where for breach in told)


def test_a_file_without_its_bytes_is_named(copy: Lived):
    path = a_file_of(copy, "digest FROM photographs")
    path.unlink()
    assert [(b.where, b.sentence[:25]) for b in examined(copy).breaches] == [(path.name, "Its bytes are not in the ")]


def test_changed_bytes_are_seen_when_they_are_read_through(copy: Lived):
    path = a_file_of(copy, "digest FROM photographs")
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:-1] + b"?")
    assert examined(copy).breaches == ()
    assert [b.sentence for b in examined(copy, deep=True).breaches] == [
        "Its bytes are no longer those its digest names."
    ]


def test_every_check_has_a_breach_of_its_own_here():
    assert {check for check, _, _ in BREAKS} == set(doctor.CHECKS)


@pytest.fixture
def at_the_console(copy: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lived:
    """The same house where the commands look for it."""
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(tmp_path / "var"))
    return copy.settled_in(tmp_path / "var")


def test_the_command_ends_with_0_or_1_and_speaks_to_programs(at_the_console: Lived, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["doctor", "--json", "--deep"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["breaches"] == []
    assert set(told["looked_at"]) == set(doctor.CHECKS)
    damage(at_the_console, "UPDATE documents SET manifest = '{}'")
    assert cli.main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["breaches"][0]["check"] == "documents have their manifest"
    assert cli.main(["doctor"]) == 1
    assert "BREACH  documents have their manifest: dossier AAAA-BBBB" in capsys.readouterr().out


def test_a_large_house_is_a_few_questions_to_the_database(database: Database, tmp_path: Path):
    with database.transaction() as session:
        cast = a_cast(session)
        for _ in range(200):
            a_commission(session, cast)
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    began = time.process_time()
    with database.reading() as session:
        found = doctor.examine(session, LocalStore(tmp_path / "files"), at=NOON)
    spent = time.process_time() - began
    assert found.breaches == ()
    assert found.looked_at["pieces follow their template"] == 200
    assert len(asked) < 60
    assert spent < 20  # a piece at a time it would be minutes
