"""Which triangle each pixel shows, drawn by VTK off screen: one window for any number of pictures.

VTK only ever gets arrays we have checked. Each triangle is painted in its own flat colour, so what comes
back is a number per pixel; colour and light are computed from it in linear light elsewhere.
"""

from types import TracebackType
from typing import Any

import numpy as np
import pyvista
from numpy.typing import NDArray

from renders.camera import View
from renders.scene import Scene, surface_of

Indices = NDArray[np.int32]


class Window:
    """An off-screen window holding one scene; close it, or use it in a `with`."""

    def __init__(self, scene: Scene, size: tuple[int, int]) -> None:
        self.size = size
        count = len(scene.corners)
        number = np.arange(1, count + 1)
        colours = np.stack([number >> 16 & 255, number >> 8 & 255, number & 255], axis=1).astype(np.uint8)
        surface = surface_of(scene.points, scene.faces)
        surface.cell_data["number"] = colours
        plotter: Any = pyvista.Plotter(off_screen=True, window_size=list(size), lighting="none")
        self._plotter = plotter
        self._plotter.render_window.SetMultiSamples(0)
        self._plotter.set_background("black")
        self._plotter.add_mesh(surface, scalars="number", rgb=True, lighting=False, show_scalar_bar=False)
        self._plotter.show(auto_close=False)

    def triangles(self, view: View, shift: tuple[float, float] = (0.0, 0.0)) -> Indices:
        """Triangle seen in each pixel (height, width), -1 for none, sampled `shift` pixels right and down."""
        camera = self._plotter.camera
        camera.position = tuple(float(x) for x in view.position)
        camera.focal_point = tuple(float(x) for x in view.position + 100 * view.forward)
        camera.up = tuple(float(x) for x in view.up)
        camera.view_angle = view.field_deg
        width, height = view.size
        camera.SetWindowCenter(2 * shift[0] / width, -2 * shift[1] / height)
        self._plotter.renderer.ResetCameraClippingRange()
        self._plotter.render()
        picture = self._plotter.screenshot(None, return_img=True)
        painted = picture[..., :3].astype(np.int32)
        return np.asarray((painted[..., 0] << 16 | painted[..., 1] << 8 | painted[..., 2]) - 1, np.int32)

    def close(self) -> None:
        """Give the window back to the system."""
        self._plotter.close()

    def __enter__(self) -> "Window":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
