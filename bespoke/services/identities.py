"""Whether a client gets back the stone they brought: what it is recognised by at intake, and again before it goes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.file import File
from bespoke.models.identity import Occasion, StoneIdentity
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import steps
from bespoke.services.errors import Missing, NotPossible
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor
from workflows.sentences import sentence, together
from workflows.stones import Ownership

SETTING, CHECK, DELIVERY = "setting", "qc", "delivery"
WITHIN_MM, WITHIN_CT = Decimal("0.05"), Decimal("0.02")  # two readings of one gauge, of one scale
LONGEST_INSCRIPTION, LONGEST_REASON = 60, 120


class AnotherStone(NotPossible):
    """The stone that is to go back is not the one that came in, or was not looked at closely enough."""

    def __init__(self, stone: StoneRow, intake: StoneIdentity, back: StoneIdentity, why: tuple[str, ...]) -> None:
        super().__init__(
            sentence(
                "Stone %(reference)s is not as it came in (%(why)s). At intake: %(told)s. Now: "
                "%(told2)s. It stays here until that is cleared up.",
                reference=stone.reference,
                why=together(why, ", "),
                told=_told(intake),
                told2=_told(back),
            )
        )
        self.reference = stone.reference
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A stone under magnification, measured in mm, weighed in carats.

    Attributes:
        weight_ct: left out where it is set and cannot be weighed by itself; always there at intake.
        inclusions: what is seen of them and where, or that none is.
        inscription: as read; empty where there is none, or where `unread` says why it cannot be read.
        photograph: the digest of its file.
    """

    length_mm: Decimal
    width_mm: Decimal
    inclusions: str
    photograph: str
    weight_ct: Decimal | None = None
    inscription: str = ""
    unread: str = ""


def note_intake(session: Session, stone: StoneRow, seen: Seen, actor: Actor, *, at: datetime) -> StoneIdentity:
    """Put down what a stone is recognised by when it comes in.

    Raises:
        NotAllowed: whoever looked is not of the house.
        NotPossible: it was not weighed, measured or looked at; or it is in a piece already.
        Missing: the photograph is not among the house's files.
    """
    if seen.weight_ct is None:
        raise NotPossible(sentence("Weigh the stone by itself when it comes in."))
    if last(session, stone, Occasion.RETURN) is not None:
        raise NotPossible(
            sentence(
                "Stone %(reference)s was looked at to go back; its intake is not written anew.",
                reference=stone.reference,
            )
        )
    return _put_down(session, stone, Occasion.INTAKE, seen, None, actor, at)


def note_return(
    session: Session, stone: StoneRow, seen: Seen, actor: Actor, *, same_inclusions: bool, at: datetime
) -> StoneIdentity:
    """Put down what a stone is recognised by before it goes back; kept whatever it says, compared when it leaves.

    Args:
        same_inclusions: the word of whoever compared them with the note and the photograph of the intake.

    Raises:
        NotAllowed: whoever looked is not of the house.
        NotPossible: it was not measured or looked at.
        Missing: its intake was not written down, or the photograph is not among the house's files.
    """
    if last(session, stone, Occasion.INTAKE) is None:
        raise Missing(_unnoted(stone))
    return _put_down(session, stone, Occasion.RETURN, seen, same_inclusions, actor, at)


def last(session: Session, stone: StoneRow, occasion: Occasion) -> StoneIdentity | None:
    """The look that counts: the last of its occasion."""
    rows = select(StoneIdentity).where(StoneIdentity.stone_id == stone.id, StoneIdentity.occasion == occasion)
    return session.scalars(rows.order_by(StoneIdentity.id.desc()).limit(1)).one_or_none()


def clients_own(piece: Piece) -> list[StoneRow]:
    """The stones of a piece that its client brought."""
    chosen = [option.stone for option in piece.options if option.chosen]
    return [stone for stone in chosen if stone.ownership is Ownership.CLIENT]


def check(session: Session, piece: Piece, milestone: str) -> None:
    """Let a client's stone be set only once its identity is known, and leave only as the stone that came in.

    Raises:
        Missing: nobody looked at it when it came in, or since it was set.
        AnotherStone: the two readings differ.
    """
    if milestone == SETTING:
        for stone in clients_own(piece):
            if last(session, stone, Occasion.INTAKE) is None:
                raise Missing(_unnoted(stone))
    elif milestone == DELIVERY and steps.is_past(piece, CHECK):
        since = piece.milestone(SETTING).done_at if SETTING in piece.template else None
        for stone in clients_own(piece):
            compare(session, stone, since=since)


