"""The mailed code in a route: send it, look at what was typed, and use it up with the act.

    @bp.post("/<reference>/look/<int:number>/code")         the button "Send me the code"
    def send_code(reference, number):
        steppingup.send(act, digest)
        return redirect(…, 303)                              the page shows `steppingup.pending(act, digest)`

    @bp.post("/<reference>/look/<int:number>/approve")
    def approve(reference, number):
        steppingup.check(act, digest)                        refuses a wrong code; the try stays counted
        with transaction() as session:
            steppingup.redeem(session, act, digest)
            approvals.approve(session, …)

Call `check` and `redeem` only where `stepup.required(house_row(), price)`; the template draws the field with the
macro `code_field` of `auth/_stepup.html`.
"""

from flask import request
from sqlalchemy.orm import Session

from bespoke.services import stepup
from bespoke.services.stepup import Asked
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction

FIELD = "code"


def send(act: str, digest: str) -> Asked:
    """Have a code mailed to whoever is signed in.

    Raises:
        TooMany: too many were asked for within the hour.
    """
    with transaction() as session:
        return stepup.ask(session, int(current_actor().id), act, digest, at=the_house().clock())


def pending(act: str, digest: str) -> Asked | None:
    """The code that is on its way to whoever is signed in, for the page."""
    return stepup.pending(db.session(), int(current_actor().id), act, digest, at=the_house().clock())


def check(act: str, digest: str) -> None:
    """Look at the code in the form, in a transaction of its own, so that a wrong try counts.

    Raises:
        CodeRefused: it is not the right one.
    """
    with transaction() as session:
        verdict = stepup.check(
            session,
            int(current_actor().id),
            act,
            digest,
            request.form.get(FIELD, "")[:40],
            at=the_house().clock(),
        )
    verdict.require()


def redeem(session: Session, act: str, digest: str) -> None:
    """Use the code up together with the act.

    Raises:
        CodeNeeded: none was checked.
    """
    stepup.redeem(session, int(current_actor().id), act, digest, at=the_house().clock())
