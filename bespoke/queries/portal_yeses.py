"""What the client has said yes to, each with its seal and moment; and why a yes no longer counts, where it does not."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bespoke.models.approval import ApprovalRow
from bespoke.models.event import Event
from bespoke.models.piece import Content, Piece
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy, said
from bespoke.templating.filters import seal
from workflows.milestone import Facet
from workflows.snapshot import Standing

DESIGN = "render_approval"
CHANGED: Mapping[str, object] = {
    "brief": lazy("the brief was written anew"),
    "sketch": lazy("a sketch was added"),
    "stones": lazy("the stones are others now"),
    "quote": lazy("a new price was put before you"),
    "terms": lazy("the terms are others now"),
    "design": lazy("a new drawing was handed in"),
    "alloy": lazy("the metal is another one now"),
    "size": lazy("the size was changed"),
    "engraving": lazy("the engraving was changed"),
    "delivery": lazy("the delivery was changed"),
}
DIGEST = re.compile(r"[0-9a-f]{64}")  # read by people as its first eight signs
FILE = re.compile(r", file [0-9a-f]{64}")  # of a sketch: its number says it to people, its digest stays in the record
CAUSES = ("content_changed", "sent_back", "withdrawn")


@dataclass(frozen=True, slots=True)
class Yes:
    """One yes of the client's.

    Attributes:
        what: what it was to, in words: “Revision 3”, “The price”.
        words: what was read back with it.
        counts: False once something it was about has changed; `because` says what, `ended_at` when.
    """

    piece: Piece
    milestone: str
    what: str
    words: str
    digest: str
    at: datetime
    by: str
    at_counter: bool
    counts: bool
    ended_at: datetime | None
    because: str


def yeses_of(whole: Whole) -> tuple[Yes, ...]:
    """Every yes that was given, the latest first."""
    found = [_yes(whole, piece, row) for piece in whole.commission.pieces for row in piece.approvals]
    return tuple(sorted(found, key=lambda yes: yes.at, reverse=True))


def voided(yeses: tuple[Yes, ...]) -> tuple[Yes, ...]:
    """The latest yes to each thing, where it no longer counts and none has taken its place."""
    latest: dict[tuple[int, str], Yes] = {}
    for yes in yeses:
        latest.setdefault((yes.piece.id, yes.milestone), yes)
    return tuple(yes for yes in latest.values() if not yes.counts)


def _yes(whole: Whole, piece: Piece, row: ApprovalRow) -> Yes:
    counts = row.standing is Standing.LIVE
    return Yes(
        piece=piece,
        milestone=row.milestone,
        what=_what(piece, row),
        words=DIGEST.sub(lambda found: seal(found[0]), said(FILE.sub("", row.words))),
        digest=row.digest,
        at=row.at,
        by=whole.name_of(row.person_id),
        at_counter=row.at_counter,
        counts=counts,
        ended_at=row.ended_at,
        because="" if counts else _because(whole.rows.of(Event), row, piece),
    )


def _what(piece: Piece, row: ApprovalRow) -> str:
    if row.milestone == DESIGN:
        body = _said(piece, Facet.DESIGN, row.facets.get(Facet.DESIGN.value))
        if "revision" in body:
            return _("Revision %(n)s", n=body["revision"])
    return piece.template[row.milestone].title if row.milestone in piece.template else row.milestone


def _said(piece: Piece, facet: Facet, digest: object) -> Mapping[str, object]:
    content: Content | None = next((one for one in piece.contents if one.facet is facet and one.digest == digest), None)
    said: Mapping[str, object] = {} if content is None else json.loads(content.body)
    return said


def _because(events: list[Event], row: ApprovalRow, piece: Piece) -> str:
    """What undid it: the change written down just before the line that says so."""
    cause: Event | None = None
    for event in events:
        if event.piece != piece.reference:
            continue
        if event.kind in CAUSES:
            cause = event
        if event.kind == "approval_superseded" and event.facts.get("digest") == row.digest and event.at == row.ended_at:
            break
    else:
        return _("what it was about has changed")
    if cause is None:
        return _("what it was about has changed")
    if cause.kind == "sent_back":
        return _("work on it has to be done again: %(cause)s", cause=cause.facts.get("cause", ""))
    if cause.kind == "withdrawn":
        return _("we took it back: %(reason)s", reason=cause.facts.get("reason", ""))
    return str(CHANGED.get(str(cause.facts.get("facet")), _("what it was about has changed")))
