"""Flask-SQLAlchemy reads and `transaction()` writes the one database of the house."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from bespoke.database import Database
from bespoke.web.database import bind, db, transaction


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """An app that counts and adds words."""
    with database.transaction() as session:
        session.execute(text("CREATE TABLE test_words (word VARCHAR(20) PRIMARY KEY)"))
    app = Flask("test")
    bind(app, database)

    @app.get("/words")
    def words() -> str:
        return ",".join(db.session.scalars(text("SELECT word FROM test_words ORDER BY word")))

    @app.post("/words/<word>")
    def add(word: str) -> str:
        with transaction() as session:
            session.execute(text("INSERT INTO test_words VALUES (:word)"), {"word": word})
        return "added"

    @app.post("/lost/<word>")
    def lose(word: str) -> str:
        db.session.execute(text("INSERT INTO test_words VALUES (:word)"), {"word": word})
        return "never committed"

    yield app
    with database.transaction() as session:
        session.execute(text("DROP TABLE test_words"))


def test_a_page_sees_what_a_transaction_kept(app: Flask):
    client = app.test_client()
    assert client.get("/words").text == ""
    assert client.post("/words/ring").text == "added"
    assert client.get("/words").text == "ring"


def test_the_pages_session_never_commits(app: Flask):
    client = app.test_client()
    client.post("/lost/ring")
    assert client.get("/words").text == ""


def test_pages_and_transactions_share_one_engine(app: Flask, database: Database):
    with app.app_context():
        assert db.engine.pool is database.engine.pool
        assert db.session.get_bind() is database.reading_engine
