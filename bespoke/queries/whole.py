"""A commission with everything that hangs on it, in five statements, ready for the rules and for any page."""

from dataclasses import dataclass

from sqlalchemy import BindParameter, Integer, bindparam, select
from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.brief import Brief, Sketch
from bespoke.models.commission import Commission, Participant
from bespoke.models.design import Pin, PinReply, Revision, RevisionPicture
from bespoke.models.document import Document
from bespoke.models.event import Event
from bespoke.models.house import HouseRow
from bespoke.models.ledger import InstalmentRow, Invoice, Payment
from bespoke.models.message import Message
from bespoke.models.people import Person
from bespoke.models.piece import Content, MilestoneRow, Piece
from bespoke.models.production import Photograph, QcReading, Weight
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneHold, StoneOption, StoneReport, StoneRow
from bespoke.queries import seen
from bespoke.queries.gather import Gathered, Gathering, attach
from workflows.roles import Actor

NUMBER: BindParameter[int] = bindparam("commission", type_=Integer())
PIECES = select(Piece.id).where(Piece.commission_id == NUMBER)
REVISIONS = select(Revision.id).where(Revision.piece_id.in_(PIECES))
PINS = select(Pin.id).where(Pin.revision_id.in_(REVISIONS))
STONES = select(StoneOption.stone_id).where(StoneOption.piece_id.in_(PIECES))
GATHERINGS = (
    Gathering(
        {
            Event: Event.commission_id == NUMBER,
            RevisionPicture: RevisionPicture.revision_id.in_(REVISIONS),
        }
    ),
    Gathering(
        {
            MilestoneRow: MilestoneRow.piece_id.in_(PIECES),
            Content: Content.piece_id.in_(PIECES),
            ApprovalRow: ApprovalRow.piece_id.in_(PIECES),
            ReleaseRow: ReleaseRow.piece_id.in_(PIECES),
            QcReading: QcReading.piece_id.in_(PIECES),
            Weight: Weight.piece_id.in_(PIECES),
            Photograph: Photograph.piece_id.in_(PIECES),
        }
    ),
    Gathering(
        {
            Participant: Participant.commission_id == NUMBER,
            Piece: Piece.commission_id == NUMBER,
            Brief: Brief.commission_id == NUMBER,
            Quote: Quote.commission_id == NUMBER,
            InstalmentRow: InstalmentRow.commission_id == NUMBER,
            Payment: Payment.commission_id == NUMBER,
            Invoice: Invoice.commission_id == NUMBER,
            Message: Message.commission_id == NUMBER,
            Document: Document.commission_id == NUMBER,
            OverrideRow: OverrideRow.piece_id.in_(PIECES),
            StoneOption: StoneOption.piece_id.in_(PIECES),
            Revision: Revision.piece_id.in_(PIECES),
            Sketch: Sketch.piece_id.in_(PIECES),
            Pin: Pin.revision_id.in_(REVISIONS),
            PinReply: PinReply.pin_id.in_(PINS),
            StoneRow: StoneRow.id.in_(STONES),
            StoneReport: StoneReport.stone_id.in_(STONES),
            StoneHold: StoneHold.stone_id.in_(STONES),
        }
    ),
)


@dataclass(frozen=True, slots=True)
class Whole:
    """A commission whose relations are loaded, and the rows beside it that nothing points to."""

    commission: Commission
    house: HouseRow
    people: dict[int, Person]
    rows: Gathered

    def name_of(self, person: str | int | None) -> str:
        """What somebody is called; the clock and the examination are the house's own."""
        if person is None:
            return ""
        found = self.people.get(int(person)) if str(person).isdigit() else None
        return "Bespoke" if found is None else found.name


def load(session: Session, house: HouseRow, reference: str, actor: Actor) -> Whole:
    """All of one commission, as far as this person may see it at all.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    commission = seen.get(session, reference, actor)
    rows = Gathered({})
    for gathering in GATHERINGS:
        rows |= gathering.rows(session, commission=commission.id)
    _join(commission, rows)
    return Whole(commission, house, _people(session, rows), rows)


def _join(commission: Commission, rows: Gathered) -> None:
    pieces, revisions, stones = rows.of(Piece), rows.of(Revision), rows.of(StoneRow)
    one = [commission]
    attach(one, "participants", rows.of(Participant), lambda row: row.commission_id)
    attach(one, "pieces", pieces, lambda row: row.commission_id, by=lambda row: row.letter)
    attach(one, "briefs", rows.of(Brief), lambda row: row.commission_id, by=lambda row: row.number)
    attach(one, "quotes", rows.of(Quote), lambda row: row.commission_id, by=lambda row: row.number)
    attach(one, "instalments", rows.of(InstalmentRow), lambda row: row.commission_id, by=lambda row: row.rank)
    attach(rows.of(InstalmentRow), "payments", rows.of(Payment), lambda row: row.instalment_id)
    attach(pieces, "milestones", rows.of(MilestoneRow), lambda row: row.piece_id)
    attach(pieces, "contents", rows.of(Content), lambda row: row.piece_id)
    attach(pieces, "approvals", rows.of(ApprovalRow), lambda row: row.piece_id)
    attach(pieces, "releases", rows.of(ReleaseRow), lambda row: row.piece_id)
    attach(pieces, "overrides", rows.of(OverrideRow), lambda row: row.piece_id)
    attach(pieces, "options", rows.of(StoneOption), lambda row: row.piece_id)
    attach(pieces, "revisions", revisions, lambda row: row.piece_id, by=lambda row: row.number)
    attach(pieces, "readings", rows.of(QcReading), lambda row: row.piece_id)
    attach(revisions, "pictures", rows.of(RevisionPicture), lambda row: row.revision_id)
    attach(revisions, "pins", rows.of(Pin), lambda row: row.revision_id)
    attach(rows.of(Pin), "replies", rows.of(PinReply), lambda row: row.pin_id)
    attach(stones, "reports", rows.of(StoneReport), lambda row: row.stone_id)
    attach(stones, "holds", rows.of(StoneHold), lambda row: row.stone_id)


def _people(session: Session, rows: Gathered) -> dict[int, Person]:
    """Everybody named on the commission: its people, and whoever had a hand in it."""
    named = {row.person_id for row in rows.of(Participant)}
    named |= {int(event.actor) for event in rows.of(Event) if event.actor.isdigit()}
    named |= {pin.by_id for pin in rows.of(Pin)} | {reply.by_id for reply in rows.of(PinReply)}
    named |= {message.author_id for message in rows.of(Message)}
    named |= {photograph.by_id for photograph in rows.of(Photograph)}
    found = session.scalars(select(Person).where(Person.id.in_(named)))
    return {person.id: person for person in found}
