"""Pictures from outside are decoded once and written again: small enough, upright, and telling nothing else."""

import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from bespoke.documents.errors import UnreadablePicture
from bespoke.documents.images import reencode

PHONE = Path(__file__).parent / "pictures" / "phone.heic"


def photograph(path: Path, kind: str = "JPEG", size: tuple[int, int] = (400, 300), **options: object) -> Path:
    picture = Image.new("RGB", size, (20, 40, 200))
    picture.paste((250, 30, 30), (0, 0, size[0] // 4, size[1] // 4))  # a red corner, top left
    picture.save(path, kind, **options)
    return path


def opened(content: bytes) -> Image.Image:
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def with_exif(**more: object) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Phone of Maren"
    exif.get_ifd(0x8825)[2] = (IFDRational(60), IFDRational(9), IFDRational(12))
    return exif


def test_place_camera_and_thumbnail_stay_behind(tmp_path: Path) -> None:
    source = photograph(tmp_path / "p.jpg", exif=with_exif(), comment=b"secret")
    assert b"Phone of Maren" in source.read_bytes()
    written = reencode(source)
    assert b"Phone" not in written.content
    assert b"secret" not in written.content
    assert b"Exif" not in written.content
    assert dict(opened(written.content).getexif()) == {}


def test_it_stands_upright(tmp_path: Path) -> None:
    written = reencode(photograph(tmp_path / "p.jpg", exif=with_exif(), quality=95))
    assert (written.width, written.height) == (300, 400)
    red, _, blue = opened(written.content).getpixel((280, 20))  # type: ignore[misc]
    assert red > 200 > blue


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_every_camera_format_comes_out_as_one_we_print(tmp_path: Path, kind: str) -> None:
    written = reencode(photograph(tmp_path / "p", kind))
    picture = opened(written.content)
    assert (written.kind, picture.format, picture.mode, picture.size) == ("jpeg", "JPEG", "RGB", (400, 300))


def test_a_phone_picture_in_heic_is_read() -> None:
    written = reencode(PHONE)
    picture = opened(written.content)
    assert (written.kind, picture.size) == ("jpeg", (400, 300))
    assert b"Phone of Maren" in PHONE.read_bytes()
    assert b"Phone" not in written.content


def test_what_is_see_through_stays_so(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 60), (10, 20, 30, 90)).save(tmp_path / "p.png")
    written = reencode(tmp_path / "p.png")
    assert (written.kind, opened(written.content).mode) == ("png", "RGBA")


def test_a_large_photograph_is_made_smaller_and_the_bytes_repeat(tmp_path: Path) -> None:
    source = photograph(tmp_path / "p.jpg", size=(5000, 2500))
    assert (reencode(source).width, reencode(source).height) == (2400, 1200)
    assert reencode(source) == reencode(source)


def test_colours_are_carried_over_from_their_profile(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    photograph(tmp_path / "odd.jpg", icc_profile=profile)  # a profile that does not fit is left aside
    photograph(tmp_path / "broken.jpg", icc_profile=b"no profile")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photograph(tmp_path / "plain.jpg", icc_profile=srgb)
    for name in ("odd", "broken", "plain"):
        assert "icc_profile" not in opened(reencode(tmp_path / f"{name}.jpg").content).info


def bomb(path: Path, width: int, height: int) -> Path:
    """A few kilobytes that would be a picture of the given size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" + b"\0" * ((width + 7) // 8)
    body = zlib.compress(row * 100, 9)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
    )
    return path


@pytest.mark.parametrize("size", [(8000, 6300), (12000, 12000), (60000, 60000)])
def test_more_than_fifty_million_pixels_are_an_error(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(UnreadablePicture, match="50 million"):
        reencode(bomb(tmp_path / "bomb.png", *size))


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0 cut"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UnreadablePicture):
        reencode(tmp_path / "x")


def test_a_picture_cut_short_is_refused(tmp_path: Path) -> None:
    source = photograph(tmp_path / "p.jpg", size=(900, 900))
    source.write_bytes(source.read_bytes()[:-400])
    with pytest.raises(UnreadablePicture, match="damaged"):
        reencode(source)


def test_the_child_writes_one_file_or_says_why_not(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bespoke.documents.images"]
    done = subprocess.run([*command, str(PHONE), str(tmp_path / "out")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "jpeg 400 300\n"), done.stderr
    assert opened((tmp_path / "out").read_bytes()).format == "JPEG"
    refused = subprocess.run([*command, __file__, str(tmp_path / "no")], capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (1, "This is not a picture we can read.\n")
    assert not (tmp_path / "no").exists()
