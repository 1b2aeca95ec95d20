"""Promises about the code that no other tool sees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bespoke.cli import COMMANDS
from bespoke.config import SECRETS, Settings, variable

ROOT = Path(__file__).parents[1]
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime"})
CLOCK_OWNERS = frozenset({"datetime", "date", "time"})
TEMPLATES = frozenset({".html", ".txt", ".svg", ".xml", ".jinja", ".j2"})


def modules(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def asks_a_clock(call: ast.Call) -> bool:
    called = call.func
    if not isinstance(called, ast.Attribute) or called.attr not in CLOCKS:
        return False
    owner = called.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name in CLOCK_OWNERS


def test_no_rule_looks_at_a_clock():
    for path in modules("workflows"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Call) and asks_a_clock(node)), f"{path}:{node.lineno}"
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert "time" not in names, f"{path}: moments are passed in"


def test_the_search_for_clocks_finds_them():
    for source in ("datetime.now()", "datetime.datetime.now(UTC)", "date.today()", "time.time()"):
        (call,) = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
        assert asks_a_clock(call)


def test_only_the_edges_read_the_environment():
    """A setting is read by `bespoke.config`; the edges hand the environment over to it."""
    edges = {"bespoke/app.py", "bespoke/worker.py", "bespoke/cli/__init__.py", "bespoke/jobs/supervisor.py"}
    for path in modules("bespoke", "workflows"):
        if path.relative_to(ROOT).as_posix() not in edges:
            assert not re.search(r"\bos\.(environ|getenv)\b", path.read_text()), path


@pytest.mark.parametrize("field", [field.name for field in fields(Settings)])
def test_every_setting_is_documented_and_read(field: str):
    documented = (ROOT / "docs" / "run.md").read_text()
    row = re.search(rf"^\| `{variable(field)}` \|.*$", documented, re.MULTILINE)
    assert row, f"{variable(field)} has no row in docs/run.md"
    assert ("*secret*" in row[0]) == (variable(field) in SECRETS)
    readers = [
        path
        for path in modules("bespoke")
        if path.name != "config.py" and re.search(rf"\bsettings\.{field}\b", path.read_text())
    ]
    derived = re.search(rf"\bself\.{field}\b", (ROOT / "bespoke" / "config.py").read_text())
    assert readers or derived, f"nothing reads {field}"


def test_no_setting_is_documented_that_is_not_there():
    documented = set(re.findall(r"^\| `(BESPOKE_\w+)` \|", (ROOT / "docs" / "run.md").read_text(), re.MULTILINE))
    assert documented == {variable(field.name) for field in fields(Settings)}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str):
    texts = [path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")] if path.exists()]
    assert any(re.search(rf"\bbespoke {command}\b", text) for text in texts)


def test_every_template_is_sound():
    """It parses; each page's own test draws it, where StrictUndefined finds a name nobody gave."""
    loader = FileSystemLoader(ROOT / "templates")
    environment = Environment(loader=loader, undefined=StrictUndefined, autoescape=True, extensions=["jinja2.ext.i18n"])
    for name in loader.list_templates():
        if Path(name).suffix in TEMPLATES:
            environment.parse((ROOT / "templates" / name).read_text(), name)


def test_modules_are_short():
    for path in modules("bespoke", "workflows", "renders"):
        if "migrations" not in path.parts:
            lines = len(path.read_text().splitlines())
            assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines: look for the second subject"
