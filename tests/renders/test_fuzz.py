"""Files damaged by chance: thousands of mutations end in a design or a named refusal, never in anything else."""

import io
import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from renders import errors
from renders.sandbox import Limits, run
from tests import cadfiles, rings

MUTATIONS = 120
LIMITS = Limits(memory_mb=3072, cpu_seconds=60, wall_seconds=240, file_mb=64)
KINDS = ("stl", "ascii.stl", "obj", "ply", "glb", "3mf", "step", "3dm")


def sound(kind: str, folder: Path) -> bytes:
    if kind == "step":
        return cadfiles.step_band()
    parts = {"Metal shank": rings.band(17.3, segments=12), "Stone": rings.brilliant(girdle_facets=16)}
    if kind == "3mf":
        return ZipFile(io.BytesIO(cadfiles.threemf(parts))).read("3D/3dmodel.model")
    name = kind if "." in kind else f"r.{kind}"
    return cadfiles.write(parts, folder / name).read_bytes()


def mutated(data: bytes, chance: np.random.Generator) -> bytes:
    """The bytes with some flipped, cut, doubled or replaced by what programs stumble over."""
    changed = bytearray(data)
    for _ in range(int(chance.integers(1, 6))):
        at = int(chance.integers(0, max(1, len(changed))))
        size = int(chance.integers(1, 64))
        match int(chance.integers(0, 6)):
            case 0:
                changed[at : at + 1] = bytes([int(chance.integers(0, 256))])
            case 1:
                del changed[at : at + size]
            case 2:
                changed[at:at] = changed[at : at + size]
            case 3:
                changed[at : at + 4] = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\xc0\x7f", b"-1e9"][size % 4]
            case 4:
                del changed[at:]
            case 5:
                early = at % 300  # headers decide most
                changed[early : early + 2] = bytes(chance.integers(0, 256, 2, np.uint8))
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_end_in_a_design_or_a_named_refusal(kind, tmp_path):
    files, folder = tmp_path / "files", tmp_path / "folder"
    files.mkdir()
    folder.mkdir()
    data, chance = sound(kind, tmp_path), np.random.default_rng(KINDS.index(kind))
    for number in range(MUTATIONS):
        changed = mutated(data, chance)
        # a zip's checksums would refuse nearly all of them: damage what is inside
        packed = cadfiles.zipped([("3D/3dmodel.model", changed)]) if kind == "3mf" else changed
        (files / f"{number:04d}").write_bytes(packed)
    try:
        run("tests.reading", [str(files)], folder=folder, limits=LIMITS)
    except errors.ChildCrashed:
        assert kind in ("step", "3dm"), "only the native readers of others may crash, in their child"
    lines = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
    assert [line for line in lines if line[1] == "unnamed"] == []
    assert lines
    assert max(line[3] for line in lines) < 20
