"""A design on its way from the child that reads to the child that draws: arrays and names, nothing of the file."""

import json
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from renders.bodies import Body, Bore, Design, Kind, Mesh, Pose
from renders.errors import NoDesign
from workflows.sentences import sentence

_VERSION = 2


def save(design: Design, path: Path) -> None:
    """Write vertices (float64, mm), faces (int32) and names of all bodies, pose and bore; there whole or not at all."""
    names = [[body.name, body.layer, body.material, body.kind.value] for body in design.bodies]
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        "about": np.frombuffer(json.dumps({"version": _VERSION, "bodies": names}).encode(), np.uint8),
        "pose": np.stack([design.pose.axis, design.pose.up, design.pose.centre]),
    }
    if design.bore is not None:
        arrays["bore"] = np.array([design.bore.diameter, *design.bore.axis, *design.bore.centre], np.float64)
    for number, body in enumerate(design.bodies):
        arrays[f"vertices{number}"] = np.asarray(body.mesh.vertices, np.float64)
        arrays[f"faces{number}"] = np.asarray(body.mesh.faces, np.int32)
    waiting = path.with_name(path.name + ".part")
    with waiting.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
    waiting.replace(path)


def load(path: Path) -> Design:
    """The design `save` wrote.

    Raises:
        NoDesign: there is none, or it is not of this version.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            about = json.loads(arrays["about"].tobytes())
            if about["version"] != _VERSION:
                raise NoDesign(sentence("The design was read by another version. Examine the file again."))
            bodies = tuple(
                Body(
                    name,
                    layer,
                    material,
                    Kind(kind),
                    Mesh(arrays[f"vertices{number}"], arrays[f"faces{number}"].astype(np.int64)),
                )
                for number, (name, layer, material, kind) in enumerate(about["bodies"])
            )
            axis, up, centre = (np.array(row, np.float64) for row in arrays["pose"])
            told = arrays["bore"] if "bore" in arrays.files else None
    except (OSError, BadZipFile, KeyError, ValueError, TypeError) as error:
        raise NoDesign(sentence("The folder holds no design that was read. Examine the file first.")) from error
    bore = None if told is None else Bore(float(told[0]), told[1:4], told[4:7])
    return Design(bodies, Pose(axis, up, centre), bore)
