"""Why a paper cannot be made."""


class DocumentError(Exception):
    """A paper that cannot be made from what was given; the text is a plain sentence."""


class UnreadableFacts(DocumentError):
    """The facts do not have the shape of a dossier; `where` names the field."""

    def __init__(self, message: str, *, where: str) -> None:
        super().__init__(message)
        self.where = where


class MissingPicture(DocumentError):
    """The facts name a picture that was not handed over; `name` is the file."""

    def __init__(self, message: str, *, name: str) -> None:
        super().__init__(message)
        self.name = name


class UnsafeDrawing(DocumentError):
    """A drawing holds something other than lines and figures; `element` names it."""

    def __init__(self, message: str, *, element: str) -> None:
        super().__init__(message)
        self.element = element


class UnreadablePicture(DocumentError):
    """A picture cannot be decoded, or is larger than we are ready to decode."""
