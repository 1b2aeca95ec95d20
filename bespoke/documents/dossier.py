"""The dossier: its manifest, its HTML, and the folder that the limited child binds it from."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bespoke.documents import codec
from bespoke.documents.drawings import qr_svg, safe_svg, size_of
from bespoke.documents.errors import MissingPicture
from bespoke.documents.facts import DossierFacts, Stone, pictures_of, reports_of
from bespoke.documents.typefaces import font_faces
from bespoke.templating import environment

FORMAT = "bespoke.dossier/1"
FACTS, MANIFEST, APPROVALS, PDF = "facts.json", "manifest.json", "approvals.json", "dossier.pdf"
PICTURES, REPORTS = "pictures", "reports"
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
PLOTS_WIDE_PX, PLOTS_HIGH_PX = Decimal(370), Decimal(220)
MM_PER_INCH, PX_PER_INCH = Decimal("25.4"), Decimal(96)


@dataclass(frozen=True, slots=True)
class Plot:
    """One facet plot as it is placed on the page, in CSS pixels."""

    name: str
    alt: str
    width: Decimal
    height: Decimal


@dataclass(frozen=True, slots=True)
class Plots:
    """The facet plots of a stone, all at one scale; `times` life size, when the drawings tell."""

    drawn: tuple[Plot, ...]
    times: Decimal | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder ready to be bound, and the seal of what is in it."""

    folder: Path
    facts: DossierFacts  # with the manifest's digest
    manifest: bytes
    manifest_digest: str


def prepare(
    facts: DossierFacts, folder: Path, *, pictures: Mapping[str, Path], reports: Mapping[str, Path]
) -> Prepared:
    """Lay facts, pictures, reports, approvals and the sealed manifest into a folder for the child to bind.

    Args:
        folder: empty, the child's own.
        pictures: name in the facts → JPEG or PNG that `documents.images` has written.
        reports: name in the facts → the laboratory's PDF, taken in byte for byte.

    Raises:
        MissingPicture: the facts name a file that is not among these, or name one unsafely.
    """
    (folder / PICTURES).mkdir()
    (folder / REPORTS).mkdir()
    for names, given, place in (
        (pictures_of(facts), pictures, PICTURES),
        (reports_of(facts), reports, REPORTS),
    ):
        for name in names:
            if name not in given or not FILE.fullmatch(name):
                raise MissingPicture(f"{name!r} is named in the dossier but was not handed over.", name=name)
            (folder / place / name).write_bytes(given[name].read_bytes())
    approvals = codec.write(
        {"reference": facts.reference, "approvals": [codec.to_json(approval) for approval in facts.approvals]}
    )
    (folder / APPROVALS).write_bytes(approvals)
    sealed = manifest(facts, folder)
    digest = hashlib.sha256(sealed).hexdigest()
    stated = replace(facts, manifest_digest=digest)
    (folder / MANIFEST).write_bytes(sealed)
    (folder / FACTS).write_bytes(codec.write(codec.to_json(stated)))
    return Prepared(folder, stated, sealed, digest)


def manifest(facts: DossierFacts, folder: Path) -> bytes:
    """The canonical manifest: every fact, and the digest of every picture and enclosure in the folder."""
    enclosed = [folder / APPROVALS, *(folder / REPORTS / name for name in reports_of(facts))]
    return codec.write(
        {
            "format": FORMAT,
            "reference": facts.reference,
            "code": facts.code,
            "version": facts.version,
            "issued_on": facts.finished.isoformat(),
            "facts": codec.to_json(replace(facts, manifest_digest="")),
            "pictures": [_sealed(folder / PICTURES / name) for name in pictures_of(facts)],
            "attachments": [_sealed(file) for file in enclosed],
        }
    )


def html(facts: DossierFacts) -> str:
    """The dossier as one HTML document whose pictures and drawings are on the shelf."""
    length = len(facts.title)
    return (
        environment(facts.locale)
        .get_template("documents/dossier.html")
        .render(
            facts=facts,
            plots=[plots(stone) for stone in facts.stones],
            language=facts.locale.replace("_", "-"),
            zone=ZoneInfo(facts.zone),
            fonts=Markup(font_faces()),
            title_class="longer" if length > 60 else "long" if length > 26 else "",
            check_address=check_address(facts),
        )
    )


def plots(stone: Stone) -> Plots | None:
    """Crown and pavilion at one common scale, as large as their place allows, and how large that is."""
    drawn = [
        (name, drawing)
        for name, drawing in (("crown", stone.crown), ("pavilion", stone.pavilion))
        if drawing is not None
    ]
    if not drawn:
        return None
    units = drawn[0][1].units_per_mm
    true = units is not None and all(drawing.units_per_mm == units for _, drawing in drawn)
    sizes = [size_of(drawing.svg) for _, drawing in drawn]
    wide, high = sum(width for width, _ in sizes), max(height for _, height in sizes)
    factor = min(PLOTS_WIDE_PX / wide, PLOTS_HIGH_PX / high)
    return Plots(
        tuple(
            Plot(name, drawing.alt, round(width * factor, 2), round(height * factor, 2))
            for (name, drawing), (width, height) in zip(drawn, sizes, strict=True)
        ),
        round(units * factor * MM_PER_INCH / PX_PER_INCH, 1) if true and units is not None else None,
    )


def drawings(facts: DossierFacts) -> dict[str, bytes]:
    """Shelf name → SVG of every drawing in the dossier, checked and lettered, and the QR code.

    Raises:
        UnsafeDrawing: one holds more than lines and figures.
    """
    named = {"elevation": facts.elevation}
    named |= {f"revision-{revision.number}": revision.drawing for revision in facts.revisions}
    for index, stone in enumerate(facts.stones, start=1):
        named |= {f"stone-{index}-crown": stone.crown, f"stone-{index}-pavilion": stone.pavilion}
    drawn = {f"drawings/{key}.svg": safe_svg(drawing.svg) for key, drawing in named.items() if drawing is not None}
    return {**drawn, "drawings/check.svg": qr_svg(check_address(facts))}


def check_address(facts: DossierFacts) -> str:
    """The address of the public check that the QR code opens."""
    return f"https://{facts.house.site}/v/{facts.code}"


def _sealed(file: Path) -> dict[str, codec.Json]:
    content = file.read_bytes()
    return {"name": file.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
