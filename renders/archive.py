"""Look at the structure of a zip archive before anything in it is unpacked."""

from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from renders.errors import BrokenFile, TooLarge, UnsupportedContent
from workflows.sentences import sentence

MOST_ENTRIES = 1000
MOST_UNPACKED_BYTES = 600_000_000
MOST_RATIO = 200  # mesh text packs 5 to 20 to 1
_SMALL = 10_000_000
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1


def checked_entries(archive: ZipFile) -> list[ZipInfo]:
    """The entries of a sound archive, from its directory alone; nothing is unpacked.

    Raises:
        TooLarge: it would unpack to more than we read, or is packed tighter than any real mesh.
        BrokenFile: entries overlap, lead out of the archive or come twice.
        UnsupportedContent: encrypted.
    """
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED_BYTES:
        raise TooLarge(
            sentence(
                "The archive would unpack to %(unpacked)s MB in %(entries)s files. Export it with a coarser mesh.",
                unpacked=f"{unpacked / 1000000.0:,.0f}",
                entries=f"{len(entries):,}",
            ),
            bytes=unpacked,
        )
    for entry in entries:
        if entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size):
            raise TooLarge(
                sentence(
                    "“%(filename)s” unpacks to %(file_size)s MB: this is no design.",
                    filename=entry.filename[:80],
                    file_size=f"{entry.file_size / 1000000.0:,.0f}",
                )
            )
        if entry.flag_bits & _ENCRYPTED:
            raise UnsupportedContent(sentence("The archive is encrypted. Save it without a password."))
        if not _stays_inside(entry.filename):
            raise BrokenFile(
                sentence(
                    "“%(filename)s” leads out of the archive. Export the design again.", filename=entry.filename[:80]
                )
            )
    if len({entry.filename for entry in entries}) != len(entries):
        raise BrokenFile(sentence("The archive holds two files of one name. Export the design again."))
    _check_apart(entries)
    return entries


def unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    """The bytes of an entry, exactly as many as the directory announces.

    Raises:
        BrokenFile: they are not, or the checksum is wrong.
    """
    try:
        data = archive.read(entry)
    except (BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise BrokenFile(
            sentence("“%(filename)s” in the archive is damaged. Upload the file again.", filename=entry.filename[:80])
        ) from error
    except Exception as error:
        if type(error).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        raise BrokenFile(
            sentence("“%(filename)s” in the archive is damaged. Upload the file again.", filename=entry.filename[:80])
        ) from error
    if len(data) != entry.file_size:
        raise BrokenFile(
            sentence("“%(filename)s” in the archive is cut off. Upload the file again.", filename=entry.filename[:80])
        )
    return data


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name)


def _check_apart(entries: list[ZipInfo]) -> None:
    """No two entries share bytes: that is how a few kilobytes unpack to gigabytes."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    for entry, following in zip(ordered, ordered[1:], strict=False):
        end = entry.header_offset + _LOCAL_HEADER + len(entry.filename.encode()) + entry.compress_size
        if end > following.header_offset:
            raise BrokenFile(sentence("Files in the archive overlap. Export the design again."))
