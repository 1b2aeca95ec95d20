"""Line drawings as pictures for a page: only lines and figures are let in, and the QR code."""

import re
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

import segno

from bespoke.documents.errors import UnsafeDrawing

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset({"svg", "g", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect", "text", "title"})
ATTRIBUTES = frozenset(
    {
        *("viewBox", "width", "height", "fill", "fill-rule", "stroke", "stroke-width", "stroke-dasharray"),
        *("stroke-linejoin", "stroke-linecap", "opacity", "fill-opacity", "stroke-opacity", "transform", "role"),
        *("d", "points", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "font-size"),
        *("text-anchor", "aria-label", "class", "font-family", "font-weight", "version", "preserveAspectRatio"),
    }
)
VALUE = re.compile(r"[^<>&\"'\\]*")
VIEW_BOX = re.compile(r'viewBox="[-0-9.]+[ ,]+[-0-9.]+[ ,]+([0-9.]+)[ ,]+([0-9.]+)"', re.ASCII)
LARGEST = 2_000_000  # characters
INK = "#1B1A18"
TYPEFACE = "Hanken Grotesk"

ElementTree.register_namespace("", SVG[1:-1])


def safe_svg(drawing: str) -> bytes:
    """The drawing as an SVG file of our own writing, in ink, lettered in the house's text face.

    Raises:
        UnsafeDrawing: not SVG, too large, or with anything but lines and figures (no links, scripts, styles).
    """
    if len(drawing) > LARGEST or "<!" in drawing or "<?" in drawing.removeprefix("<?xml"):
        raise UnsafeDrawing("A drawing holds declarations or is too large.", element="document")
    try:
        root = ElementTree.fromstring(drawing)
    except ElementTree.ParseError as error:
        raise UnsafeDrawing("A drawing is not SVG.", element="document") from error
    for element in root.iter():
        _check(element)
    if not root.tag.endswith("svg") or "viewBox" not in root.attrib:
        raise UnsafeDrawing("A drawing has no viewBox, so its scale is not known.", element="svg")
    left, top, width, height = root.attrib["viewBox"].replace(",", " ").split()
    root.attrib.update(width=width, height=height, color=INK)
    for element in root.iter():
        for name in ("fill", "stroke"):
            if element.get(name) == "currentColor":
                element.set(name, INK)
        if element.tag == SVG + "text":
            element.set("font-family", TYPEFACE)
    return ElementTree.tostring(root)


def size_of(drawing: str) -> tuple[Decimal, Decimal]:
    """Width and height of a drawing in its own units.

    Raises:
        UnsafeDrawing: it has no viewBox to tell them.
    """
    found = VIEW_BOX.search(drawing)
    if not found:
        raise UnsafeDrawing("A drawing has no viewBox, so its scale is not known.", element="svg")
    return Decimal(found[1]), Decimal(found[2])


def qr_svg(text: str) -> bytes:
    """A QR code of error level M with its quiet zone of four modules, as an SVG with a viewBox."""
    out = BytesIO()
    code = segno.make(text, error="m", micro=False, boost_error=False)
    code.save(out, kind="svg", border=4, dark=INK, light="#FFFFFF", omitsize=True, xmldecl=False, svgclass=None)
    return out.getvalue()


def _check(element: ElementTree.Element) -> None:
    tag = str(element.tag)
    if not tag.startswith(SVG):
        if tag not in ELEMENTS:
            raise UnsafeDrawing(f"A drawing holds <{tag[:40]}>.", element=tag)
        tag = element.tag = SVG + tag  # an inline drawing without its namespace
    if tag[len(SVG) :] not in ELEMENTS:
        raise UnsafeDrawing(f"A drawing holds <{tag[len(SVG) :][:40]}>.", element=tag[len(SVG) :])
    for name in [name for name in element.attrib if name.startswith("data-")]:
        del element.attrib[name]  # figures for programs; a page has no use for them
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES or not VALUE.fullmatch(value) or "url(" in value.lower():
            raise UnsafeDrawing(f"A drawing holds the attribute {name[:40]}.", element=tag[len(SVG) :])
