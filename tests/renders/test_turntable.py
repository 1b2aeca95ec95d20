"""The turntable: one distance, one light, a closed circle of small frames."""

from pathlib import Path

import numpy as np
import pytest

from renders import camera, scene, stills, turntable
from renders.light import Ground
from tests.renders.test_stills import RING, design, pixels

SIZE = (160, 120)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    folder: Path = tmp_path_factory.mktemp("turn")
    written = turntable.write(design(RING), folder, frames=12, size=SIZE)
    assert [one.name for one in written] == [f"turn-{number:02}.webp" for number in range(12)]
    assert all((folder / one.name).stat().st_size <= turntable.FRAME_BYTES for one in written)
    return [pixels(folder / one.name) for one in written]


def test_the_frame_after_the_last_is_the_first() -> None:
    whole = scene.stage(design(RING))
    room = camera.swept(whole.outline)
    with stills.opened(whole, SIZE) as stand:
        first, after = (
            stills.take(
                stand,
                camera.place(camera.TURNTABLE, room, SIZE, azimuth_deg=28.0 + turn),
                metal="AU750Y",
                ground=Ground.DARK,
                samples=2,
            ).astype(int)
            for turn in (0.0, 360.0)
        )
    assert np.abs(first - after).mean() < 0.2


def test_neighbours_are_closer_than_frames_across(frames: list[np.ndarray]) -> None:
    step = np.mean([np.abs(frames[i] - frames[(i + 1) % 12]).mean() for i in range(12)])
    across = np.abs(frames[0] - frames[3]).mean()
    assert 0 < step < across


def test_every_frame_shows_the_whole_piece_head_up(frames: list[np.ndarray]) -> None:
    for frame in frames:
        bright = frame.max(axis=2) > 70
        rows, columns = np.nonzero(bright)
        assert rows.min() > 1
        assert rows.max() < SIZE[1] - 2
        assert 1 < columns.min() < columns.max() < SIZE[0] - 2
        blue = (frame[..., 2] > frame[..., 0] + 30) & bright
        assert np.nonzero(blue)[0].mean() < SIZE[1] * 0.4  # the sapphire is up


def test_the_piece_does_not_breathe(frames: list[np.ndarray]) -> None:
    heights = [np.ptp(np.nonzero(frame.max(axis=2) > 70)[0]) for frame in frames]
    assert max(heights) - min(heights) < 0.12 * max(heights)
