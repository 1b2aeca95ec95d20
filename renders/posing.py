"""How the piece stands: the finger's axis, and which way the head is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from renders import surface
from renders.bodies import Body, Bore, Kind, Pose

_EVEN = 0.02  # of the bore's radius: a band whose weight is nearer to the middle has no head


def pose(bodies: Sequence[Body], bore: Bore | None) -> Pose:
    """The pose of the made bodies, all in one unit.

    A ring's `up` points from the finger to its stones, or to where most of its surface is; a plain band and a
    piece without a bore keep the file's upright, Z.
    """
    made = [body for body in bodies if body.kind is not Kind.HELPER] or list(bodies)
    if bore is None:
        bounds = np.array([(body.mesh.vertices.min(axis=0), body.mesh.vertices.max(axis=0)) for body in made])
        lowest, highest = bounds[:, 0].min(axis=0), bounds[:, 1].max(axis=0)
        return Pose(_thinnest_across_z(highest - lowest), np.array([0.0, 0.0, 1.0]), (lowest + highest) / 2)
    axis = _steady(bore.axis)
    centre = bore.centre
    for chosen in ([body for body in made if body.kind is Kind.STONE], made):
        if chosen:
            offset = _middle(chosen) - centre
            offset -= (offset @ axis) * axis
            if np.linalg.norm(offset) > _EVEN * bore.diameter / 2:
                return Pose(axis, offset / np.linalg.norm(offset), centre)
    return Pose(axis, _upright(axis), centre)


def _middle(bodies: Sequence[Body]) -> NDArray[np.float64]:
    """Where the middle of the surface of these bodies is."""
    total, weighted = 0.0, np.zeros(3)
    for body in bodies:
        vertices, faces = np.asarray(body.mesh.vertices), np.asarray(body.mesh.faces)
        area = surface.normals(vertices, faces)[1]
        weighted += (vertices[faces].mean(axis=1) * area[:, None]).sum(axis=0)
        total += float(area.sum())
    middle: NDArray[np.float64] = weighted / max(total, 1e-300)
    return middle


def _steady(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same line always with the same sign: its largest component is positive."""
    return np.asarray(-axis if axis[int(np.argmax(np.abs(axis)))] < 0 else axis, np.float64)


def _upright(axis: NDArray[np.float64]) -> NDArray[np.float64]:
    upward = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
    upward -= (upward @ axis) * axis
    level: NDArray[np.float64] = upward / np.linalg.norm(upward)
    return level


def _thinnest_across_z(extents: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pendant is looked at along the shorter of X and Y."""
    chosen: NDArray[np.float64] = np.eye(3)[int(extents[1] <= extents[0])]
    return chosen
