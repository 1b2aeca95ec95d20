"""Files made to harm: each ends in a named refusal within seconds and bounded memory, through the limited child."""

import io
import json
import struct
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from renders import errors
from renders.examination import DESIGN_FILE, REPORT_FILE, examine
from renders.report import Report
from renders.sandbox import Limits, run
from tests import cadfiles, rings

LIMITS = Limits(memory_mb=2048, cpu_seconds=30, wall_seconds=120, file_mb=256)
MODELS = Path(__file__).parents[1] / "models"


def stl(triangles: np.ndarray, announced: int | None = None) -> bytes:
    record = np.zeros(len(triangles), np.dtype([("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")]))
    record["v"] = triangles
    count = len(triangles) if announced is None else announced
    return b"ring".ljust(80, b"\0") + struct.pack("<I", count) + record.tobytes()


def glb(tree: dict, chunk: bytes = b"") -> bytes:
    text = json.dumps(tree).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(chunk), 0x004E4942) + chunk
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def bomb() -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive, archive.open("3D/3dmodel.model", "w") as model:
        for _ in range(400):
            model.write(b" " * 1_000_000)
    return stream.getvalue()


def overlapping() -> bytes:
    """Two directory entries that point at the same bytes."""
    data = bytearray(cadfiles.zipped([("3D/3dmodel.model", b"x" * 500), ("3D/3dmodel.mode2", b"x" * 500)]))
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def billion_laughs() -> bytes:
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(9)
    )
    return cadfiles.zipped([("3D/3dmodel.model", f"<!DOCTYPE model [{entities}]><model>&j;</model>".encode())])


def nested_components() -> bytes:
    """Each object places the one before it ten times: 10¹² boxes from a few hundred bytes."""
    box = '<object id="1"><mesh><vertices><vertex x="0" y="0" z="0"/><vertex x="1" y="0" z="0"/>'
    box += (
        '<vertex x="0" y="1" z="0"/></vertices><triangles><triangle v1="0" v2="1" v3="2"/></triangles></mesh></object>'
    )
    grown = "".join(
        f'<object id="{k}"><components>{f"""<component objectid="{k - 1}"/>""" * 10}</components></object>'
        for k in range(2, 14)
    )
    model = f'<model unit="millimeter"><resources>{box}{grown}</resources><build><item objectid="13"/></build></model>'
    return cadfiles.zipped([("3D/3dmodel.model", model.encode())])


def huge_accessor() -> bytes:
    view = {"buffer": 0, "byteLength": 12}
    accessor = {"bufferView": 0, "componentType": 5126, "count": 2**40, "type": "VEC3"}
    mesh = {"primitives": [{"attributes": {"POSITION": 0}}]}
    tree = {"buffers": [{"byteLength": 12}], "bufferViews": [view], "accessors": [accessor]}
    return glb(tree | {"meshes": [mesh], "nodes": [{"mesh": 0}], "scenes": [{"nodes": [0]}]}, bytes(12))


def looping_nodes() -> bytes:
    return glb({"nodes": [{"children": [0]}], "scenes": [{"nodes": [0]}], "meshes": [{"primitives": []}]})


BAND = rings.band(17.3, segments=60)
CORNERS = np.array(BAND.vertices)[BAND.faces]
SOUND_GLB = (MODELS / "mareel_r2.glb").read_bytes()
SOUND_STL = stl(CORNERS)

