"""Stones for a piece: put forward, compared, chosen, and replaced where one broke."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.stone import StoneOption, StoneRow
from bespoke.proof.seal import Sealable
from bespoke.services import deposits, holds, steps, together
from bespoke.services.errors import Missing, NotPossible
from workflows.actions import Approve, HandIn
from workflows.errors import NotAllowed
from workflows.naming import disclosure, origin_statement, stone_name, weight_statement
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence
from workflows.stones import Ownership, Whereabouts
from workflows.template import Facet

SOURCING = "stone_sourcing"
ROLES = ("centre", "side", "accent", "melee")
CHOOSERS = frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE, Role.OWNER})


def put_forward(
    session: Session,
    piece: Piece,
    stone: StoneRow,
    actor: Actor,
    *,
    role: str = "centre",
    voice: str = "",
    piece_price_minor: int | None = None,
    at: datetime,
) -> StoneOption:
    """Put a stone before the client as one the piece could be made with.

    Args:
        voice: the designer's own words about it.
        piece_price_minor: what the finished piece would cost with it.

    Raises:
        StoneTaken: another commission holds it.
        NotHoldable: it is broken, lost, gone back, set or another client's own.
    """
    if actor.role not in (Role.DESIGNER, Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("Only the designer or the office puts stones forward."))
    if role not in ROLES:
        raise NotPossible(sentence("A stone of a piece is one of: %(roles)s.", roles=", ".join(ROLES)))
    holds.refuse_if_taken(session, piece.commission, stone, at=at)
    option = next((one for one in piece.options if one.stone_id == stone.id), None)
    if option is None:
        option = StoneOption(stone_id=stone.id, role=role, put_forward_at=at)
        piece.options.append(option)
    option.role, option.voice, option.piece_price_minor = role, voice.strip(), piece_price_minor
    option.withdrawn_at = None
    session.flush()
    piece.commission.record("stone_put_forward", actor, at, piece=piece.reference, stone=stone.reference, role=role)
    _show(session, piece, option, actor, at)
    return option


def withdraw(session: Session, option: StoneOption, actor: Actor, *, at: datetime) -> None:
    """Take a stone out of the comparison and let it go.

    Raises:
        NotPossible: it is the chosen one; choose another first.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("Only the house withdraws a stone; choose the one you like instead."))
    if option.chosen:
        raise NotPossible(
            sentence("Stone %(reference)s is the chosen one; choose another first.", reference=option.stone.reference)
        )
    option.withdrawn_at = at
    piece = option.piece
    piece.commission.record("stone_withdrawn", actor, at, piece=piece.reference, stone=option.stone.reference)
    _let_go(session, option, "withdrawn", actor, at)
    session.flush()


def choose(session: Session, option: StoneOption, actor: Actor, *, at: datetime) -> None:
    """Make a stone the piece's; a chosen centre stone takes the place of the one chosen before.

    The stone is held where it is not, and what was said yes to with another stone is superseded.

    Raises:
        StoneTaken: another commission has it by now.
        NotAllowed: the one before is locked by money; the office exchanges it.
        OutOfOrder: stones are being set; rework comes first.
    """
    piece, stone = option.piece, option.stone
    if actor.role not in CHOOSERS:
        raise NotAllowed(sentence("The client chooses, or the designer and the office with them."))
    if option.withdrawn_at is not None:
        raise NotPossible(sentence("Stone %(reference)s was withdrawn; choose another one.", reference=stone.reference))
    if option.replaced_at is not None:
        raise NotPossible(sentence("Stone %(reference)s was replaced; choose another one.", reference=stone.reference))
    before = [one for one in piece.options if one.chosen and one is not option and one.role == option.role == "centre"]
    _refuse_if_locked(session, before, actor)
    keeper = actor if actor.role in STAFF else Actor(actor.id, Role.SYSTEM, actor.name)
    holds.hold(session, piece.commission, stone, keeper, at=at)
    chosen = [one for one in piece.options if one.chosen and one not in before and one is not option]
    steps.put_content(session, piece, Facet.STONES, content((*chosen, option)), actor, at=at)
    for one in before:
        one.chosen_at = None
        _let_go(session, one, "another was chosen", keeper, at)
    option.chosen_at = at
    session.flush()
    piece.commission.record("stone_chosen", actor, at, piece=piece.reference, stone=stone.reference, role=option.role)
    if deposits.is_cleared(piece.commission):
        deposits.lock(session, piece.commission, keeper, at=at)
    for one in (*chosen, option):
        _show(session, piece, one, actor, at)
    session.flush()


def hand_in(session: Session, piece: Piece, actor: Actor, *, at: datetime) -> str:
    """Put the chosen stones before the client; the digest their yes carries back."""
    for option in piece.options:
        if option.withdrawn_at is None:
            _show(session, piece, option, actor, at)
    steps.act(session, piece, HandIn(SOURCING), actor, at=at)
    return steps.manifest(session, piece, SOURCING)


def approve(
    session: Session,
    piece: Piece,
    shown: str,
    actor: Actor,
    circumstances: steps.Circumstances,
    *,
    at: datetime,
    at_counter: bool = False,
) -> None:
    """The client's yes to the stones that were shown."""
    steps.approve(session, piece, Approve(SOURCING, shown, at_counter=at_counter), actor, circumstances, at=at)


