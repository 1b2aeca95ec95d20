"""Named cameras as data, and the view one of them has of a piece standing upright.

The piece stands on the ground z = 0 with its head towards +z; seen from the front the finger's axis
points away from the camera (+y) and x runs to the right. A bench photograph can be taken from the same
place: azimuth and elevation are read off the table, the distance follows from the piece.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Camera:
    """A place to look from: angles in degrees, `fill` is the share of the frame the piece may take."""

    name: str
    azimuth_deg: float  # 0 looks along the finger, positive walks round to the right
    elevation_deg: float  # 0 is level with the piece, 90 looks straight down
    field_deg: float  # vertical angle of view; 20 is what a 100 mm macro lens sees
    fill: float = 0.82


FRONT = Camera("front", 0.0, 7.0, 20.0)
THREE_QUARTER = Camera("three-quarter", 28.0, 25.0, 20.0, 0.86)
TOP = Camera("top", 0.0, 72.0, 20.0, 0.72)
CAMERAS = (THREE_QUARTER, FRONT, TOP)
COVER = Camera("cover", -28.0, 22.0, 20.0, 0.66)  # upright, with room for a title below
TURNTABLE = Camera("turntable", 28.0, 22.0, 20.0, 0.86)

RIM, LEAST_FILL = 0.02, 0.5  # shares of a picture: what a piece in another's frame keeps free, and takes at least


@dataclass(frozen=True, slots=True)
class View:
    """A camera placed before a piece: unit vectors and the position in millimetres, the size in pixels."""

    position: Floats
    right: Floats
    up: Floats
    forward: Floats
    half_height: float  # tangent of half the vertical angle of view
    size: tuple[int, int]
    azimuth_deg: float
    field_deg: float

    def directions(self, columns: NDArray[np.floating], rows: NDArray[np.floating]) -> Floats:
        """Unit directions (n, 3) through places in the picture; whole numbers are the pixels' centres."""
        width, height = self.size
        scale = 2.0 * self.half_height / height
        x = ((columns + (0.5 - width / 2)) * scale).astype(np.float32)
        y = ((height / 2 - 0.5 - rows) * scale).astype(np.float32)
        rays = self.forward + x[:, None] * self.right + y[:, None] * self.up
        rays /= np.sqrt(np.einsum("ij,ij->i", rays, rays))[:, None]
        return np.asarray(rays, np.float32)

    def project(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points (n, 3) fall in the picture: columns and rows (n, 2) in pixels from the top left."""
        width, height = self.size
        offset = np.asarray(points, np.float64) - self.position
        depth = offset @ self.forward
        scale = height / 2 / self.half_height / depth
        return np.stack([width / 2 + offset @ self.right * scale, height / 2 - offset @ self.up * scale], axis=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a camera stands in millimetres: away from the middle of the ground, moved across and along its picture."""

    distance_mm: float
    across_mm: float
    along_mm: float


def place(
    camera: Camera, points: NDArray[np.floating], size: tuple[int, int], *, azimuth_deg: float | None = None
) -> View:
    """The view from which all `points` (n, 3) in millimetres fill the camera's share of the frame, centred."""
    return stand(camera, frame(camera, points, size, azimuth_deg=azimuth_deg), size, azimuth_deg=azimuth_deg)


def frame_like(
    camera: Camera, points: NDArray[np.floating], size: tuple[int, int], other: Frame | None = None
) -> Frame:
    """The frame another piece was seen in, where these points fit it and do not get lost in it; else their own.

    Pictures of one frame lie on each other, so what moves between them has moved. Frames are of whole micrometres.
    """
    if other is not None:
        places = stand(camera, other, size).project(points) / np.array(size)
        taken = np.ptp(places, axis=0).max()
        if places.min() >= RIM and places.max() <= 1 - RIM and taken >= LEAST_FILL:
            return other
    own = frame(camera, points, size)
    return Frame(round(own.distance_mm, 3), round(own.across_mm, 3), round(own.along_mm, 3))


def frame(
    camera: Camera, points: NDArray[np.floating], size: tuple[int, int], *, azimuth_deg: float | None = None
) -> Frame:
    """Where the camera stands for all `points` to fill its share of the picture, centred."""
    right, up, forward = _axes(camera.azimuth_deg if azimuth_deg is None else azimuth_deg, camera.elevation_deg)
    half = float(np.tan(np.radians(camera.field_deg / 2)))
    points = np.asarray(points, np.float64)
    target = (points.min(axis=0) + points.max(axis=0)) / 2
    reach = half * camera.fill
    aspect = size[0] / size[1]
    across, along, away = (points @ right, points @ up, points @ forward)
    x, y = float(target @ right), float(target @ up)
    # the nearest distance at which every point is inside; centring moves the limits, so a few rounds
    distance = 0.0
    for _ in range(8):
        distance = float(
            max((np.abs(across - x) / (reach * aspect) - away).max(), (np.abs(along - y) / reach - away).max())
        )
        depth = away + distance
        x += float(((across - x) / depth).max() + ((across - x) / depth).min()) / 2 * float(depth.mean())
        y += float(((along - y) / depth).max() + ((along - y) / depth).min()) / 2 * float(depth.mean())
    return Frame(distance, x, y)


def stand(camera: Camera, at: Frame, size: tuple[int, int], *, azimuth_deg: float | None = None) -> View:
    """The view a camera has from where it stands."""
    azimuth = camera.azimuth_deg if azimuth_deg is None else azimuth_deg
    right, up, forward = _axes(azimuth, camera.elevation_deg)
    half = float(np.tan(np.radians(camera.field_deg / 2)))
    position = at.across_mm * right + at.along_mm * up - at.distance_mm * forward
    return View(
        np.asarray(position, np.float32),
        np.asarray(right, np.float32),
        np.asarray(up, np.float32),
        np.asarray(forward, np.float32),
        half,
        size,
        azimuth,
        camera.field_deg,
    )


def swept(points: NDArray[np.floating], steps: int = 24) -> NDArray[np.float64]:
    """The points in every position of a full turn about the vertical through the origin."""
    radius = np.hypot(points[:, 0], points[:, 1])
    # only the outline of (radius, height) can touch the frame
    keep = _outline(np.stack([radius, points[:, 2]], axis=1))
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.stack(
        [
            np.outer(radius[keep], np.cos(angle)).ravel(),
            np.outer(radius[keep], np.sin(angle)).ravel(),
            np.repeat(points[keep, 2], steps),
        ],
        axis=1,
    )


def _outline(plane: NDArray[np.floating], directions: int = 64) -> NDArray[np.intp]:
    angle = np.linspace(0, 2 * np.pi, directions, endpoint=False)
    return np.unique((plane @ np.stack([np.cos(angle), np.sin(angle)])).argmax(axis=0))


def _axes(
    azimuth_deg: float, elevation_deg: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    turn, rise = np.radians(azimuth_deg), np.radians(elevation_deg)
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    ahead = np.array([-np.sin(turn), np.cos(turn), 0.0])
    forward = np.cos(rise) * ahead - np.sin(rise) * np.array([0.0, 0.0, 1.0])
    return right, np.cross(right, forward), forward
