"""`bespoke rehearse` as its own process, and what it told."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MODELS = Path(__file__).parent / "models"
COMMAND = [sys.executable, "-c", "import sys; from bespoke.cli import main; sys.exit(main())"]
DRAWN_ONCE = "import sys; from pathlib import Path; from tests import drawn; from bespoke.cli import main; " \
             "drawn.remember(Path(sys.argv.pop(1))); sys.exit(main())"  # fmt: skip
FRAMES = {"BESPOKE_TURNTABLE_FRAMES": "4"}  # the turn is tried elsewhere; here it has to be there
PATIENCE_S = 900
REFUSED = "refused: "


@dataclass(frozen=True, slots=True)
class Told:
    """How a command ended: its exit code and what it said, and the folder it worked in."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def milestones(self) -> list[str]:
        """The first words of the lines of the story in their order, without refusals and repetitions."""
        words = [line.split()[0] for line in self.out.splitlines() if line and not line.startswith(" ")]
        return [word for number, word in enumerate(words) if number == 0 or words[number - 1] != word]

    @property
    def refusals(self) -> list[str]:
        """What was tried and not allowed, with the sentence it got."""
        return [line.partition(REFUSED)[2] for line in self.out.splitlines() if line.strip().startswith(REFUSED)]

    def line(self, milestone: str) -> str:
        """The last line about a milestone."""
        return [line for line in self.out.splitlines() if line.startswith(f"{milestone} ")][-1]


def bespoke(
    words: Sequence[str | Path],
    folder: Path,
    house: Mapping[str, str] | None = None,
    *,
    drawings: Path | None = None,
) -> Told:
    """One command of ours in a process of its own, without settings but those given.

    Args:
        drawings: a folder that remembers what was drawn of a design, see `tests.drawn`; drawn anew where left out.
    """
    command = COMMAND if drawings is None else [sys.executable, "-c", DRAWN_ONCE, str(drawings)]
    done = subprocess.run(
        [*command, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, **FRAMES, **(house or {})},
        timeout=PATIENCE_S,
        check=False,
    )
    return Told(done.returncode, done.stdout, done.stderr, folder)


def rehearse(
    folder: Path,
    *cads: Path,
    house: Mapping[str, str] | None = None,
    drawings: Path | None = None,
    **options: str,
) -> Told:
    """A rehearsal with these files; options as on the command line, `template="pendant"`."""
    words: list[str | Path] = ["rehearse", "--out", folder]
    for cad in cads:
        words += ["--cad", cad]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}", *([value] if value else [])]
    return bespoke(words, folder, house, drawings=drawings)


def came_to_its_end(told: Told, house: Mapping[str, str] | None = None, *, dossier: bool = True) -> None:
    """Assert that it ended well: its dossier is the house's own, and nothing the house remembers is broken."""
    assert told.code == 0, f"{told.out}\n{told.err}"
    assert re.search(r"\b0 breaches; ([1-9]\d*) refusals shown", told.line("doctor"))
    place = dict(house or {})
    place.setdefault("BESPOKE_DATA_FOLDER", str(told.folder / "house"))
    looked = bespoke(["doctor", "--deep"], told.folder, place)
    assert (looked.code, "BREACH" in looked.out) == (0, False), looked.out + looked.err
    if dossier:
        pinned = Path(place["BESPOKE_DATA_FOLDER"]) / "keys" / "signing" / "authority.pem"
        said = bespoke(["verify", "--house", pinned, told.folder / "dossier.pdf"], told.folder)
        assert (said.code, said.out.split()[0].rstrip(":.,")) == (0, "valid"), said.out + said.err