def replace(
    session: Session,
    broken: StoneOption,
    other: StoneOption,
    cause: str,
    actor: Actor,
    *,
    lost: bool = False,
    at: datetime,
) -> None:
    """Put another stone in the place of one that broke or was lost; the client is asked about it again.

    A lock passes on to the new stone, since the money that made it is here.

    Raises:
        NotPossible: the old one is not the piece's, or nobody says what happened.
        StoneTaken: another commission has the new one.
        OutOfOrder: setting has begun; send the piece back first.
    """
    piece = broken.piece
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house replaces a stone, and asks you about the new one."))
    if not broken.chosen or other.piece_id != piece.id or other.chosen or other.withdrawn_at is not None:
        raise NotPossible(sentence("Another stone that was put forward takes the place of the chosen one."))
    if not cause.strip():
        raise NotPossible(sentence("Say what happened to the stone."))
    held = holds.live(session, broken.stone)
    locked = held is not None and held.commission_id == piece.commission_id and held.locked_at is not None
    holds.hold(session, piece.commission, other.stone, actor, at=at)
    if locked and not holds.lock(session, piece.commission, other.stone, actor, at=at):
        raise NotPossible(
            sentence("Stone %(reference)s could not be locked; choose another one.", reference=other.stone.reference)
        )
    staying = [one for one in piece.options if one.chosen and one is not broken]
    steps.put_content(session, piece, Facet.STONES, content((*staying, other)), actor, at=at)
    broken.replaced_at = at
    broken.stone.whereabouts = Whereabouts.LOST if lost else Whereabouts.BROKEN
    other.role, other.chosen_at = broken.role, at
    if held is not None and held.commission_id == piece.commission_id:
        holds.end(session, held, "replaced", actor, at=at)
    piece.commission.record(
        "stone_replaced",
        actor,
        at,
        piece=piece.reference,
        stone=broken.stone.reference,
        by=other.stone.reference,
        cause=cause.strip(),
    )
    _show(session, piece, other, actor, at)
    session.flush()


def content(options: tuple[StoneOption, ...]) -> dict[str, Sealable] | None:
    """Everything the stones of a piece say, as it is hashed: no cost, no supplier, no memo terms."""
    if not options:
        return None
    return {"stones": [_said(one) for one in sorted(options, key=lambda one: one.stone.reference)]}


def chosen_options(piece: Piece) -> tuple[StoneOption, ...]:
    """The stones of the piece as they are now.

    Raises:
        Missing: none has been chosen.
    """
    found = tuple(one for one in piece.options if one.chosen)
    if not found:
        raise Missing(sentence("No stone has been chosen for %(reference)s yet.", reference=piece.reference))
    return found


def _said(option: StoneOption) -> dict[str, Sealable]:
    stone, name = option.stone, option.stone.named
    report, treated = stone.governing, disclosure(name)
    return {
        "reference": stone.reference,
        "role": option.role,
        "name": stone_name(name),
        "origin": stone.origin,
        "origin_words": origin_statement(name),
        "shape": stone.shape,
        "pieces": stone.pieces,
        "weight_ct": stone.weight_ct,
        "weight_words": weight_statement(
            stone.weight_ct, pieces=stone.pieces, estimated=stone.weight_source == "estimated"
        ),
        "length_mm": stone.length_mm,
        "width_mm": stone.width_mm,
        "depth_mm": stone.depth_mm,
        "colour": stone.colour,
        "clarity": stone.clarity,
        "cut": stone.cut,
        "assessment": stone.assessment,
        "details": stone.details,
        "treatment_codes": list(treated.codes),
        "treatment_words": treated.words,
        "care": list(treated.care),
        "laboratory": None if report is None else report.laboratory,
        "report_number": None if report is None else report.number,
        "report_digest": None if report is None else report.digest,
        "inscription": stone.inscription or None,
        "clients_own": stone.ownership is Ownership.CLIENT,
    }


def _show(session: Session, piece: Piece, option: StoneOption, actor: Actor, at: datetime) -> None:
    """Put options and reports down as evidence of the sourcing, by whoever may."""
    if SOURCING not in piece.template:
        return
    shown = piece.milestone(SOURCING).evidence
    stone, report = option.stone, option.stone.governing
    if "options" not in shown:
        together.show_where_open(session, piece, SOURCING, "options", actor, {"stone": stone.reference}, at=at)
    if "report" not in shown:
        facts = {
            "stone": stone.reference,
            "laboratory": None if report is None else report.laboratory,  # said: there is none
            "number": None if report is None else report.number,
        }
        together.show_where_open(session, piece, SOURCING, "report", actor, facts, at=at)


def _refuse_if_locked(session: Session, before: list[StoneOption], actor: Actor) -> None:
    for one in before:
        held = holds.live(session, one.stone)
        locked = held is not None and held.commission_id == one.piece.commission_id and held.locked_at is not None
        if locked and actor.role not in (Role.OFFICE, Role.OWNER):
            raise NotAllowed(
                sentence(
                    "Stone %(reference)s is locked by the deposit; the office exchanges it with the client.",
                    reference=one.stone.reference,
                )
            )


def _let_go(session: Session, option: StoneOption, reason: str, actor: Actor, at: datetime) -> None:
    """End our hold on a stone no other piece of the commission has chosen."""
    commission = option.piece.commission
    wanted = any(
        one.chosen and one.stone_id == option.stone_id
        for piece in commission.pieces
        for one in piece.options
        if one is not option
    )
    held = holds.live(session, option.stone)
    if held is None or held.commission_id != commission.id or wanted:
        return
    holds.end(session, held, reason, actor, at=at)
