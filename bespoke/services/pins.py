"""Remarks on the surface of a drawing: placed, answered, settled, and insisted on where a change is asked for."""

import math
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bespoke.models.design import Pin, PinReply, Revision
from bespoke.services.errors import Missing, NotPossible
from bespoke.templating.catalogue import _
from workflows.errors import NotAllowed, OutOfOrder
from workflows.roles import STAFF, Actor, Role
from workflows.snapshot import Status

Place = tuple[float, float, float]

TWICE = timedelta(seconds=30)  # a button pressed twice puts one remark
FARTHEST_MM = 1_000.0  # of any point of a piece from the middle of its file
CLIENTS_YES = "render_approval"


def place(
    session: Session,
    revision: Revision,
    text: str,
    actor: Actor,
    *,
    at: datetime,
    place_mm: Place | None = None,
    body: str = "",
    must_fix: bool = False,
    for_client: bool = False,
) -> Pin:
    """A remark on a revision, at a point of its surface where one was touched.

    Args:
        place_mm: in the drawing's own millimetres.
        body: the name of the part that was touched.
        must_fix: no yes is asked for or given until it is settled, on whichever revision.
        for_client: the house's own remark may be read by the client too.

    Raises:
        NotAllowed: whoever reads along looks only.
        NotPossible: there are no words, or the point is nowhere on a piece.
        Missing: the client has not been shown that revision.
        OutOfOrder: it has been followed by another, or approved.
    """
    _require_words(text, _("Write a few words beside the pin."))
    _require_place(place_mm)
    _require_open(revision, actor)
    x, y, z = place_mm or (None, None, None)
    for one in revision.pins:
        same = (str(one.by_id), one.text, one.x_mm, one.y_mm, one.z_mm) == (actor.id, text.strip(), x, y, z)
        if same and one.settled_at is None and abs(one.at - at) < TWICE:
            return one
    row = Pin(
        x_mm=x,
        y_mm=y,
        z_mm=z,
        body=_known_body(revision, body),
        text=text.strip(),
        must_fix=must_fix,
        for_client=for_client,
        by_id=int(actor.id),
        at=at,
    )
    revision.pins.append(row)
    session.flush()
    _record(revision, "pin_set", actor, at, pin=row.id, text=row.text, must_fix=must_fix)
    session.flush()
    return row


def answer(session: Session, revision: Revision, row: Pin, text: str, actor: Actor, *, at: datetime) -> PinReply:
    """Say something below a remark; it stays open.

    Raises:
        NotAllowed: whoever reads along looks only; a client answers only what they may read.
        NotPossible: there are no words.
        OutOfOrder: it was settled.
    """
    _require_words(text, _("Write a few words as the answer."))
    outsiders = frozenset(one.person_id for one in revision.piece.commission.participants)
    if actor.role is Role.READER or not row.is_read_by(actor, outsiders=outsiders):
        raise NotAllowed(_("Whoever reads along looks; tell the client what you would like to say."))
    if row.settled_at is not None:
        raise OutOfOrder(_("This note was settled: %(answer)s Make a new one.", answer=row.answer))
    reply = PinReply(text=text.strip(), by_id=int(actor.id), at=at)
    row.replies.append(reply)
    session.flush()
    internal = not _is_before_client(revision, row, outsiders)
    _record(revision, "pin_answered", actor, at, pin=row.id, text=reply.text, internal=internal)
    session.flush()
    return reply


def settle(session: Session, revision: Revision, row: Pin, words: str, actor: Actor, *, at: datetime) -> None:
    """Close a remark, so that it no longer holds the approval up.

    Args:
        words: how it was settled; whoever made the remark may leave them out.

    Raises:
        NotAllowed: only the house settles a remark, or whoever made it.
        NotPossible: somebody else's remark is settled with words.
        OutOfOrder: it was settled before; the answer stays.
    """
    own = actor.id == str(row.by_id)
    if actor.role not in STAFF and not own:
        raise NotAllowed(_("Only the house settles this remark, or whoever made it."))
    if row.settled_at is not None:
        raise OutOfOrder(_("It was settled already: %(answer)s", answer=row.answer))
    if not own:
        _require_words(words, _("Say how it was settled."))
    row.answer, row.settled_at, row.settled_by_id = words.strip(), at, int(actor.id)
    _record(revision, "pin_settled", actor, at, pin=row.id, answer=row.answer)
    session.flush()


def insist(session: Session, revision: Revision, actor: Actor, *, at: datetime) -> tuple[Pin, ...]:
    """Make the client's open remarks on a revision things that must be fixed; all of them, in their order."""
    own = tuple(row for row in revision.pins if str(row.by_id) == actor.id and row.settled_at is None)
    for row in own:
        if not row.must_fix:
            row.must_fix = True
            _record(revision, "pin_insisted", actor, at, pin=row.id, text=row.text)
    session.flush()
    return own


def of_revision(revision: Revision, number: int) -> Pin:
    """The remark of that number on a revision.

    Raises:
        Missing: there is none.
    """
    found = next((row for row in revision.pins if row.id == number), None)
    if found is None:
        raise Missing(_("This note is no longer there."))
    return found


def _require_words(text: str, sentence: str) -> None:
    if not text.strip():
        raise NotPossible(sentence)


def _require_place(place_mm: Place | None) -> None:
    if place_mm is not None and not all(math.isfinite(one) and abs(one) <= FARTHEST_MM for one in place_mm):
        raise NotPossible(_("This point is nowhere on the piece; touch its surface."))


def _require_open(revision: Revision, actor: Actor) -> None:
    """The house remarks on any revision; a client on the one that is before them."""
    if actor.role is Role.READER:
        raise NotAllowed(_("Whoever reads along looks; tell the client what you would like to be different."))
    if actor.role in STAFF:
        return
    if revision.published_at is None:
        raise Missing(_("This revision has not been shown yet."))
    newest = [one for one in revision.piece.revisions if one.published_at is not None][-1]
    if newest is not revision:
        raise OutOfOrder(
            _(
                "Revision %(new)s has followed revision %(old)s; put your note there.",
                new=newest.number,
                old=revision.number,
            )
        )
    if revision.piece.milestone(CLIENTS_YES).status is Status.DONE:
        raise OutOfOrder(_("You approved this drawing. Write us a message, and we look at what can still be changed."))


def _is_before_client(revision: Revision, row: Pin, outsiders: frozenset[int]) -> bool:
    person = revision.piece.commission.client
    client = Actor(str(person.id), Role.CLIENT, person.name)
    return revision.published_at is not None and row.is_read_by(client, outsiders=outsiders)


def _known_body(revision: Revision, body: str) -> str:
    report = revision.report
    known = () if report is None else (one.name for one in report.bodies)
    return body[:200] if body in known else ""


def _record(revision: Revision, kind: str, actor: Actor, at: datetime, **facts: str | int | bool) -> None:
    piece = revision.piece
    piece.commission.record(kind, actor, at, piece=piece.reference, revision=revision.number, **facts)
