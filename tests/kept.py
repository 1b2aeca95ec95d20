"""What is compiled is compiled once per process of the suite, not once per test.

A house of its own for every test means an engine and an app of its own for every test; each of them would compile the
same statements, templates and addresses again. They are the same every time, so here they are kept: nothing of a
house is among them, no row, no file, no setting.
"""

import gc
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from bespoke import database

STATEMENTS = 4000  # more than the product has


class _Templates(BytecodeCache):
    """Compiled templates by their name and content."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self._kept.get((bucket.key, bucket.checksum))
        if kept is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def keep(patch: pytest.MonkeyPatch) -> None:
    """From now on, until the patch is undone."""
    patch.setattr(database, "create_engine", _keeping_statements(database.create_engine))
    patch.setattr(Rule, "_compile_builder", _keeping_builders(Rule._compile_builder))
    patch.setattr(Flask, "create_jinja_environment", _keeping_templates(Flask.create_jinja_environment))


def settle() -> None:
    """What is loaded by now stays: do not look through all of it again for every few rows of a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def unsettle() -> None:
    """At the end libraries look whether all that was theirs has gone; let it go."""
    gc.unfreeze()


def _keeping_statements(create: Callable[..., Engine]) -> Callable[..., Engine]:
    """One dialect for each kind of database: by it SQLAlchemy knows a statement it has compiled."""
    dialects: dict[str, Any] = {}
    statements: LRUCache[Any, Any] = LRUCache(STATEMENTS)

    def kept(url: str, **options: Any) -> Engine:
        engine = create(url, **options)
        name = engine.url.drivername
        engine._compiled_cache = statements
        if name in dialects:
            engine.dialect = dialects[name]
        else:  # it knows its server once it is connected
            event.listen(engine, "connect", lambda *_: dialects.setdefault(name, engine.dialect))
        return engine

    return kept


def _keeping_builders(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    builders: dict[tuple[Any, ...], Any] = {}

    def kept(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        what = (rule.rule, tuple(rule._trace), append_unknown)
        if what not in builders:
            builders[what] = compile_builder(rule, append_unknown)
        return builders[what]

    return kept


def _keeping_templates(create: Callable[[Flask], Any]) -> Callable[[Flask], Any]:
    templates: dict[str, _Templates] = {}

    def kept(app: Flask) -> Any:
        made = create(app)
        made.bytecode_cache = templates.setdefault(repr(app.jinja_options), _Templates())
        return made

    return kept
