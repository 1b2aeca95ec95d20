"""The schema: migrations make exactly what the models say, and go up and down on both engines."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bespoke import schema
from bespoke.database import Database
from bespoke.models.base import Base


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        database = Database(request.getfixturevalue("postgres_url"))
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def script() -> ScriptDirectory:
    return ScriptDirectory(str(schema.MIGRATIONS))


REVISIONS = [revision.revision for revision in script().walk_revisions()][::-1]


def test_an_upgraded_database_is_what_the_models_say(empty: Database):
    schema.upgrade(empty)
    assert schema.current(empty) == schema.head() is not None
    assert schema.drift(empty) == ()


def definitions(database: Database) -> set[str]:
    """Everything the engine says it made, with the conditions of partial indexes and checks."""
    if database.is_sqlite:
        asked = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master"
    else:
        asked = (
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace"
            " UNION SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " UNION SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length,"
            " is_nullable, column_default) FROM information_schema.columns WHERE table_schema = 'public'"
        )
    with database.reading() as session:
        told = session.scalars(text(asked)).all()
    return {" ".join(sorted(re.split(r"[\s,]+", line))) for line in told if "alembic_version" not in line}


def test_checks_and_conditions_are_those_of_the_models_too(empty: Database):
    """Alembic compares neither checks nor the conditions of partial indexes; these guard what is scarce."""
    Base.metadata.create_all(empty.engine)
    said = definitions(empty)
    Base.metadata.drop_all(empty.engine)
    schema.upgrade(empty)
    made = definitions(empty)
    assert sorted(said - made) == []
    assert sorted(made - said) == []


def test_drift_is_told(empty: Database):
    schema.upgrade(empty)
    with empty.transaction() as session:
        session.execute(text("CREATE TABLE stray (id integer primary key)"))
    (difference,) = schema.drift(empty)
    assert "stray" in difference


def test_every_migration_goes_up_and_down_and_up_again(empty: Database):
    for revision in REVISIONS:
        schema.upgrade(empty, to=revision)
    for revision in [*REVISIONS[:-1][::-1], "base"]:
        schema.downgrade(empty, revision)
    assert tables(empty) == set()
    schema.upgrade(empty)
    assert schema.drift(empty) == ()


def test_upgrading_what_is_new_already_changes_nothing(empty: Database, tmp_path: Path):
    schema.upgrade(empty)
    assert schema.upgrade(empty, backups=tmp_path / "backups") is None
    assert not (tmp_path / "backups").exists()


def test_migrations_are_numbered_in_one_line_without_gaps():
    assert [int(revision) for revision in REVISIONS] == list(range(1, len(REVISIONS) + 1))
    assert len(script().get_heads()) == 1
    for revision in script().walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")


def test_a_migration_imports_no_models_and_no_rules():
    for path in (schema.MIGRATIONS / "versions").glob("*.py"):
        source = path.read_text()
        assert "bespoke" not in source, path.name
        assert "workflows" not in source, path.name


def test_an_sqlite_file_is_copied_before_it_is_upgraded(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(text("INSERT INTO alembic_version VALUES ('0000')"))
        session.execute(text("CREATE TABLE keepsake (word TEXT)"))
        session.execute(text("INSERT INTO keepsake VALUES ('hello')"))
    with pytest.raises(Exception, match="0000"):  # no such revision: the copy was made nevertheless
        schema.upgrade(database, backups=tmp_path / "backups")
    copy = sqlite3.connect(tmp_path / "backups" / "before-upgrade-from-0000.sqlite3")
    assert copy.execute("SELECT word FROM keepsake").fetchall() == [("hello",)]
    copy.close()
    database.close()


def test_a_migration_that_breaks_off_leaves_the_schema_as_it_was(
    empty: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    broken = tmp_path / "migrations"
    (broken / "versions").mkdir(parents=True)
    (broken / "env.py").write_text((schema.MIGRATIONS / "env.py").read_text())
    (broken / "versions" / "0001_half.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = '0001'\ndown_revision = None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))\n"
        "    raise LookupError('the power went')\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(LookupError):
        schema.upgrade(empty)
    assert tables(empty) == set()
    assert schema.current(empty) is None


def test_a_migration_that_leaves_rows_pointing_at_nothing_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    broken = tmp_path / "migrations"
    (broken / "versions").mkdir(parents=True)
    (broken / "env.py").write_text((schema.MIGRATIONS / "env.py").read_text())
    (broken / "versions" / "0001_dangling.py").write_text(
        "from alembic import op\nrevision = '0001'\ndown_revision = None\n"
        "def upgrade():\n    op.execute('CREATE TABLE a (id integer primary key)')\n"
        "    op.execute('CREATE TABLE b (a_id integer references a(id))')\n"
        "    op.execute('INSERT INTO b VALUES (4711)')\n"
    )
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(schema.BrokenReferences) as refusal:
        schema.upgrade(database)
    assert refusal.value.rows == 1
    assert tables(database) == set()
    database.close()
