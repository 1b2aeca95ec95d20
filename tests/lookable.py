"""A revision with everything the viewing room shows: a model, a turntable, dark stills, an elevation, a real report."""

import json
import struct
from dataclasses import replace

from sqlalchemy.orm import Session

from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.file import File
from bespoke.services import files
from bespoke.storage.store import Store
from renders.report import AlloyWeight, BodyReport, BoreReport, SizeLabel, StoneReport
from tests.factories import NOON
from tests.making import a_picture

FRAMES = 36


def a_model() -> bytes:
    """A GLB of one triangle of metal, as the house writes them."""
    corners = struct.pack("<12H", 0, 0, 0, 0, 65535, 0, 0, 0, 0, 0, 65535, 0)
    normals = struct.pack("<12b", 0, 127, 0, 0, 0, 127, 0, 0, 0, 127, 0, 0)
    blob = corners + normals + struct.pack("<4H", 0, 1, 2, 0)
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"name": "piece", "matrix": [0.001, 0, 0, 0, 0, 0, -0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1], "children": [1]},
            {"name": "Band", "mesh": 0, "translation": [-10, 0, -10], "scale": [20 / 65535] * 3},
        ],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"name": "gold", "pbrMetallicRoughness": {"baseColorFactor": [1, 0.6, 0.2, 1]}}],
        "accessors": [
            {"bufferView": 0, "componentType": 5123, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5120, "count": 3, "type": "VEC3", "normalized": True},
            {"bufferView": 2, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 24, "byteStride": 8},
            {"buffer": 0, "byteOffset": 24, "byteLength": 12, "byteStride": 4},
            {"buffer": 0, "byteOffset": 36, "byteLength": 8},
        ],
        "buffers": [{"byteLength": len(blob)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(blob))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(blob), b"BIN\0") + blob


def an_elevation(head_mm: str) -> bytes:
    """The figures an elevation carries on its root element."""
    told = {
        "width": "20.029",
        "height": "23.720",
        "stone-width": "6.300",
        "bore": "16.719",
        "head-above-finger": head_mm,
    }
    figures = " ".join(f'data-{name}-mm="{value}"' for name, value in told.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" {figures}><path d="M0 0"/></svg>'.encode()


def furnish(
    session: Session, store: Store, revision: Revision, *, head_mm: str = "5.318", weight_g: float = 5.141
) -> None:
    """Give a drawn revision all its pictures, and a report with a bore and stones."""
    name = f"{revision.piece.reference} {revision.number}"
    _keep(
        session,
        store,
        revision,
        a_picture(f"{name} dark"),
        "still-three-quarter-dark.png",
        "still",
        "dark",
        "three-quarter",
    )
    for number in range(FRAMES):
        frame = a_picture(f"{name} turned {number}")
        _keep(session, store, revision, frame, f"turn-{number:02}.webp", "turn", "dark", "turntable")
    _keep(session, store, revision, a_model() + name.encode(), "model.glb", "model")
    _keep(session, store, revision, an_elevation(head_mm), "elevation.svg", "elevation", camera="front")
    report = revision.report
    assert report is not None
    size = SizeLabel("UK", "UK M", -0.008)
    full = replace(
        report,
        bore=BoreReport(16.7189, 52.52, (0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (size,)),
        bore_reason=None,
        bodies=(BodyReport("Band", None, "gold", "metal", 1, True, 200.0, (20.0, 8.0, 22.0)),),
        stones=(
            StoneReport("Sapphire", "oval", 8.1, 6.3, 4.329, 78.4, 1.38, "sapphire", 1.5685),
            StoneReport("Diamond 1", "round", 1.62, 1.62, 0.998, 0.92, 0.016, "diamond", 0.016),
        ),
        weights=(AlloyWeight("AU750Y", 15.58, weight_g),),
    )
    revision.report_text = full.to_json()
    session.flush()


def _keep(
    session: Session,
    store: Store,
    revision: Revision,
    content: bytes,
    name: str,
    kind: str,
    ground: str | None = None,
    camera: str | None = None,
) -> None:
    stored = store.put([content])
    if session.get(File, stored.digest) is None:
        media = {"png": "image/png", "webp": "image/png", "glb": "model/gltf-binary", "svg": "image/svg+xml"}
        files.enter(session, stored, media[name.rpartition(".")[2]], at=NOON)
    row = RevisionPicture(name=name, kind=kind, camera=camera, ground=ground, digest=stored.digest)
    revision.pictures.append(row)
    session.flush()
