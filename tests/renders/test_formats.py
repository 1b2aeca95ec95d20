"""Formats are told by their first bytes, never by the name, and sizes are checked before reading."""

import struct

import pytest

from renders import errors
from renders.formats import MOST_BYTES, Format, sniff

TRIANGLE = b"\0" * 50


def stl(triangles: int, announced: int | None = None, header: bytes = b"") -> bytes:
    count = triangles if announced is None else announced
    return header.ljust(80, b"\0") + struct.pack("<I", count) + TRIANGLE * triangles


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (stl(3), Format.STL),
        (stl(3, header=b"solid made by a program that begins binary files like text"), Format.STL),
        (b"solid ring\n facet normal 0 0 1\n", Format.STL),
        (b"# made by hand\nmtllib ring.mtl\nv 0 0 1\nv 1 0 1\nf 1 2 3\n", Format.OBJ),
        (b"ply\nformat ascii 1.0\nelement vertex 3\nelement face 1\nend_header\n" + b"0 " * 9, Format.PLY),
        (b"ply\r\nformat binary_little_endian 1.0\r\n", Format.PLY),
        (b"glTF\x02\0\0\0", Format.GLB),
        (b"PK\x03\x04rest of a zip", Format.THREEMF),
        (b"ISO-10303-21;\nHEADER;", Format.STEP),
        (b"3D Geometry File Format        8", Format.RHINO),
        (stl(3, header=b"MZ 12, a ring of our own"), Format.STL),
    ],
    ids=["binary", "binary-solid", "ascii", "obj", "ply", "ply-crlf", "glb", "3mf", "step", "3dm", "initials"],
)
def test_each_format_is_known_by_its_first_bytes(head, expected):
    assert sniff(head, len(head)).format is expected


def test_a_binary_stl_tells_its_triangles():
    assert sniff(stl(3), len(stl(3))).triangles == 3


@pytest.mark.parametrize(
    ("head", "size", "refusal"),
    [
        (b"", 0, errors.EmptyDesign),
        (b"\x89PNG\r\n\x1a\n", 5000, errors.UnknownFormat),
        (b"%PDF-1.7 ", 5000, errors.UnknownFormat),
        (bytes(range(256)) * 8, 2048, errors.UnknownFormat),
        (b"just a letter to the workshop", 29, errors.UnknownFormat),
        (b'{"asset": {"version": "2.0"}}', 29, errors.UnknownFormat),
        (b"glTF\x02\0\0\0", MOST_BYTES + 1, errors.TooLarge),
        (stl(2, announced=10_000_000, header=b"ring"), 184, errors.TooLarge),
        (stl(2, announced=9, header=b"ring"), 184, errors.BrokenFile),
        (b"ply\nformat ascii 1.0\nelement face 4000000000\nend_header\n", 5000, errors.TooLarge),
        (b"ply\nformat ascii 1.0\nelement face 2000000\nend_header\n", 5000, errors.BrokenFile),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(getattr(value, "__name__", value)),
)
def test_what_cannot_be_read_is_refused_with_its_name(head, size, refusal):
    with pytest.raises(refusal):
        sniff(head, size)


@pytest.mark.parametrize(
    ("begins", "looks_like"),
    [
        (b"%PDF", "PDF"),
        (b"%PDF-1.7\n", "PDF"),
        (b"MZ", "program"),
        (b"MZ\x90\0\x03", "program"),
        (b"\x7fELF\x02", "program"),
        (b"Rar!", "RAR"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"GIF89a", "picture"),
    ],
)
@pytest.mark.parametrize("rest", [bytes(5000), stl(3)[80:]], ids=["zeros", "a whole STL"])
def test_another_kind_of_file_is_never_taken_for_a_binary_stl(begins: bytes, looks_like: str, rest: bytes):
    file = begins.ljust(80, b"\0") + rest
    with pytest.raises(errors.UnknownFormat, match=looks_like):
        sniff(file, len(file))


@pytest.mark.parametrize("size", [84, 85, 4096, 50_000])
def test_nothing_but_zeros_is_no_design(size: int):
    with pytest.raises(errors.EmptyDesign, match="no triangles"):
        sniff(bytes(min(size, 4096)), size)


def test_a_refusal_is_a_sentence_that_says_what_to_do():
    with pytest.raises(errors.UnknownFormat, match=r"glTF design has to be saved as one GLB file"):
        sniff(b"{}", 2)


def test_refusals_travel_as_json_and_keep_their_class():
    told = errors.refusal_to_json(errors.TooLarge("Too many.", triangles=7))
    back = errors.refusal_from_json(told)
    assert type(back) is errors.TooLarge
    assert (str(back), back.facts) == ("Too many.", {"triangles": 7})
    assert type(errors.refusal_from_json('{"refusal": "Odd", "message": "m", "facts": {}}')) is errors.RenderError
    assert type(errors.refusal_from_json("{}")) is errors.ChildFailed
