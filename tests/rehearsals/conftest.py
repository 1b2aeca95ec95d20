"""Drawings for rehearsals: a plain band and a solitaire with known truth."""

from pathlib import Path

import pytest

from tests import cadfiles, rings


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one band in every format we read, and a solitaire."""
    folder = tmp_path_factory.mktemp("drawings")
    band, solitaire = rings.plain(17.3, segments=120), rings.solitaire(17.3, segments=120)
    for ending in ("stl", "obj", "ply", "glb", "3mf"):
        cadfiles.write(band.parts, folder / f"band.{ending}")
    (folder / "band.step").write_bytes(cadfiles.step_band())
    cadfiles.write(solitaire.parts, folder / "solitaire.3dm")
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was drawn of a design, so that it is drawn once in all these rehearsals."""
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="session")
def band(drawings: Path) -> Path:
    """The band as STL."""
    return drawings / "band.stl"
