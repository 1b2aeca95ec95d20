"""Everything drawn of one design: stills, turntable, light model and line drawings, and the list of them.

`draw` runs in the limited child and tells each finished file as a line of JSON on standard output.
"""

import ctypes
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pyvista
from PIL import Image

from renders import neutral, plots, stills, turntable, web
from renders.bodies import Design, Kind
from renders.camera import CAMERAS, COVER, THREE_QUARTER, Frame, place
from renders.errors import NoRenderer
from renders.light import Ground, light
from renders.renderer import LIBRARIES
from renders.scene import Scene, stage
from renders.shadow import Shadow, cast
from renders.stones import table_normal
from workflows.sentences import sentence

PARTS = ("stills", "turntable", "web", "plans")
DESIGN_FILE = "design.npz"
LIST_FILE = "pictures.json"
MODEL_FILE = "model.glb"
ELEVATION_FILE = "elevation.svg"
SWATCH_FILE = "swatch-{alloy}.webp"
FACETS_FILE = "facets-{number:02}.svg"
COVER_SIZE = (1240, 1754)  # an A4 page at 150 to the inch
SWATCH_SIZE, SWATCH_SAMPLES = (480, 384), 4  # of the piece in another metal, beside the others
FACET_PLOTS = 12  # of the largest stones; a pavé of two hundred needs no page each

Frames = Mapping[str, Frame]  # by the camera's name

