"""What the demo's people do once the worker has examined a drawing: publish it, ask for a change, draw the next.

Each look goes on from where things stand, so a restart in the middle loses nothing and repeats nothing.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.demo import cast as casting
from bespoke.demo.cast import Cast
from bespoke.demo.populate import MAREEL, hand_in
from bespoke.demo.telling import Tale
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.design import Examination, Revision
from bespoke.services import approvals, designs, messages, pins
from workflows.snapshot import Status

WISH = "Could the stone sit a little closer to the finger? I wear gloves all winter."
ANSWER = "I lowered the stone by 0.6 mm, on a plain lower gallery, so that a wedding band can sit flush."

QUESTION = "Does it still catch light this low?"
REPLY = "Yes. The pavilion stays open at the sides; turn it to 90° and you can see through."
PRAISE = "I love these. Please keep all eight."
SAPPHIRE = "Stone centre sapphire 01"
GIRDLE, GALLERY, SHOULDER = (-0.9, -4.0, 12.9), (-0.6, -3.8, 11.4), (5.3, -0.75, 9.5)  # mm, in the drawing


def go_on(house: House) -> bool:
    """Take the next step of the Mareel ring if it can be taken; whether another one will come."""
    with house.database.transaction() as session:
        commission = session.scalars(select(Commission).where(Commission.reference == MAREEL)).one_or_none()
        if commission is None:
            return False
        at = house.clock()
        cast, piece = casting.gather(session, at), commission.pieces[0]
        tale = Tale(session, house, cast, {}, commission.client, commission, piece, at)
        revision, designer = piece.revision, cast.actor("designer")
        if revision is None or revision.number > len(STORY) or revision.handed_in_by_id != cast.designer.id:
            return False  # somebody plays on by themselves
        if revision.examination in {Examination.RUNNING, Examination.MEASURED}:
            return True
        status = piece.milestone("render_approval").status
        if revision.examination is Examination.REFUSED or status is Status.DONE:
            return False
        if revision.published_at is None:
            for pin in [pin for earlier in piece.revisions for pin in earlier.pins if pin.settled_at is None]:
                owner = next(one for one in piece.revisions if pin in one.pins)
                pins.settle(session, owner, pin, "Lowered by 0.6 mm.", designer, at=at)
            designs.publish(session, piece, designer, at=at, note=STORY[revision.number - 1])
            if revision.number == len(STORY):
                _talk(session, revision, cast, at)
            return revision.number < len(STORY)
        if status is Status.ASKED and revision.number < len(STORY):
            pins.place(session, revision, WISH, cast.actor("client"), at=at, place_mm=GIRDLE, body=SAPPHIRE)
            approvals.ask_changes(session, piece, "render_approval", "", cast.actor("client"), at=at, must_fix=True)
            messages.write(session, commission, WISH, cast.actor("client"), at=at)
            messages.write(session, commission, "I see. I draw it lower.", designer, at=at)
            hand_in(tale, "mareel_r3.glb", ANSWER)
            return True
        return False


def _talk(session: Session, revision: Revision, cast: Cast, at: datetime) -> None:
    """Two notes of the client on the surface, and what the designer says to the first."""
    client, designer = cast.actor("client"), cast.actor("designer")
    row = pins.place(session, revision, QUESTION, client, at=at, place_mm=GALLERY, body="Metal rail 01")
    pins.answer(session, revision, row, REPLY, designer, at=at)
    praise = pins.place(session, revision, PRAISE, client, at=at, place_mm=SHOULDER, body="Stone shoulder diamond 02")
    pins.answer(session, revision, praise, "They stay as they are.", designer, at=at)


STORY = ("Four claws, eight diamonds on the shoulders.", ANSWER)
"""What is said to each drawing; the last one waits for the client."""
