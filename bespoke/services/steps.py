"""One step of one piece: ask the rule, apply what it decided, write down the yes or the release it gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.design import Revision
from bespoke.models.piece import Content, Piece
from bespoke.models.production import Evidence
from bespoke.proof.seal import Sealable, canonical, digest_bytes
from bespoke.services import house
from bespoke.services.errors import Missing
from bespoke.services.gathering import gather
from workflows.actions import Action, Approve, Change, Override, Record, Release
from workflows.decide import Decision, decide
from workflows.errors import NotAllowed
from workflows.roles import Actor, Role
from workflows.sentences import sentence, word
from workflows.snapshot import PASSED, Snapshot, Status
from workflows.template import Facet

OUTSIDERS = frozenset({Role.CLIENT, Role.READER})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """How a yes was given: the words read back, the address and the device it came from."""

    words: str
    address: str = ""
    device: str = ""


def snapshot(session: Session, piece: Piece) -> Snapshot:
    """The piece as the rules read it, with all that was changed in this session."""
    session.flush()
    gather(session, piece)
    return piece.snapshot(house.rules(session))


def act(session: Session, piece: Piece, action: Action, actor: Actor, *, at: datetime) -> Decision:
    """Take one step with a piece.

    Raises:
        WorkflowError: the rules refuse it; nothing was changed.
    """
    if isinstance(action, Approve | Release):
        raise TypeError(f"{type(action).__name__} leaves a row of its own: use the function of that name.")
    decision = _take(session, piece, action, actor, at)[1]
    session.flush()
    return decision


def approve(
    session: Session, piece: Piece, action: Approve, actor: Actor, circumstances: Circumstances, *, at: datetime
) -> ApprovalRow:
    """Write down a yes to exactly what was shown."""
    before, decision = _take(session, piece, action, actor, at)
    at_counter = any(happened.facts.get("at_counter") is True for happened in decision.occurrences)
    row = ApprovalRow(
        piece_id=piece.id,
        milestone=action.milestone,
        digest=action.digest,
        facets=_facets(before, action.milestone),
        words=circumstances.words,
        person_id=int(actor.id),
        role=actor.role,
        at_counter=at_counter,
        at=at,
        address=circumstances.address,
        device=circumstances.device,
    )
    _put_down(session, piece, "approvals", row)
    return row


def release(
    session: Session, piece: Piece, action: Release, actor: Actor, *, gauge: str = "", at: datetime
) -> ReleaseRow:
    """Write down a second person's word that a step may begin."""
    before, _ = _take(session, piece, action, actor, at)
    asked_by = before.state(action.milestone).asked_by
    row = ReleaseRow(
        piece_id=piece.id,
        milestone=action.milestone,
        digest=action.digest,
        facets=_facets(before, action.milestone),
        asked_by_id=int(asked_by or actor.id),
        released_by_id=int(actor.id),
        gauge_mm=action.gauge_mm,
        gauge=gauge,
        at=at,
    )
    _put_down(session, piece, "releases", row)
    return row


def override(
    session: Session, piece: Piece, action: Override, revision: Revision, actor: Actor, *, at: datetime
) -> OverrideRow:
    """Write down that a named person answered a block of a revision's report."""
    _take(session, piece, action, actor, at)
    row = OverrideRow(
        piece_id=piece.id,
        revision_id=revision.id,
        code=action.code,
        reason=action.reason,
        person_id=int(actor.id),
        at=at,
    )
    _put_down(session, piece, "overrides", row)
    return row


def put_content(
    session: Session, piece: Piece, facet: Facet, body: Mapping[str, Sealable] | None, actor: Actor, *, at: datetime
) -> Decision:
    """Put new content in the place of a side of the piece; what rested on the old one is voided with it.

    Args:
        body: everything that side says, as it is hashed; None takes the side away.
    """
    text = None if body is None else canonical(body)
    digest = None if text is None else digest_bytes(text)
    decision = act(session, piece, Change(facet, digest), actor, at=at)
    standing = piece.content(facet)
    if standing is not None and standing.digest == digest:
        return decision
    for row in piece.contents:
        if row.facet is facet:
            row.current = False
    session.flush()  # one current content a side: the old one steps aside before the new one comes
    if text is not None and digest is not None:
        piece.contents.append(Content(facet=facet, digest=digest, body=text.decode(), created_at=at, current=True))
    session.flush()
    return decision


def show_evidence(
    session: Session,
    piece: Piece,
    milestone: str,
    kind: str,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    *,
    at: datetime,
) -> Evidence:
    """Put down what shows that a step was done.

    Args:
        facts: what it says, in JSON scalars with units in the names.
    """
    _take(session, piece, Record(milestone, kind), actor, at)
    row = Evidence(
        piece_id=piece.id, milestone=milestone, kind=kind, facts=dict(facts or {}), by_id=int(actor.id), at=at
    )
    session.add(row)
    session.flush()
    return row


def manifest(session: Session, piece: Piece, milestone: str) -> str:
    """The digest of what stands at a milestone: the one a page shows and a yes carries back.

    Raises:
        Missing: a side of it is not there yet.
    """
    found = snapshot(session, piece).manifest(milestone)
    if found is None:
        raise Missing(sentence("There is nothing to say yes to at %(milestone)s yet.", milestone=word(milestone)))
    return found


def is_past(piece: Piece, milestone: str) -> bool:
    """Whether a milestone is done or was left out."""
    return piece.milestone(milestone).status in PASSED


def is_done(piece: Piece, milestone: str) -> bool:
    """Whether a milestone is done."""
    return piece.milestone(milestone).status is Status.DONE


def _take(session: Session, piece: Piece, action: Action, actor: Actor, at: datetime) -> tuple[Snapshot, Decision]:
    """The piece as it was, and the decision that has been applied to it."""
    if actor.role in OUTSIDERS and not any(
        str(one.person_id) == actor.id and one.role is actor.role for one in piece.commission.participants
    ):
        raise NotAllowed(sentence("%(reference)s is another client's.", reference=piece.commission.reference))
    before = snapshot(session, piece)
    decision = decide(before, action, actor, at=at)
    piece.apply(before, decision, actor, at)
    return before, decision


def _put_down(session: Session, piece: Piece, name: str, row: ApprovalRow | ReleaseRow | OverrideRow) -> None:
    """Write a row of the piece with all that was decided, and show it in its relation."""
    session.add(row)
    session.flush()
    # appending would let the session look through every row of the piece for changes
    set_committed_value(piece, name, [*getattr(piece, name), row])


def _facets(piece: Snapshot, milestone: str) -> dict[str, Any]:
    sides = piece.template[milestone].rests_on
    return {facet.value: piece.content.get(facet) for facet in sides if piece.applies(facet)}
