"""How much metal there is: the union of all metal bodies, because parts that overlap are cast once."""

from collections.abc import Sequence

import manifold3d
import numpy as np

from renders import surface
from renders.bodies import Body
from renders.errors import OpenMesh
from renders.surface import EdgeCount, Faces, Points
from workflows.sentences import sentence


def metal_volume(bodies: Sequence[Body]) -> float:
    """Volume of the metal cast solid, in mm³; hollows that a surface encloses are not counted.

    Args:
        bodies: the metal bodies as `renders.sorting` leaves them, meshes in millimetres.

    Raises:
        OpenMesh: there is no metal, or a surface does not enclose a volume; says which and how many edges.
    """
    if not bodies:
        raise OpenMesh(sentence("No metal was found in the file, so there is nothing to weigh."), open_edges=0)
    for body in bodies:
        _check_closed(body)
    solids: list[manifold3d.Manifold] = []
    hollows: list[manifold3d.Manifold] = []
    for body in bodies:
        vertices, faces = np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64)
        for points, corners in surface.pieces(vertices, faces):
            outer = surface.signed_volume(points, corners) > 0
            (solids if outer else hollows).append(_solid(points, corners if outer else corners[:, ::-1], body.name))
    whole = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)
    if hollows:
        whole -= manifold3d.Manifold.batch_boolean(hollows, manifold3d.OpType.Add)
    return float(whole.volume())


def open_bodies(bodies: Sequence[Body]) -> list[tuple[Body, EdgeCount]]:
    """Those that do not enclose a volume, with their edges counted."""
    counted = [(body, surface.count_edges(np.asarray(body.mesh.faces, np.int64))) for body in bodies]
    return [(body, edges) for body, edges in counted if not edges.closed]


def edges_said(edges: EdgeCount) -> str:
    """The counts in words: “12 open edges, 3 edges of more than two faces”."""
    said = (
        (edges.open, "open edges"),
        (edges.crowded, "edges shared by more than two faces"),
        (edges.twisted, "edges whose faces disagree on what is outside"),
    )
    return ", ".join(f"{number:,} {what}" for number, what in said if number)


def _check_closed(body: Body) -> None:
    edges = surface.count_edges(np.asarray(body.mesh.faces, np.int64))
    if not edges.closed:
        raise OpenMesh(
            sentence(
                "“%(body)s” does not enclose a volume: %(edges_said)s. Close it in the CAD program.",
                body=body.name,
                edges_said=edges_said(edges),
            ),
            body=body.name,
            open_edges=edges.open,
            crowded_edges=edges.crowded,
            twisted_edges=edges.twisted,
        )


def _solid(points: Points, faces: Faces, name: str) -> manifold3d.Manifold:
    mesh = manifold3d.Mesh64(np.ascontiguousarray(points), np.ascontiguousarray(faces, np.uint64))
    solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError:
        raise OpenMesh(
            sentence(
                "“%(name)s” does not enclose a volume: %(name2)s. Close it in the CAD program.",
                name=name,
                name2=solid.status().name,
            ),
            body=name,
        )
    return solid
