"""The viewing room: one revision that was shown, its pictures, measures, metals and notes, and what may be said."""

from dataclasses import dataclass
from datetime import datetime

from bespoke.models.approval import ApprovalRow
from bespoke.models.commission import Commission
from bespoke.models.design import Pin, PinReply, Revision, RevisionPicture
from bespoke.models.piece import Piece
from bespoke.queries.commissions import NotFound
from bespoke.queries.elevations import elevation_of
from bespoke.queries.measures import Measure, beside, measures_of
from bespoke.queries.portal import DARK, PAPER, picture_of
from bespoke.queries.swatches import Swatch, swatches_of
from bespoke.queries.whole import Whole
from bespoke.storage.store import Store
from workflows.offers import Offer, offers
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Standing

DESIGN = "render_approval"
MOST_FRAMES = 12  # in the strip; the model turns through all of them


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of the turntable, by how far the piece has turned."""

    digest: str
    degrees: int


@dataclass(frozen=True, slots=True)
class Said:
    """One answer below a note."""

    row: PinReply
    name: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the piece as its readers see it: numbered through all revisions shown so far.

    Attributes:
        revision: the number of the revision it was put on.
        mine: it is the visitor's own, so they may settle it.
        answerable: the visitor may say something below it.
    """

    row: Pin
    number: int
    revision: int
    name: str
    mine: bool
    answerable: bool
    replies: tuple[Said, ...]

    @property
    def settled(self) -> bool:
        """Whether it is closed."""
        return self.row.settled_at is not None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the visitor may say to the revision now.

    Attributes:
        digest: of exactly what is shown; it goes back with the yes. Empty where no yes is asked for.
        reason: why a yes cannot be given yet; None when it can.
        approved: the yes that stands for this very revision.
    """

    digest: str = ""
    reason: str | None = None
    changes: bool = False
    approved: ApprovalRow | None = None

    @property
    def asked(self) -> bool:
        """Whether a yes is asked for."""
        return bool(self.digest)


@dataclass(frozen=True, slots=True)
class Room:
    """Everything on the page of one revision.

    Attributes:
        newer: the newest revision shown after this one.
        drawing: a revision that is being made ready and has not been shown.
        before: the revision shown before this one.
        small: the picture that is there at once, before the large one and the model.
        several: the commission has more than one piece, so addresses name it.
    """

    commission: Commission
    piece: Piece
    revision: Revision
    drawn_by: str
    newer: Revision | None
    drawing: Revision | None
    before: Revision | None
    small: RevisionPicture | None
    still: RevisionPicture | None
    sides: tuple[RevisionPicture, ...]
    frames: tuple[Frame, ...]
    model: RevisionPicture | None
    measures: tuple[Measure, ...]
    swatches: tuple[Swatch, ...]
    notes: tuple[Note, ...]
    verdict: Verdict
    decides: bool
    several: bool

    @property
    def open_notes(self) -> tuple[Note, ...]:
        """The visitor's own notes on this revision nobody has settled yet."""
        number = self.revision.number
        return tuple(one for one in self.notes if one.mine and not one.settled and one.revision == number)

    @property
    def letter(self) -> str | None:
        """The piece's letter where addresses need it."""
        return self.piece.letter if self.several else None


def room(whole: Whole, actor: Actor, number: int, letter: str | None, store: Store, *, at: datetime) -> Room:
    """One revision as somebody sees it who is a client or reads along.

    Raises:
        NotFound: no such revision has been shown.
    """
    piece = piece_with(whole.commission, number, letter)
    revision = shown(piece, number)
    published = [one for one in piece.revisions if one.published_at is not None]
    before = [one for one in published if one.number < number]
    newest = piece.revision
    return Room(
        commission=whole.commission,
        piece=piece,
        revision=revision,
        drawn_by=whole.name_of(revision.handed_in_by_id),
        newer=published[-1] if published[-1].number > number else None,
        drawing=newest if newest is not None and newest.published_at is None else None,
        before=before[-1] if before else None,
        small=_first_turn(revision),
        still=picture_of(revision, DARK) or picture_of(revision, PAPER),
        sides=tuple(one for one in revision.pictures if one.kind == "still" and (one.ground or PAPER) == PAPER),
        frames=frames_of(revision),
        model=next((one for one in revision.pictures if one.kind == "model"), None),
        measures=_measured(revision, before[-1] if before else None, store),
        swatches=swatches_of(piece, revision),
        notes=_notes(whole, published, number, actor),
        verdict=_verdict(whole, piece, revision, actor, at),
        decides=actor.role is Role.CLIENT,
        several=len(whole.commission.pieces) > 1,
    )