HOSTILE = {
    "empty": (b"", errors.EmptyDesign),
    "one byte": (b"s", errors.UnknownFormat),
    "garbage": (bytes(np.random.default_rng(0).integers(0, 256, 100_000, np.uint8)), errors.UnknownFormat),
    "a picture called .stl": (b"\x89PNG\r\n\x1a\n" + bytes(5000), errors.UnknownFormat),
    "zeros": (bytes(100_000), (errors.UnknownFormat, errors.BrokenFile, errors.EmptyDesign)),
    "stl cut off": (SOUND_STL[: len(SOUND_STL) // 2], errors.BrokenFile),
    "stl of ten million": (stl(CORNERS[:2], 10_000_000), errors.TooLarge),
    "stl of no triangle": (stl(CORNERS[:0]), errors.EmptyDesign),
    "stl not a number": (stl(np.where(CORNERS > 8, np.nan, CORNERS)), errors.NotFinite),
    "stl without end": (stl(np.where(CORNERS > 8, np.inf, CORNERS)), errors.NotFinite),
    "stl of one point": (stl(np.zeros((9, 3, 3))), errors.EmptyDesign),
    "stl text cut off": (b"solid ring\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0", errors.BrokenFile),
    "stl text of words": (
        b"solid r\nfacet normal 0 0 1\nouter loop\nvertex a b c\nvertex 1 0 0\nvertex 0 1 0\nendsolid",
        errors.BrokenFile,
    ),
    "obj of strange faces": (b"o ring\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99\n", errors.BrokenFile),
    "obj of words": (b"o ring\nv 0 zero 0\nf 1 1 1\n", errors.BrokenFile),
    "obj of huge numbers": (b"o ring\nv 0 0 0\nv 1 0 0\nf 1 2 99999999999999999999999\n", errors.BrokenFile),
    "obj without faces": (b"o ring\nv 0 0 0\nv 1 0 0\n", errors.EmptyDesign),
    "ply cut off": (
        b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
        b"element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n",
        errors.BrokenFile,
    ),
    "ply of four billion": (
        b"ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nelement face 1\nend_header\n" + bytes(999),
        errors.TooLarge,
    ),
    "ply of points": (
        b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n0\n",
        errors.EmptyDesign,
    ),
    "glb cut off": (SOUND_GLB[:300_000], errors.BrokenFile),
    "glb header alone": (b"glTF\2\0\0\0", errors.BrokenFile),
    "glb of nothing": (glb({"asset": {}}), errors.EmptyDesign),
    "glb beyond its end": (huge_accessor(), errors.BrokenFile),
    "glb in circles": (looping_nodes(), errors.BrokenFile),
    "glb of a list": (glb([]), errors.BrokenFile),  # type: ignore[arg-type]
    "glb compressed": (glb({"extensionsRequired": ["KHR_draco_mesh_compression"]}), errors.UnsupportedContent),
    "zip of letters": (cadfiles.zipped([("letter.txt", b"dear workshop")]), errors.UnknownFormat),
    "3mf bomb": (bomb(), errors.TooLarge),
    "3mf overlapping": (overlapping(), errors.BrokenFile),
    "3mf of laughs": (billion_laughs(), errors.BrokenFile),
    "3mf of components": (nested_components(), (errors.TooLarge, errors.BrokenFile)),
    "3mf leading out": (cadfiles.zipped([("../../evil.model", b"<model/>")]), errors.BrokenFile),
    "3mf cut off": (cadfiles.threemf({"r": BAND})[:-200], errors.BrokenFile),
    "step cut off": (cadfiles.step_band()[:1500], errors.BrokenFile),
    "step of nothing": (b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n", errors.RenderError),
    "step of words": (b"ISO-10303-21;\nwhat a lovely ring\nEND-ISO-10303-21;\n", errors.RenderError),
    "3dm cut off": ((MODELS / "mesh.3dm").read_bytes()[:20_000], errors.RenderError),
    "3dm header alone": (b"3D Geometry File Format        8", errors.BrokenFile),
}


THROUGH_EVERYTHING = ("garbage", "stl cut off", "glb cut off", "3mf bomb", "3mf of components", "step of words")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory) -> dict[str, tuple[str, str, float]]:
    """How each hostile file ended in one limited child that read them all."""
    files, folder = tmp_path_factory.mktemp("files"), tmp_path_factory.mktemp("folder")
    for number, (data, _) in enumerate(HOSTILE.values()):
        (files / f"{number:03d}").write_bytes(data)
    run("tests.reading", [str(files)], folder=folder, limits=Limits(2048, 60, 240, 256))
    lines = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
    return {case: tuple(line[1:]) for case, line in zip(HOSTILE, lines, strict=True)}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_ends_in_a_named_refusal(case, outcomes):
    how, said, seconds = outcomes[case]
    expected = HOSTILE[case][1]
    kinds = expected if isinstance(expected, tuple) else (expected,)
    named = getattr(errors, how, None)
    assert named is not None, said
    assert issubclass(named, kinds), f"{how}: {said}"
    assert said.endswith(".")
    assert seconds < 60


@pytest.mark.parametrize("case", THROUGH_EVERYTHING)
def test_the_refusal_reaches_the_one_who_asked_and_nothing_is_left(case, tmp_path):
    data, refusal = HOSTILE[case]
    source = tmp_path / "ring.stl"
    source.write_bytes(data)
    with pytest.raises(refusal):
        examine(source, tmp_path, limits=LIMITS)
    assert not (tmp_path / REPORT_FILE).exists()


def test_geometry_in_another_file_is_never_fetched(tmp_path):
    (tmp_path / "ring.glb").write_bytes(
        glb(
            {
                "buffers": [{"byteLength": 36, "uri": "file:///etc/passwd"}],
                "bufferViews": [{"buffer": 0, "byteLength": 36}],
                "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
                "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
                "nodes": [{"mesh": 0}],
                "scenes": [{"nodes": [0]}],
            },
            bytes(36),
        )
    )
    with pytest.raises(errors.UnsupportedContent, match="another file"):
        examine(tmp_path / "ring.glb", tmp_path, limits=LIMITS)


def test_a_refused_file_leaves_nothing_of_the_one_before(tmp_path):
    good, bad = tmp_path / "good.stl", tmp_path / "bad.stl"
    good.write_bytes(SOUND_STL)
    bad.write_bytes(stl(CORNERS[:0]))
    report = examine(good, tmp_path, limits=LIMITS)
    assert report.bore is not None
    with pytest.raises(errors.EmptyDesign):
        examine(bad, tmp_path, limits=LIMITS)
    assert not (tmp_path / REPORT_FILE).exists()
    assert not (tmp_path / DESIGN_FILE).exists()


def test_the_child_leaves_the_report_and_the_design(tmp_path):
    source = tmp_path / "ring of Ann & Bo.stl"
    source.write_bytes(SOUND_STL)
    report = examine(source, tmp_path, name="ring.stl", size_mm=17.3, limits=LIMITS)
    assert report.source.name == "ring.stl"
    assert report == Report.from_json((tmp_path / REPORT_FILE).read_text())
    assert (tmp_path / DESIGN_FILE).stat().st_size > 1000
