"""The entry of the limited child that takes in a picture: `python -m bespoke.documents.images SOURCE TARGET`.

Whatever a camera or a client sent is decoded once, here, and written again as JPEG or PNG: at most so large, upright,
in sRGB, without EXIF, place, thumbnail or comment. Only what this wrote may reach a page or a paper.
"""

import sys
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from pi_heif import register_heif_opener
from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from bespoke.documents.errors import UnreadablePicture
from workflows.sentences import sentence

MOST_PIXELS = 50_000_000
LONGEST = 2400  # pixels: an A4 page across at 290 dpi
QUALITY = 88
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "GIF", "BMP")
USAGE = "usage: python -m bespoke.documents.images SOURCE TARGET [LONGEST], or two folders\n"

register_heif_opener()
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


@dataclass(frozen=True, slots=True)
class Written:
    """A picture written again: its bytes, kind (`jpeg` or `png`) and size in pixels."""

    content: bytes
    kind: str
    width: int
    height: int


def reencode(source: Path, *, longest: int = LONGEST) -> Written:
    """The picture decoded and written again; PNG where it is see-through, JPEG otherwise.

    Raises:
        UnreadablePicture: not a picture we read, damaged, cut short, or of more than 50 million pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(source, formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise UnreadablePicture(_too_large(opened))
                ImageFile.LOAD_TRUNCATED_IMAGES = False  # another library in this process may have set it
                opened.load()
                return _write(_in_srgb(ImageOps.exif_transpose(opened)), longest)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise UnreadablePicture(sentence("The picture has more than 50 million pixels.")) from error
        except UnidentifiedImageError as error:
            raise UnreadablePicture(sentence("This is not a picture we can read.")) from error
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError, OverflowError) as error:
            raise UnreadablePicture(sentence("The picture is damaged or cut short; send it once more.")) from error


def main(arguments: list[str]) -> int:
    """The command line: writes TARGET and prints `KIND WIDTH HEIGHT`; 1 with a sentence when it is refused.

    With two folders every picture of the first is written again under its name in the second, in one child.
    """
    if len(arguments) == 2 and Path(arguments[0]).is_dir():
        pairs = [(path, Path(arguments[1]) / path.name) for path in sorted(Path(arguments[0]).iterdir())]
        return max((main([str(source), str(target)]) for source, target in pairs), default=0)
    if len(arguments) not in (2, 3):
        sys.stderr.write(USAGE)
        return 2
    try:
        longest = int(arguments[2]) if len(arguments) == 3 else LONGEST
        written = reencode(Path(arguments[0]), longest=longest)
    except UnreadablePicture as error:
        sys.stderr.write(f"{error}\n")
        return 1
    Path(arguments[1]).write_bytes(written.content)
    sys.stdout.write(f"{written.kind} {written.width} {written.height}\n")
    return 0


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Eight bits a channel, RGB or RGBA, its colours carried over from the profile it came with."""
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    profile = picture.info.get("icc_profile")
    plain = picture
    if picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        plain = picture.convert("RGBA" if see_through else "RGB")
    if profile and not see_through:
        try:
            converted = ImageCms.profileToProfile(
                plain, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # an unusable profile: take the numbers as they are
        if converted is not None:
            return converted
    return plain.convert("RGBA" if see_through else "RGB")


def _write(picture: Image.Image, longest: int) -> Written:
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # the pixels alone: nothing of `info` comes along
    out = BytesIO()
    if clean.mode == "RGBA" and clean.getchannel("A").getextrema() != (255, 255):
        clean.save(out, "PNG", optimize=False)
        return Written(out.getvalue(), "png", *clean.size)
    clean.convert("RGB").save(out, "JPEG", quality=QUALITY, subsampling=0, optimize=False, progressive=False)
    return Written(out.getvalue(), "jpeg", *clean.size)


def _too_large(picture: Image.Image) -> str:
    return f"The picture has {picture.width} × {picture.height} pixels; at most 50 million are read."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