_PROBE_SECONDS = 60
_ANYWHERE: Frames = MappingProxyType({})
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file of the list; what a kind of file does not have is None."""

    name: str
    kind: str  # still, swatch, turn, model, elevation, facets
    camera: str | None
    azimuth_deg: float | None
    ground: str | None
    size: tuple[int, int] | None
    sha256: str
    of: str | None = None  # the stone a facet plot shows; the alloy a swatch is drawn in
    facts: dict[str, float] | None = None  # measured on the way, units in the names


def draw(
    folder: Path,
    *,
    metal: str = "AU750Y",
    frames: int = turntable.FRAMES,
    only: Sequence[str] = PARTS,
    like: Frames = _ANYWHERE,
    swatches: Sequence[str] = (),
) -> None:
    """Draw the design in `folder`/design.npz into the same folder and leave pictures.json there.

    The first picture is the three-quarter view on paper; the dark stills and the turntable follow, then the
    model and the drawings.

    Args:
        like: where the cameras stood for an earlier drawing of the piece, so that its stills lie on these.
        swatches: alloys the piece is drawn in once more, small, on the dark ground.

    Raises:
        NoDesign: `read` has not left a design there.
        EmptyDesign: it has nothing to draw.
        NoRenderer: VTK cannot draw here.
    """
    require_renderer()
    design = neutral.load(folder / DESIGN_FILE)
    found: list[Drawn] = []
    for one in _all(design, folder, metal, frames, only, like, swatches):
        found.append(one)
        sys.stdout.write(json.dumps(_told(one)) + "\n")
        sys.stdout.flush()
    listed = {"version": 1, "metal": metal, "pictures": [_told(one) for one in found]}
    waiting = folder / (LIST_FILE + ".part")
    waiting.write_text(json.dumps(listed, indent=1), encoding="utf-8")
    waiting.replace(folder / LIST_FILE)


def get_ready(folder: Path) -> None:
    """Do what needs no design, then wait until there is one in the folder; whoever started this ends it if not.

    Raises:
        NoRenderer: VTK cannot draw here.
    """
    require_renderer()
    _draw_nothing(stills.SIZE)
    light(Ground.PAPER)
    while not (folder / DESIGN_FILE).exists():
        time.sleep(_LOOK_EVERY_S)


def probe() -> str:
    """How this computer draws (`EGL` or `OSMesa`), tried in a child, because VTK without either ends the process.

    Raises:
        NoRenderer: it cannot.
    """
    require_renderer()
    command = [sys.executable, "-m", "renders.pictures"]
    try:
        tried = subprocess.run(
            command, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False, cwd=Path(__file__).parents[1]
        )
    except subprocess.TimeoutExpired as error:
        raise NoRenderer(
            sentence("Drawing one triangle took more than %(probe_seconds)s seconds.", probe_seconds=_PROBE_SECONDS),
            seconds=_PROBE_SECONDS,
        ) from error
    if tried.returncode != 0 or not tried.stdout.strip():
        raise NoRenderer(
            sentence("VTK could not draw one triangle. Install libegl1 or libosmesa6."), returncode=tried.returncode
        )
    return tried.stdout.split()[-1]


def require_renderer() -> None:
    """Return when a library VTK draws with can be loaded.

    Raises:
        NoRenderer: neither is there; going on would end this process by a signal.
    """
    for names in LIBRARIES.values():
        for name in names:
            try:
                ctypes.CDLL(name)
            except OSError:
                continue
            return
    raise NoRenderer(sentence("This computer has neither EGL nor OSMesa to draw with. Install libegl1 or libosmesa6."))


def _all(
    design: Design,
    folder: Path,
    metal: str,
    frames: int,
    only: Sequence[str],
    like: Frames,
    swatches: Sequence[str],
) -> Iterator[Drawn]:
    scene = stage(design)
    with ThreadPoolExecutor(1) as beside:  # the shadow is cast while the window opens
        shadow = beside.submit(cast, scene).result
        yield from _parts(design, scene, shadow, folder, metal, frames, only, like)
        if "stills" in only and swatches:
            yield from _swatches(scene, shadow, folder, swatches)


def _parts(
    design: Design,
    scene: Scene,
    shadow: Callable[[], Shadow],
    folder: Path,
    metal: str,
    frames: int,
    only: Sequence[str],
    like: Frames,
) -> Iterator[Drawn]:
    if "stills" in only:
        yield from _stills(scene, shadow, folder, metal, like)
    if "turntable" in only:
        with stills.opened(scene, turntable.SIZE, shadow) as stand:
            turned = turntable.turn(stand, folder, frames, metal=metal, size=turntable.SIZE, ground=Ground.DARK)
            yield from map(_picture, turned)
    if "web" in only:
        yield _model(design, folder, metal)
    if "plans" in only:
        yield from _drawings(design, scene, folder)


def _stills(scene: Scene, shadow: Callable[[], Shadow], folder: Path, metal: str, like: Frames) -> Iterator[Drawn]:
    with stills.opened(scene, stills.SIZE, shadow) as stand:
        for ground, cameras in ((Ground.PAPER, CAMERAS), (Ground.DARK, (THREE_QUARTER,))):
            for camera in cameras:
                seen = like.get(camera.name)
                drawn = stills.still(stand, folder, camera, metal=metal, size=stills.SIZE, ground=ground, like=seen)
                yield _picture(drawn)
    with stills.opened(scene, COVER_SIZE, shadow) as stand:
        yield _picture(stills.still(stand, folder, COVER, metal=metal, size=COVER_SIZE, ground=Ground.DARK))


def _swatches(scene: Scene, shadow: Callable[[], Shadow], folder: Path, alloys: Sequence[str]) -> Iterator[Drawn]:
    with stills.opened(scene, SWATCH_SIZE, shadow) as stand:
        view = place(THREE_QUARTER, scene.outline, SWATCH_SIZE)
        for alloy in alloys:
            name, written = SWATCH_FILE.format(alloy=alloy), BytesIO()
            pixels = stills.take(stand, view, metal=alloy, ground=Ground.DARK, samples=SWATCH_SAMPLES)
            Image.fromarray(pixels).save(written, "WEBP", quality=84, method=4)
            (folder / name).write_bytes(written.getvalue())
            digest = hashlib.sha256(written.getvalue()).hexdigest()
            azimuth, ground = THREE_QUARTER.azimuth_deg, str(Ground.DARK)
            yield Drawn(name, "swatch", THREE_QUARTER.name, azimuth, ground, SWATCH_SIZE, digest, of=alloy)


def _model(design: Design, folder: Path, metal: str) -> Drawn:
    model = web.write(design, folder / MODEL_FILE, metal=metal)
    measured = {
        "bytes": float(model.bytes),
        "triangles": float(model.triangles),
        "triangles_before": float(model.triangles_before),
        "max_error_um": model.max_error_um,
        "mean_error_um": model.mean_error_um,
    }
    return Drawn(MODEL_FILE, "model", None, None, None, None, model.sha256, facts=measured)


def _drawings(design: Design, scene: Scene, folder: Path) -> Iterator[Drawn]:
    digest = _write(folder / ELEVATION_FILE, plots.elevation(design, scene=scene))
    yield Drawn(ELEVATION_FILE, "elevation", "front", 0.0, None, None, digest)
    cut = [body for body in design.of(Kind.STONE) if plots.is_faceted(body.mesh)]
    largest = sorted(cut, key=lambda body: -float(np.prod(np.ptp(body.mesh.vertices, axis=0))))[:FACET_PLOTS]
    for number, body in enumerate(largest):
        name = FACETS_FILE.format(number=number)
        up = table_normal(np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64))
        digest = _write(folder / name, plots.facets(body.mesh, up))
        yield Drawn(name, "facets", None, None, None, None, digest, of=body.name)


def _write(path: Path, text: str) -> str:
    encoded = text.encode()
    path.write_bytes(encoded)
    return hashlib.sha256(encoded).hexdigest()


def _picture(one: stills.Picture) -> Drawn:
    facts = None if one.frame is None else asdict(one.frame)
    return Drawn(one.name, one.kind, one.camera, one.azimuth_deg, one.ground, one.size, one.sha256, facts=facts)


def _told(one: Drawn) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if value is not None}


def _draw_nothing(size: tuple[int, int]) -> str:
    """Open a window and draw a triangle, so that the libraries have started; which window that was."""
    plotter = pyvista.Plotter(off_screen=True, window_size=list(size))
    plotter.add_mesh(pyvista.Triangle(), color="white", lighting=False)
    plotter.screenshot(None, return_img=True)
    window = type(plotter.render_window).__name__ if plotter.render_window is not None else "unknown"
    plotter.close()
    return next((name for name in LIBRARIES if name.lower() in window.lower()), window)


if __name__ == "__main__":
    sys.stdout.write(_draw_nothing((32, 32)) + "\n")
