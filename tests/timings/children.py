"""How long the limited children take: a ring of 230,000 triangles drawn, a dossier of 20 photographs bound."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageEnhance

from bespoke.documents import dossier
from bespoke.documents.facts import DossierFacts, Picture
from bespoke.jobs.binding import BIND, REASON, REENCODE, SIGN, SIGNED
from bespoke.proof import keys
from renders import sandbox
from renders.examination import DESIGN_FILE
from renders.sandbox import Limits
from tests import cadfiles, mareel, rings
from tests.timings.measure import Row

LIMITS = Limits(memory_mb=4096, cpu_seconds=900, wall_seconds=1800, file_mb=1024)
FIRST = "still-three-quarter.png"
OTHERS, AROUND = 17_554, 122  # triangles of the solitaire beside its shank, and of one segment of the shank
PHOTOGRAPHS = 20


def ring(folder: Path, triangles: int) -> Path:
    """A solitaire of about so many triangles, as GLB."""
    made = rings.solitaire(segments=(triangles - OTHERS) // AROUND)
    return cadfiles.write(made.parts, folder / f"ring-{triangles}.glb")


def drawing(top: Path) -> Iterator[Row]:
    """From file to first picture, to the whole, and what it took."""
    cad = ring(top, 230_000)
    folder = top / "ring"
    own = folder / "drawing"
    own.mkdir(parents=True)
    runs = []
    for _ in range(2):
        (folder / FIRST).unlink(missing_ok=True)
        runs.append(_from_file_to_pictures(cad, folder, own))
    reads, firsts, wholes, peaks = (tuple(column) for column in zip(*runs, strict=True))
    yield Row("file to first picture, ring of 230,000 triangles", "s", firsts, 8)
    cpu = [read[1] + whole[1] for read, whole in zip(reads, wholes, strict=True)]
    walls = [whole[0] for whole in wholes]
    yield Row("report, stills and turntable of 36, same ring", "s", walls, 60, cpu, "CPU is of both cores")
    yield Row("report alone, same ring", "s", [read[0] for read in reads], None, [read[1] for read in reads])
    yield Row("child peak memory, same ring", "MB", peaks, 2000)


def _from_file_to_pictures(
    cad: Path, folder: Path, own: Path
) -> tuple[tuple[float, float], float, tuple[float, float], float]:
    """As the worker does it: the child that draws gets ready while the other reads."""
    (folder / DESIGN_FILE).unlink(missing_ok=True)
    began = time.time()
    with sandbox.started("renders", ["picture", str(folder), "--wait"], folder=own, limits=LIMITS) as drawing:
        read = sandbox.run("renders", ["read", str(cad), "--out", str(folder)], folder=folder, limits=LIMITS)
        drawn = drawing.finish()
    first = (folder / FIRST).stat().st_mtime - began
    peak = max(read.peak_memory_mb, drawn.peak_memory_mb)
    return (read.wall_seconds, read.cpu_seconds), first, (drawn.wall_seconds, drawn.cpu_seconds), peak


def web_model(top: Path) -> Iterator[Row]:
    """The light model of a large ring: how large, how far off, how long."""
    cad = ring(top, 500_000)
    folder = top / "web"
    folder.mkdir()
    sandbox.run("renders", ["read", str(cad), "--out", str(folder)], folder=folder, limits=LIMITS)
    done = sandbox.run("renders", ["picture", str(folder), "--only", "web"], folder=folder, limits=LIMITS)
    listed = json.loads((folder / "pictures.json").read_text(encoding="utf-8"))["pictures"]
    facts = next(one["facts"] for one in listed if one["kind"] == "model")
    note = f"{facts['triangles_before']:,.0f} to {facts['triangles']:,.0f} triangles"
    yield Row("light model of 500,000 triangles, size", "kB", [facts["bytes"] / 1000], 1000, note=note)
    yield Row("light model of 500,000 triangles, largest error", "µm", [facts["max_error_um"]])
    yield Row("light model of 500,000 triangles, made", "s", [done.wall_seconds], None, [done.cpu_seconds])


def dossiers(top: Path) -> Iterator[Row]:
    """A dossier with twenty photographs: its binding, and everything from the camera's files to the signature."""
    raw, clean = top / "raw", top / "clean"
    for folder in (raw, clean):
        folder.mkdir()
    facts = _facts(raw)
    report = top / mareel.REPORT
    report.write_bytes(b"%PDF-1.4\n%%EOF\n")
    keys.create(top / "keys", "Orrell & Finch", at=datetime.now(UTC))
    bound, whole = [], []
    for number in range(3):
        began = time.perf_counter()
        encoded = sandbox.run(REENCODE, [str(raw), str(clean)], folder=clean, limits=LIMITS)
        laid = top / f"laid-{number}"
        laid.mkdir()
        pictures = mareel.PICTURES | {path.name: path for path in clean.iterdir()}
        dossier.prepare(facts, laid, pictures=pictures, reports={mareel.REPORT: report})
        done = sandbox.run(BIND, [str(laid / dossier.FACTS), str(laid)], folder=laid, limits=LIMITS)
        files = [str(path) for path in (top / "keys", laid / dossier.PDF, laid / SIGNED)]
        told = [f"--at={datetime.now(UTC).isoformat()}", f"--reason={REASON}", "--location=London"]
        signed = sandbox.run(SIGN, [*files, *told], folder=laid, limits=LIMITS)
        cpu = sum(child.cpu_seconds for child in (encoded, done, signed))
        whole.append((time.perf_counter() - began, cpu))
        bound.append((done.wall_seconds, done.cpu_seconds))
    yield Row("dossier of 20 photographs, binding", "s", [one[0] for one in bound], 4, [one[1] for one in bound])
    yield Row(
        "same, with re-encoding of the photographs and signature", "s", [one[0] for one in whole], None,
        [one[1] for one in whole],
    )  # fmt: skip


def _facts(raw: Path) -> DossierFacts:
    """The Mareel ring with a photograph of its own at each of twenty steps, as large as a camera's."""
    sources = [path for path in mareel.PICTURES.values() if path.suffix == ".jpg"]
    names = [f"photograph-{number:02}.jpg" for number in range(PHOTOGRAPHS)]
    for number, name in enumerate(names):
        with Image.open(sources[number % len(sources)]) as picture:
            changed = ImageEnhance.Brightness(picture.convert("RGB")).enhance(0.8 + number * 0.02)
            changed.resize((3000, 2000)).save(raw / name, quality=90)
    whole = mareel.mareel()
    model = whole.steps[0]
    steps = tuple(replace(model, picture=Picture(name, f"Step {number}")) for number, name in enumerate(names, 1))
    return replace(whole, steps=steps)