def piece_with(commission: Commission, number: int, letter: str | None) -> Piece:
    """The piece of that letter, or the first whose revision of that number was shown.

    Raises:
        NotFound: there is none.
    """
    for piece in commission.pieces:
        if letter is not None and piece.letter != letter.upper():
            continue
        if any(one.number == number and one.published_at is not None for one in piece.revisions):
            return piece
    raise NotFound(sentence("revision"))


def shown(piece: Piece, number: int) -> Revision:
    """The revision of that number, if the client has been shown it.

    Raises:
        NotFound: they have not.
    """
    for revision in piece.revisions:
        if revision.number == number and revision.published_at is not None:
            return revision
    raise NotFound(sentence("revision"))


def frames_of(revision: Revision) -> tuple[Frame, ...]:
    """The turntable, thinned to what fits a strip, evenly and with the first frame in it."""
    turned = sorted((one for one in revision.pictures if one.kind == "turn"), key=lambda one: one.name)
    step = -(-len(turned) // MOST_FRAMES) or 1
    return tuple(
        Frame(one.digest, round(360 * place / len(turned))) for place, one in enumerate(turned) if place % step == 0
    )


def _first_turn(revision: Revision) -> RevisionPicture | None:
    return min((one for one in revision.pictures if one.kind == "turn"), key=lambda one: one.name, default=None)


def _measured(revision: Revision, before: Revision | None, store: Store) -> tuple[Measure, ...]:
    own = measures_of(revision, elevation_of(revision, store))
    return own if before is None else beside(own, measures_of(before, elevation_of(before, store)))


def _notes(whole: Whole, published: list[Revision], number: int, actor: Actor) -> tuple[Note, ...]:
    outsiders = frozenset(one.person_id for one in whole.commission.participants)
    found: list[Note] = []
    for revision in published:
        if revision.number > number:
            break
        for row in revision.pins:
            if not row.is_read_by(actor, outsiders=outsiders):
                continue
            mine = str(row.by_id) == actor.id
            found.append(
                Note(
                    row=row,
                    number=len(found) + 1,
                    revision=revision.number,
                    name=whole.name_of(row.by_id),
                    mine=mine,
                    answerable=actor.role is Role.CLIENT and row.settled_at is None,
                    replies=tuple(
                        Said(one, whole.name_of(one.by_id), str(one.by_id) == actor.id) for one in row.replies
                    ),
                )
            )
    return tuple(found)


def _verdict(whole: Whole, piece: Piece, revision: Revision, actor: Actor, at: datetime) -> Verdict:
    """What may be said; nothing to a revision that was followed by another, shown or not."""
    if revision is not piece.revision:
        return Verdict()
    live = [one for one in piece.approvals if one.milestone == DESIGN and one.standing is Standing.LIVE]
    if live:
        return Verdict(approved=live[-1])
    snapshot = piece.snapshot(whole.house.rules())
    yes: Offer | None = None
    changes = False
    for offer in offers(snapshot, actor, at=at):
        if offer.milestone == DESIGN and offer.name == "approve":
            yes = offer
        if offer.milestone == DESIGN and offer.name == "ask_changes":
            changes = True
    if yes is None:
        return Verdict(changes=changes)
    return Verdict(snapshot.manifest(DESIGN) or "", yes.reason, changes)
