"""Cameras are data; whatever the piece, they put it whole and centred into the frame."""

import numpy as np
import pytest

from renders.camera import CAMERAS, FRONT, TURNTABLE, Camera, frame_like, place, swept

SIZE = (400, 300)


def cloud(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(300, 3)) * chance.uniform(1, 15, 3)
    return points - [0, 0, points[:, 2].min()]


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.name)
@pytest.mark.parametrize("seed", range(4))
def test_every_point_is_inside_the_frame_and_one_side_is_filled(camera: Camera, seed: int) -> None:
    places = place(camera, cloud(seed), SIZE).project(cloud(seed))
    offset = np.abs(places / SIZE - 0.5) * 2
    assert offset.max() <= camera.fill + 0.02
    assert offset.max() >= camera.fill - 0.05


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.name)
def test_the_piece_is_centred(camera: Camera) -> None:
    places = place(camera, cloud(1), SIZE).project(cloud(1))
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    assert middle == pytest.approx([200, 150], abs=4)


def test_a_ray_through_a_pixel_meets_the_point_seen_there() -> None:
    view = place(FRONT, cloud(2), SIZE)
    columns, rows = np.array([0.0, 123.0, 399.0]), np.array([0.0, 200.0, 299.0])
    points = view.position + 80 * view.directions(columns, rows)
    assert view.project(points) == pytest.approx(np.stack([columns + 0.5, rows + 0.5], axis=1), abs=0.01)


def test_the_front_looks_along_the_finger_with_the_head_up() -> None:
    view = place(FRONT, cloud(3), SIZE)
    places = view.project(np.array([[0, 0, 5.0], [0, 0, 10.0], [4, 0, 5.0]]))
    assert places[1][1] < places[0][1]  # higher is nearer the top
    assert places[2][0] > places[0][0]  # x runs to the right


def test_no_turn_of_the_table_takes_the_piece_out_of_the_frame() -> None:
    points = cloud(4)
    room = swept(points)
    views = [place(TURNTABLE, room, SIZE, azimuth_deg=turn) for turn in range(0, 360, 30)]
    for view in views:
        assert (np.abs(view.project(points) / SIZE - 0.5) * 2).max() < 0.95
        distance = np.linalg.norm(view.position)
        assert distance == pytest.approx(np.linalg.norm(views[0].position), rel=0.01)


def test_the_next_drawing_is_seen_from_where_the_first_was_while_it_fits_there() -> None:
    points = cloud(5)
    first = frame_like(FRONT, points, SIZE)
    assert frame_like(FRONT, points * [1, 1, 0.97], SIZE, first) == first
    assert frame_like(FRONT, points * 1.6, SIZE, first) != first  # it would be cut off
    assert frame_like(FRONT, points * 0.3, SIZE, first) != first  # it would be lost in it
