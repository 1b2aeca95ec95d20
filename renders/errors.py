"""Refusals of the 3D pipeline: one class per case, a plain sentence as text, the facts beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

from workflows.sentences import sentence

REFUSED = 3  # exit code of a child that ended in a refusal
REFUSAL_FILE = "refusal.json"

Fact = str | int | float | None


class RenderError(Exception):
    """Root of everything this package refuses; the text says what is the case and what to do about it."""

    def __init__(self, message: str, **facts: Fact) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class UnknownFormat(RenderError):
    """The first bytes belong to none of the formats we read."""


class TooLarge(RenderError):
    """More bytes or more triangles than we examine."""


class BrokenFile(RenderError):
    """The file says one thing about itself and holds another, or stops half way."""


class UnsupportedContent(RenderError):
    """A sound file that uses something we do not read, such as compressed geometry."""


class EmptyDesign(RenderError):
    """The file is readable and holds no surface."""


class NotFinite(RenderError):
    """Coordinates that are not numbers, or are beyond any piece of jewellery."""


class NoMeshes(RenderError):
    """A Rhino file saved without its render meshes."""


class OpenMesh(RenderError):
    """The surface does not enclose a volume, so it has no weight."""


class NoDesign(RenderError):
    """The folder does not hold what `read` leaves there."""


class NoRenderer(RenderError):
    """This computer cannot draw: neither EGL nor OSMesa is there."""


class BrokenReport(RenderError):
    """The report's JSON is not of the form this version writes."""


class ChildError(RenderError):
    """The limited child ended without a result."""


class ChildCrashed(ChildError):
    """Ended by a signal; `facts["signal"]` names it."""


class ChildTimedOut(ChildError):
    """Used up its seconds."""


class ChildOutOfMemory(ChildError):
    """Asked for more memory than it may have."""


class ChildFailed(ChildError):
    """Ended with an error of its own; `facts["said"]` holds its last words."""


def refusal_to_json(error: RenderError) -> str:
    """The refusal as one line of JSON: class, message, facts."""
    return json.dumps({"refusal": type(error).__name__, "message": error.message, "facts": error.facts})


def refusal_from_json(text: str) -> RenderError:
    """The refusal a child wrote, as the class it had there.

    An unknown class becomes `RenderError`, a text that is no refusal `ChildFailed`.
    """
    try:
        told = json.loads(text)
        name, message, facts = str(told["refusal"]), str(told["message"]), dict(told["facts"])
    except (ValueError, KeyError, TypeError):
        return ChildFailed(sentence("The examination ended without saying why. Try again, or export the file anew."))
    known = {kind.__name__: kind for kind in _descendants(RenderError)}
    plain = {str(key): value for key, value in facts.items() if isinstance(value, str | int | float | None)}
    return known.get(name, RenderError)(message, **plain)


def write_refusal(error: RenderError, folder: Path) -> None:
    """Leave the refusal where `sandbox.run` finds it."""
    (folder / REFUSAL_FILE).write_text(refusal_to_json(error), encoding="utf-8")


def _descendants(kind: type[RenderError]) -> Iterator[type[RenderError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)