def compare(session: Session, stone: StoneRow, *, since: datetime | None = None) -> None:
    """Let a stone go back only where it was looked at and is the one that came in.

    Args:
        since: a look before this moment says nothing, as the stone was worked on then.

    Raises:
        Missing: nobody looked at it when it came in, or since.
        AnotherStone: the two readings differ.
    """
    intake, back = last(session, stone, Occasion.INTAKE), last(session, stone, Occasion.RETURN)
    if intake is None:
        raise Missing(_unnoted(stone))
    if back is None or (since is not None and back.at < since):
        raise Missing(
            sentence(
                "Stone %(reference)s is the client's own; look at it again under magnification, "
                "measure it and read its inscription before it goes back.",
                reference=stone.reference,
            )
        )
    why = differences(intake, back)
    if why:
        raise AnotherStone(stone, intake, back, why)


def differences(intake: StoneIdentity, back: StoneIdentity) -> tuple[str, ...]:
    """In what two looks at a stone differ by more than a gauge or a scale explains; empty for the same stone.

    A round stone may have been turned, so that the larger measure is compared with the larger.
    """
    told = []
    measured = zip(_measures(intake), _measures(back), strict=True)
    if any(abs(before - now) > WITHIN_MM for before, now in measured):
        told.append("measures")
    weighed = None if intake.weight_ct is None or back.weight_ct is None else abs(intake.weight_ct - back.weight_ct)
    if weighed is not None and weighed > WITHIN_CT:
        told.append("weight")
    if not back.same_inclusions:
        told.append("inclusions")
    if not back.unread and not intake.unread and _plain(intake.inscription) != _plain(back.inscription):
        told.append("inscription")
    return tuple(told)


def _put_down(
    session: Session,
    stone: StoneRow,
    occasion: Occasion,
    seen: Seen,
    same_inclusions: bool | None,
    actor: Actor,
    at: datetime,
) -> StoneIdentity:
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house looks at stones and writes down what it saw."))
    numbers = (seen.length_mm, seen.width_mm, Decimal(1) if seen.weight_ct is None else seen.weight_ct)
    if not all(number.is_finite() and number > 0 for number in numbers):
        raise NotPossible(sentence("Weights and measures are more than nothing."))
    if not seen.inclusions.strip():
        raise NotPossible(sentence("Say what is seen of inclusions, or that nothing is."))
    if seen.inscription.strip() and seen.unread.strip():
        raise NotPossible(sentence("An inscription was either read, or could not be."))
    if len(seen.inscription) > LONGEST_INSCRIPTION or len(seen.unread) > LONGEST_REASON:
        raise NotPossible(
            sentence(
                "An inscription has up to %(longest_inscription)s letters.", longest_inscription=LONGEST_INSCRIPTION
            )
        )
    if session.get(File, seen.photograph) is None:
        raise Missing(sentence("The photograph is not among the house's files; upload it first."))
    row = StoneIdentity(
        stone_id=stone.id,
        occasion=occasion,
        length_mm=seen.length_mm,
        width_mm=seen.width_mm,
        weight_ct=seen.weight_ct,
        inclusions=seen.inclusions.strip(),
        same_inclusions=same_inclusions,
        inscription=seen.inscription.strip(),
        unread=seen.unread.strip(),
        photograph=seen.photograph,
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    session.flush()
    if stone.held is not None:
        stone.held.commission.record(
            "stone_identified", actor, at, stone=stone.reference, occasion=occasion.value, sha256=seen.photograph
        )
        session.flush()
    return row


def _unnoted(stone: StoneRow) -> str:
    return (
        f"Stone {stone.reference} is the client's own, and nobody wrote down what it is recognised by when it came "
        "in; do that first."
    )


def _measures(look: StoneIdentity) -> list[Decimal]:
    return sorted((look.length_mm, look.width_mm))


def _told(look: StoneIdentity) -> str:
    weight = "not weighed" if look.weight_ct is None else f"{look.weight_ct} ct"
    read = look.inscription or (f"inscription not read, {look.unread}" if look.unread else "no inscription")
    return f"{look.length_mm} × {look.width_mm} mm, {weight}, {look.inclusions}, {read}"


def _plain(inscription: str) -> str:
    return "".join(inscription.split()).upper()
