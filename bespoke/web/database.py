"""Flask-SQLAlchemy for the pages: a reading session per request, on the engine the house already has.

Writing goes through `transaction()`, which commits where it stands: an exception raised by a commit in
`after_request` would not reach its error handler, so a lost race would be a 500 instead of a 409.
Flask-SQLAlchemy keeps what it is good at, the session that lives as long as the request. It is bound to
our own `Base` and engine, so rows, jobs and commands work without Flask.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bespoke.database import Database

KEY = "bespoke.database"


class HouseSQLAlchemy(SQLAlchemy):
    """Flask-SQLAlchemy on the reading engine of the app's `Database` instead of one of its own."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        database: Database = app.extensions[KEY]
        return database.reading_engine


db = HouseSQLAlchemy(add_models_to_shell=False, session_options={"autoflush": False})
"""`db.session` reads within one request; it is never committed."""


def bind(app: Flask, database: Database) -> None:
    """Let the pages of `app` read and write `database`."""
    app.extensions[KEY] = database
    app.config["SQLALCHEMY_DATABASE_URI"] = database.url
    db.init_app(app)


@contextmanager
def transaction() -> Iterator[Session]:
    """The writing transaction of the current app's database; see `Database.transaction`."""
    database: Database = current_app.extensions[KEY]
    with database.transaction() as session:
        yield session
