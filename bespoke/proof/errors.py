"""What can be wrong with the house's keys, with a manifest or with what is to be signed."""

from pathlib import Path


class ProofError(Exception):
    """Something needed for a proof is missing or unfit; the text is a plain sentence."""


class NotSealable(ProofError):
    """A value that has no single canonical form; `where` is its path inside the manifest."""

    def __init__(self, message: str, *, where: str) -> None:
        super().__init__(message)
        self.where = where


class KeysExist(ProofError):
    """The folder already holds a house's keys, which are never written over; `folder` is where."""

    def __init__(self, message: str, *, folder: Path) -> None:
        super().__init__(message)
        self.folder = folder


class KeysMissing(ProofError):
    """A key or certificate of the house is not where it should be; `path` is what was looked for."""

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class KeysUnfit(ProofError):
    """A key is readable by others, damaged, or does not belong to its certificate; `path` is the file."""

    def __init__(self, message: str, *, path: Path) -> None:
        super().__init__(message)
        self.path = path


class NotSignable(ProofError):
    """The bytes given are not a PDF that can carry the house's signature."""
