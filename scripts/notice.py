"""Write NOTICE: every package of the lock with its licence, and the fonts and icons that ship inside.

Run in the development environment: `.venv/bin/python scripts/notice.py`.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """Bespoke
Copyright the Bespoke authors. Licensed under the Apache License, Version 2.0.

Shipped inside:
  Newsreader, SIL Open Font License 1.1 (bespoke/static/fonts/newsreader-OFL.txt)
  Hanken Grotesk, SIL Open Font License 1.1 (bespoke/static/fonts/hanken-grotesk-OFL.txt)
  Phosphor Icons, MIT (bespoke/static/icons/phosphor/LICENSE)
  three.js 0.183.2, MIT (bespoke/static/vendor/three@0.183.2/LICENSE)
CAD files of tests and their licences: tests/models/README.md

Used as unmodified dependencies, installed from the lock, not shipped:
"""

CHOSEN = {"pyphen": "Mozilla Public License 1.1, of the three it offers"}


def licence_of(name: str) -> str:
    """The licence a package states: its expression, else its classifiers, else its own short word."""
    if name in CHOSEN:
        return CHOSEN[name]
    try:
        stated = metadata(name)
    except PackageNotFoundError:
        return "not installed on this platform"
    expression = stated.get("License-Expression")
    if expression:
        return str(expression)
    classes = [line.rpartition(" :: ")[2] for line in stated.get_all("Classifier") or () if line.startswith("License")]
    word = (stated.get("License") or "").strip().splitlines()
    return ", ".join(dict.fromkeys(classes)) or (word[0][:60] if word else "see the package")


def main() -> None:
    """Write the file anew."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)), key=str.lower)
    lines = [f"  {name}: {licence_of(name)}" for name in names]
    (ROOT / "NOTICE").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
