"""Make the fonts in bespoke/static/fonts from the two npm packages they come from.

    python scripts/fonts.py

It asks npm for the packages at fixed versions, copies the variable files that pages use, and cuts static instances
for print: a variable font would be embedded in a PDF as Type 3, which cannot be searched or hinted well.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FONTS = Path(__file__).resolve().parent.parent / "bespoke" / "static" / "fonts"
SUBSETS = ("latin", "latin-ext", "vietnamese")


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package of a font family, at the version we took."""

    name: str
    version: str
    family: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One static cut: which variable file, at which place on its axes, under which name."""

    name: str
    package: Package
    source: str  # file name without the subset, e.g. {subset}-standard-normal
    axes: tuple[tuple[str, float], ...]


NEWSREADER = Package("@fontsource-variable/newsreader", "5.3.0", "newsreader")
HANKEN = Package("@fontsource-variable/hanken-grotesk", "5.3.0", "hanken-grotesk")
INSTANCES = (
    Instance("newsreader-display-330", NEWSREADER, "standard-normal", (("opsz", 72), ("wght", 330))),
    Instance("newsreader-text-400-italic", NEWSREADER, "standard-italic", (("opsz", 20), ("wght", 400))),
    Instance("hanken-grotesk-400", HANKEN, "wght-normal", (("wght", 400),)),
    Instance("hanken-grotesk-500", HANKEN, "wght-normal", (("wght", 500),)),
    Instance("hanken-grotesk-600", HANKEN, "wght-normal", (("wght", 600),)),
)
WEB = (
    (NEWSREADER, "standard-normal"),
    (NEWSREADER, "standard-italic"),
    (HANKEN, "wght-normal"),
)


def fetch(package: Package, folder: Path) -> Path:
    """The unpacked package, got through npm."""
    folder.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True, stdout=sys.stderr
    )
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def cut(instance: Instance, subset: str, package: Path, target: Path) -> None:
    """Write one static instance as TrueType, the same bytes each time; print does not unpack it at every dossier."""
    source = package / "files" / f"{instance.package.family}-{subset}-{instance.source}.woff2"
    font = TTFont(source, recalcTimestamp=False)
    static = instancer.instantiateVariableFont(font, dict(instance.axes))
    for record in list(static["name"].names):
        if record.nameID in (1, 4, 16):
            record.string = f"{instance.name} {subset}"
        elif record.nameID == 6:
            record.string = f"{instance.name}-{subset}"
    static.flavor = None
    static.save(target / f"{instance.name}-{subset}.ttf")


def main() -> None:
    """Make everything anew."""
    shutil.rmtree(FONTS, ignore_errors=True)
    (FONTS / "print").mkdir(parents=True)
    (FONTS / "web").mkdir()
    with tempfile.TemporaryDirectory() as name:
        packages = {package: fetch(package, Path(name) / package.family) for package in (NEWSREADER, HANKEN)}
        for package, folder in packages.items():
            shutil.copy(folder / "LICENSE", FONTS / f"{package.family}-OFL.txt")
        for instance in INSTANCES:
            for subset in SUBSETS:
                cut(instance, subset, packages[instance.package], FONTS / "print")
        for package, source in WEB:
            for subset in SUBSETS[:2]:
                file = f"{package.family}-{subset}-{source}.woff2"
                shutil.copy(packages[package] / "files" / file, FONTS / "web" / file)
    sums = {
        file.relative_to(FONTS).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(FONTS.rglob("*"))
        if file.is_file()
    }
    made_from = {package.name: package.version for package in packages}
    (FONTS / "sources.json").write_text(json.dumps({"packages": made_from, "sha256": sums}, indent=1) + "\n")


if __name__ == "__main__":
    main()
