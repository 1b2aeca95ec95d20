"""What a client sees of their commission: where it stands, the one thing asked, and what there is to look at."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bespoke.models.brief import Sketch
from bespoke.models.commission import Commission, CommissionState
from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.ledger import STORAGE, InstalmentRow, PaymentState
from bespoke.models.message import Message
from bespoke.models.piece import Piece
from bespoke.models.production import Photograph
from bespoke.queries.marks import Band, MarkView, band_of, marks_of
from bespoke.queries.portal_papers import Paper, papers_of
from bespoke.queries.portal_yeses import Yes, voided, yeses_of
from bespoke.queries.seen import seen_by
from bespoke.queries.turns import is_payable
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy, recalled
from workflows.alloys import ALLOYS
from workflows.milestone import Facet
from workflows.money import Money
from workflows.offers import offers
from workflows.roles import Actor, Role
from workflows.sentences import capital, listed, together
from workflows.snapshot import PASSED, Snapshot, Status

INSTALMENTS = {
    "deposit": lazy("Deposit"),
    "progress": lazy("At wax approval"),
    "balance": lazy("When it is ready"),
    "storage": lazy("Storage"),
}
STRIP = 6  # frames of the turntable, evenly round it
THREE_QUARTER, PAPER, DARK = "three-quarter", "paper", "dark"
KINDS = {
    "render_approval": "look",
    "brief": "brief",
    "concept": "sketches",
    "stone_sourcing": "stones",
    "quote": "quote",
    "pattern": "wax",
}
"""Which page answers a milestone; whatever else is asked is answered on the home page."""
SOURCING, TRANSFER = "stone_sourcing", "transfer"
AT_WORK = frozenset({Status.OPEN, Status.ACTIVE})
BEFORE_ASKED = AT_WORK | {Status.WAITING}


@dataclass(frozen=True, slots=True)
class Ask:
    """The one thing asked of the client now.

    Attributes:
        kind: write, size, brief, sketches, choose, stones, quote, pay, look, wax or other: the page that answers it.
        milestone: whose answer is awaited; None where money is, or the client's own words.
        digest: of exactly what is shown; it goes back with the yes.
        reason: why it cannot be answered yet; None when it can.
        announced: the client said the money is on its way.
    """

    piece: Piece
    kind: str
    milestone: str | None = None
    digest: str = ""
    reason: str | None = None
    instalment: str | None = None
    amount: Money | None = None
    announced: datetime | None = None


@dataclass(frozen=True, slots=True)
class PieceView:
    """One piece on the page: what it is, how it looks now, and its line of marks."""

    row: Piece
    described: str
    revision: Revision | None
    picture: RevisionPicture | None
    dark: RevisionPicture | None
    sides: tuple[RevisionPicture, ...]  # the other stills on paper
    strip: tuple[RevisionPicture, ...]  # frames of the turntable
    sketch: Sketch | None  # the one that was picked
    marks: tuple[MarkView, ...]
    band: Band | None


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """One instalment as the client reads it."""

    key: str
    name: str
    due: Money
    cleared: Money
    payable: bool

    @property
    def paid(self) -> bool:
        """Whether all of it has cleared."""
        return self.cleared >= self.due

    @property
    def missing(self) -> Money:
        """What is still to be received, never less than nothing."""
        return max(self.due - self.cleared, Money.zero(self.due.currency))


@dataclass(frozen=True, slots=True)
class MoneyView:
    """Money so far.

    Attributes:
        part: of a hundred, rounded to five, for the bar.
        ahead: what came in beyond its own part and counts towards a later one.
        beyond: what came in beyond all that is asked for.
        asked: the price, and what is charged beside it.
    """

    price: Money
    paid: Money
    lines: tuple[MoneyLine, ...]
    part: int
    ahead: Money
    beyond: Money
    asked: Money


@dataclass(frozen=True, slots=True)
class Home:
    """The whole page."""

    commission: Commission
    pieces: tuple[PieceView, ...]
    ask: Ask | None
    waiting: str
    money: MoneyView | None
    photographs: tuple[Photograph, ...]
    papers: tuple[Paper, ...]
    messages: tuple[Message, ...]
    yeses: tuple[Yes, ...]
    decides: bool
    """Whether the reader of the page is the one who decides, or only reads along."""

    @property
    def voided(self) -> tuple[Yes, ...]:
        """What they said yes to and is to be answered anew."""
        return voided(self.yeses)

    @property
    def first(self) -> PieceView:
        """The piece that leads the page: the one something is asked about, else the first."""
        for view in self.pieces:
            if self.ask is not None and view.row is self.ask.piece:
                return view
        return self.pieces[0]


def own(session: Session, actor: Actor) -> list[Commission]:
    """The commissions of a client, the latest change first."""
    return list(session.scalars(seen_by(actor).order_by(Commission.changed_at.desc()).limit(100)))


def home(whole: Whole, actor: Actor, *, at: datetime) -> Home:
    """One commission as its client sees it; no cost, no supplier, nothing that was not published."""
    commission, zone = whole.commission, ZoneInfo(whole.house.time_zone)
    today = at.astimezone(zone).date()
    rules = whole.house.rules()
    role = role_in(commission, actor)
    reader = Actor(actor.id, role, actor.name)
    snapshots = {piece.letter: piece.snapshot(rules) for piece in commission.pieces}
    picked = {one.piece_id: one for one in whole.rows.of(Sketch) if one.picked_at is not None}
    views = tuple(_piece(piece, picked.get(piece.id), zone, today) for piece in commission.pieces)
    return Home(
        commission=commission,
        pieces=views,
        ask=None if role is Role.READER else _ask(commission, snapshots, reader, at),
        waiting=_waiting(whole, snapshots),
        money=money_of(commission),
        photographs=tuple(one for one in reversed(whole.rows.of(Photograph)) if one.client_visible),
        papers=papers_of(whole),
        messages=tuple(one for one in reversed(whole.rows.of(Message)) if not one.internal),
        yeses=yeses_of(whole),
        decides=role is Role.CLIENT,
    )


def role_in(commission: Commission, actor: Actor) -> Role:
    """What somebody is to one commission: its client, or one who reads along."""
    for participant in commission.participants:
        if str(participant.person_id) == actor.id:
            return participant.role
    return Role.READER


def published(piece: Piece) -> Revision | None:
    """The newest revision the client has been shown."""
    found = [revision for revision in piece.revisions if revision.published_at is not None]
    return found[-1] if found else None


def picture_of(revision: Revision | None, ground: str, camera: str = THREE_QUARTER) -> RevisionPicture | None:
    """A still of a revision on that ground: from this camera, else any."""
    if revision is None:
        return None
    stills = [one for one in revision.pictures if one.kind == "still" and (one.ground or PAPER) == ground]
    return next((one for one in stills if one.camera == camera), stills[0] if stills else None)


def sides_of(revision: Revision | None) -> tuple[RevisionPicture, ...]:
    """The stills on paper from the other cameras."""
    if revision is None:
        return ()
    stills = [one for one in revision.pictures if one.kind == "still" and (one.ground or PAPER) == PAPER]
    return tuple(one for one in stills if one is not picture_of(revision, PAPER))


def strip_of(revision: Revision | None) -> tuple[RevisionPicture, ...]:
    """Six frames of the turntable, which stand in for turning the piece."""
    frames = [] if revision is None else [one for one in revision.pictures if one.kind == "turn"]
    frames.sort(key=lambda one: one.name)
    return tuple(
        frames[place] for place in dict.fromkeys(len(frames) * part // STRIP for part in range(STRIP)) if frames
    )


def stones_of(piece: Piece) -> tuple[dict[str, Any], ...]:
    """The chosen stones as they were sealed, the centre first: names, weights and reports, no cost."""
    content = piece.content(Facet.STONES)
    told = [] if content is None else json.loads(content.body)["stones"]
    return tuple(sorted(told, key=lambda stone: (stone["role"] != "centre", -Decimal(stone["weight_ct"]))))


def described(piece: Piece) -> str:
    """The piece in one line: its stones and its metal."""
    names = list(dict.fromkeys(stone["name"] for stone in stones_of(piece)))
    metal = ALLOYS[piece.alloy].name if piece.alloy else ""
    told = [one for one in (listed([recalled(name) for name in names]), metal) if one]
    return capital(together(told, ", ")) if told else ""


def _piece(piece: Piece, sketch: Sketch | None, zone: ZoneInfo, today: date) -> PieceView:
    shown = published(piece)
    return PieceView(
        row=piece,
        described=described(piece),
        revision=shown,
        picture=picture_of(shown, PAPER),
        dark=picture_of(shown, DARK),
        sides=sides_of(shown),
        strip=strip_of(shown),
        sketch=sketch,
        marks=marks_of(piece, zone, today),
        band=band_of(piece, today),
    )


def _ask(commission: Commission, snapshots: dict[str, Snapshot], actor: Actor, at: datetime) -> Ask | None:
    if commission.state is not CommissionState.OPEN:
        return None
    return (
        _answer(commission, snapshots, actor, at)
        or _payment(commission, snapshots)
        or _choice(commission, snapshots)
        or _words(commission, snapshots)
        or _size(commission, snapshots)
    )


def _answer(commission: Commission, snapshots: dict[str, Snapshot], actor: Actor, at: datetime) -> Ask | None:
    for piece in commission.pieces:
        snapshot = snapshots[piece.letter]
        for offer in offers(snapshot, actor, at=at, only="approve"):
            if offer.milestone is not None:
                kind = KINDS.get(offer.milestone, "other")
                return Ask(piece, kind, offer.milestone, snapshot.manifest(offer.milestone) or "", offer.reason)
    return None


def _payment(commission: Commission, snapshots: dict[str, Snapshot]) -> Ask | None:
    for piece in commission.pieces:
        due = _due(commission, snapshots[piece.letter])
        if due is not None:
            waits = (one for one in due.payments if one.state is PaymentState.ANNOUNCED and one.method == TRANSFER)
            announced = [one.announced_at for one in waits]
            missing = Money(due.due_minor - due.cleared_minor, due.currency)
            sent = announced[-1] if announced else None
            return Ask(piece, "pay", instalment=due.key, amount=missing, announced=sent)
    return None


def _choice(commission: Commission, snapshots: dict[str, Snapshot]) -> Ask | None:
    """Stones lie ready and none has been chosen."""
    for piece in commission.pieces:
        if SOURCING not in piece.template or snapshots[piece.letter].status(SOURCING) not in AT_WORK:
            continue
        ready = [one for one in piece.options if one.role == "centre" and one.withdrawn_at is None]
        if ready and not any(one.chosen for one in ready):
            return Ask(piece, "choose")
    return None


def _words(commission: Commission, snapshots: dict[str, Snapshot]) -> Ask | None:
    """Nothing was written yet about what is wished for."""
    if commission.briefs:
        return None
    for piece in commission.pieces:
        if "brief" in piece.template and snapshots[piece.letter].status("brief") not in PASSED:
            return Ask(piece, "write")
    return None


def _size(commission: Commission, snapshots: dict[str, Snapshot]) -> Ask | None:
    """A size was put down after the brief was agreed, and the client has not said that it is right."""
    for piece in commission.pieces:
        agreed = "brief" in piece.template and snapshots[piece.letter].status("brief") in PASSED
        if agreed and piece.size_mm is not None and piece.size_confirmed_at is None:
            return Ask(piece, "size")
    return None


def _due(commission: Commission, snapshot: Snapshot) -> InstalmentRow | None:
    """The instalment that a milestone which could begin now waits for."""
    waits = {
        milestone.money
        for milestone in snapshot.template.milestones
        if snapshot.status(milestone.key) in {Status.OPEN, Status.ACTIVE, Status.ASKED}
    }
    for row in commission.instalments:
        if row.key in waits and row.cleared_minor < row.due_minor:
            return row
    return None


def _waiting(whole: Whole, snapshots: dict[str, Snapshot]) -> str:
    """What the house is doing, in one sentence."""
    under_way = []
    for piece in whole.commission.pieces:
        newest = piece.revision
        if newest is not None and newest.published_at is None:
            return _(
                "%(name)s has drawn revision %(n)s. It comes to you once it is measured and in pictures.",
                name=whole.name_of(newest.handed_in_by_id),
                n=newest.number,
            )
        snapshot = snapshots[piece.letter]
        for milestone in snapshot.template.milestones:
            under = snapshot.status(milestone.key) in AT_WORK | {Status.RELEASED, Status.ASKED}
            if under and milestone.key != "aftercare":
                under_way.append(milestone.title.lower())
    if whole.commission.briefs and any(
        "brief" in piece.template and snapshots[piece.letter].status("brief") in BEFORE_ASKED
        for piece in whole.commission.pieces
    ):
        return _("We have your brief. We read it within a working day and put it before you once more.")
    if not under_way:
        return _("All of it is done. Write to us whenever it needs care.")
    return _("We are at work on it: %(steps)s.", steps=together(tuple(dict.fromkeys(under_way)), ", "))


def money_of(commission: Commission) -> MoneyView | None:
    """What was agreed and what has cleared of it; None before a price was accepted."""
    if not commission.instalments:
        return None
    lines = tuple(
        MoneyLine(
            row.key,
            str(INSTALMENTS.get(row.key, row.key)),
            Money(row.due_minor, row.currency),
            Money(row.cleared_minor, row.currency),
            is_payable(row),
        )
        for row in commission.instalments
    )
    asked = sum(row.due_minor for row in commission.instalments)
    price = sum(row.due_minor for row in commission.instalments if row.key != STORAGE)
    paid = sum(row.cleared_minor for row in commission.instalments)
    currency = commission.currency
    part = 0 if asked == 0 else min(100, 5 * round(20 * paid / asked))
    own = (sum(payment.cleared_minor for payment in row.payments) - row.due_minor for row in commission.instalments)
    beyond = max(paid - asked, 0)
    ahead = sum(max(one, 0) for one in own) - beyond if paid != asked else 0
    return MoneyView(
        Money(price, currency),
        Money(paid, currency),
        lines,
        part,
        Money(max(ahead, 0), currency),
        Money(beyond, currency),
        Money(asked, currency),
    )
