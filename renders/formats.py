"""Recognise a CAD file by its first bytes, and refuse what is too large before anything reads it."""

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from renders.errors import BrokenFile, EmptyDesign, TooLarge, UnknownFormat
from workflows.sentences import sentence

HEAD_BYTES = 4096
MOST_BYTES = 320_000_000
MOST_TRIANGLES = 3_000_000


class Format(StrEnum):
    """The formats we read; the value is the usual ending of the file's name."""

    STL = "stl"
    OBJ = "obj"
    PLY = "ply"
    GLB = "glb"
    THREEMF = "3mf"
    STEP = "step"
    RHINO = "3dm"


KNOWN = "STL, OBJ, PLY, GLB, 3MF, STEP and 3DM"

_OBJ_LINE = re.compile(rb"(?:^|\n)[ \t]*(?:v|vn|vt|f|o|g|mtllib|usemtl|s)[ \t]+\S")
_NEVER = (  # whatever follows, even where the rest would do as a binary STL
    (rb"Rar!", "a RAR archive"),
    (rb"7z\xbc\xaf", "a 7z archive"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"%PDF", "a PDF document"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a", "a picture"),
    (rb"Kaydara FBX", "an FBX file"),
    (rb"MZ[^ -~]|\x7fELF", "a program"),
)
_OTHERS = (
    (b"{", "a JSON file; a glTF design has to be saved as one GLB file"),
    (b"BLENDER", "a Blender file"),
    (b"solid_", "a text file"),
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What the first bytes and the size tell; `triangles` where the header states their number."""

    format: Format
    bytes: int
    triangles: int | None


def sniff(head: bytes, size: int) -> Sniffed:
    """The format of a file from its first `HEAD_BYTES` bytes and its size; fewer bytes only if it is shorter.

    Raises:
        EmptyDesign: no bytes at all.
        TooLarge: beyond `MOST_BYTES`, or the header announces more than `MOST_TRIANGLES`.
        BrokenFile: the header announces more than the file's bytes can hold.
        UnknownFormat: none of the formats we read.
    """
    if size == 0:
        raise EmptyDesign(
            sentence("The file is empty: it holds no bytes. Export it again and check its size."), bytes=0
        )
    check_size(size)
    found = _format(head, size)
    triangles = {Format.STL: _stl_triangles, Format.PLY: _ply_faces}.get(found, _not_told)(head, size)
    if triangles is not None:
        check_triangles(triangles)
    return Sniffed(found, size, triangles)


def sniff_file(path: Path) -> Sniffed:
    """`sniff` for a file on disk; its name plays no part."""
    with path.open("rb") as stream:
        return sniff(stream.read(HEAD_BYTES), path.stat().st_size)


def check_size(size: int) -> None:
    """Refuse a file of more than `MOST_BYTES`.

    Raises:
        TooLarge: always then.
    """
    if size > MOST_BYTES:
        raise TooLarge(
            sentence(
                "The file has %(size)s MB and we examine up to %(most_bytes)s MB. Export it with a coarser mesh.",
                size=f"{size / 1000000.0:.0f}",
                most_bytes=f"{MOST_BYTES / 1000000.0:.0f}",
            ),
            bytes=size,
        )


def check_triangles(triangles: int) -> None:
    """Refuse a design of more than `MOST_TRIANGLES`.

    Raises:
        TooLarge: always then.
    """
    if triangles > MOST_TRIANGLES:
        raise TooLarge(
            sentence(
                "The design has %(triangles)s triangles and we examine up to %(most_triangles)s. "
                "Export it with a coarser mesh.",
                triangles=f"{triangles:,}",
                most_triangles=f"{MOST_TRIANGLES:,}",
            ),
            triangles=triangles,
        )


def _format(head: bytes, size: int) -> Format:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    never = next((what for start, what in _NEVER if re.match(start, head, re.DOTALL)), None)
    if never is not None:
        raise _unknown(size, never)
    if head.startswith(b"glTF"):
        return Format.GLB
    if head.startswith(b"3D Geometry File Format"):
        return Format.RHINO
    if head.startswith(b"PK\x03\x04"):
        return Format.THREEMF
    if text.startswith(b"ISO-10303-21"):
        return Format.STEP
    if re.match(rb"ply\r?\n", head):
        return Format.PLY
    if _is_binary_stl(head, size) or re.match(rb"solid\b", text, re.IGNORECASE):
        return Format.STL
    other = next((what for start, what in _OTHERS if head.startswith(start)), None)
    if other is None and b"\0" not in head and _OBJ_LINE.search(head):
        return Format.OBJ
    if other is None and size > 84 and b"\0" in head[:84] and _announced(head) * 50 > size:
        other = "perhaps a binary STL that was cut off"
    raise _unknown(size, other)


def _unknown(size: int, other: str | None) -> UnknownFormat:
    return UnknownFormat(
        f"The first bytes are not those of a design we read ({KNOWN})"
        + (f"; this looks like {other}." if other else ".")
        + " Export it in one of these formats.",
        bytes=size,
    )


def _announced(head: bytes) -> int:
    return int(struct.unpack_from("<I", head, 80)[0]) if len(head) >= 84 else 0


def _is_binary_stl(head: bytes, size: int) -> bool:
    """The count in the header fits the size; or the header is one only a binary STL has."""
    if len(head) < 84:
        return False
    if size == 84 + 50 * _announced(head):
        return True
    plain = head[:80].split(b"\0")[0].isascii() and head[:80].rstrip(b"\0 ").isascii()
    return plain and b"\0" in head[84:] and b"\0" in head[:84] and _printable(head[:80])


def _printable(header: bytes) -> bool:
    return all(32 <= one < 127 or one in (0, 9, 10, 13) for one in header)


def _stl_triangles(head: bytes, size: int) -> int | None:
    if not _is_binary_stl(head, size):
        return None
    announced = _announced(head)
    check_triangles(announced)
    if not announced and not any(head[84:]):
        raise EmptyDesign(sentence("The STL announces no triangles, and none follow. Export it again."), bytes=size)
    if size < 84 + 50 * announced:
        raise BrokenFile(
            sentence(
                "The STL announces %(announced)s triangles and has bytes for %(max)s: it was cut "
                "off. Export or upload it again.",
                announced=f"{announced:,}",
                max=f"{max(0, size - 84) // 50:,}",
            ),
            announced=announced,
        )
    return announced


def _ply_faces(head: bytes, size: int) -> int | None:
    match = re.search(rb"element[ \t]+face[ \t]+(\d{1,18})\b", head)
    if match is None:
        return None
    faces = int(match[1])
    check_triangles(faces)
    if faces * 4 > size:  # the shortest face is a count byte and three indices
        raise BrokenFile(
            sentence(
                "The PLY announces %(faces)s faces and has only %(size)s bytes: it was cut off. "
                "Export or upload it again.",
                faces=f"{faces:,}",
                size=f"{size:,}",
            ),
            announced=faces,
        )
    return faces


def _not_told(head: bytes, size: int) -> int | None:
    return None
