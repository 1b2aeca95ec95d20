"""Which library VTK would draw with on this computer; standard library only, so that the pages can tell."""

from ctypes.util import find_library
from functools import cache

LIBRARIES = {"EGL": ("libEGL.so.1", "libEGL.so"), "OSMesa": ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")}


@cache
def found() -> str | None:
    """`EGL` or `OSMesa`, None where neither is installed; looked up once, nothing is loaded.

    Whether it does draw, only `renders.pictures.probe` can tell.
    """
    return next((name for name in LIBRARIES if find_library(name)), None)
