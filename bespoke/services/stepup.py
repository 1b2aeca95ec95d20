"""The second look before a large yes: a mailed six-digit code for exactly one act on exactly what was shown.

Three steps, each in a transaction of its own or in that of the act:

    1. ask      with transaction() as session:
                    stepup.ask(session, person_id, act, digest, at=at)
                a code is mailed within seconds (job `step_up`); one asked for earlier stops counting
    2. check    with transaction() as session:
                    verdict = stepup.check(session, person_id, act, digest, typed, at=at)
                verdict.require()          # outside the block: a wrong try stays counted
    3. redeem   with transaction() as session:
                    stepup.redeem(session, person_id, act, digest, at=at)
                    approvals.approve(session, piece, …, digest, …)
                the code is used up together with the act, or neither

`act` is the endpoint's word for the act with what it is about: `stepup.act("render_approval", piece.reference)`.
`digest` is that of the manifest on the page; a code for another one does not count. `required(house, price)`
says whether the house asks for a code at all. In a route, `bespoke.web.steppingup` does 1 to 3 in two calls.
The code has six digits, lives ten minutes and five tries, and only a salted hash of it is kept; it is made by the
job that mails it (`fresh_code`), so that it never waits in a row or a log.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.factor import StepUp
from bespoke.models.house import HouseRow
from bespoke.models.job import Queue, enqueue
from bespoke.services import attempts
from bespoke.services.attempts import Limit
from bespoke.services.errors import ServiceError
from workflows.money import Money

MAIL = "step_up"
MINUTES, TRIES, DIGITS = 10, 5, 6
ASKING = Limit("codes asked for", 6, timedelta(hours=1))


class Code(StrEnum):
    """What a typed code turned out to be."""

    RIGHT = "right"
    WRONG = "wrong"
    WORN = "worn"
    OLD = "old"
    NONE = "none"


SAID = {
    Code.WRONG: "That is not the code we sent. Look at the newest mail from us and type its six digits.",
    Code.WORN: "The code was tried five times and no longer counts. Let us send you a new one.",
    Code.OLD: "The code was good for ten minutes. Let us send you a new one.",
    Code.NONE: "This needs the code we mail you for exactly what is shown. Let us send you one.",
}


class CodeRefused(ServiceError):
    """The typed code does not open this act; `why` says which way."""

    def __init__(self, why: Code, left: int = 0) -> None:
        tries = f" You have {left} more {'try' if left == 1 else 'tries'}." if why is Code.WRONG else ""
        super().__init__(SAID[why] + tries)
        self.why = why
        self.left = left


class CodeNeeded(CodeRefused):
    """The act is beyond the house's limit and no right code was typed for it yet."""

    def __init__(self) -> None:
        super().__init__(Code.NONE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that is on its way."""

    id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a typed code; `left` tries remain."""

    code: Code
    left: int = 0

    def require(self) -> None:
        """Go on with the right code only.

        Raises:
            CodeRefused: it was another one.
        """
        if self.code is not Code.RIGHT:
            raise CodeRefused(self.code, self.left)


def act(verb: str, what: str) -> str:
    """The name of one act on one thing: `render_approval OF-0412-A`."""
    return f"{verb} {what}"


def required(house: HouseRow, price: Money | None) -> bool:
    """Whether a yes that rests on this price needs a code; without a price none does."""
    return price is not None and price.minor > house.step_up_above_minor


def ask(session: Session, person_id: int, act: str, digest: str, *, at: datetime) -> Asked:
    """Have a code mailed for one act on what was shown; earlier ones for the act no longer count.

    Raises:
        TooMany: six were asked for within the hour.
    """
    attempts.require_room(session, ASKING, str(person_id), at=at)
    attempts.count(session, ASKING, str(person_id), at=at)
    session.execute(
        update(StepUp)
        .where(StepUp.person_id == person_id, StepUp.act == act, StepUp.used_at.is_(None))
        .where(StepUp.replaced_at.is_(None))
        .values(replaced_at=at)
        .execution_options(synchronize_session=False)
    )
    row = StepUp(
        person_id=person_id,
        act=act,
        digest=digest,
        asked_at=at,
        expires_at=at + timedelta(minutes=MINUTES),
    )
    session.add(row)
    session.flush()
    enqueue(session, MAIL, {"step_up": row.id}, queue=Queue.MAIL, at=at, subject=act)
    return Asked(row.id, row.expires_at)


def pending(session: Session, person_id: int, act: str, digest: str, *, at: datetime) -> Asked | None:
    """The code that is on its way or waits to be typed, for the page; None where there is none."""
    row = _standing(session, person_id, act)
    if row is None or row.digest != digest or row.tries >= TRIES or at >= row.expires_at:
        return None
    return Asked(row.id, row.expires_at)


def check(session: Session, person_id: int, act: str, digest: str, typed: str, *, at: datetime) -> Verdict:
    """Whether the right code was typed; a wrong one is counted, so let this transaction be kept."""
    row = _standing(session, person_id, act)
    if row is None or row.digest != digest or row.code_hash is None:
        return Verdict(Code.NONE)
    if at >= row.expires_at:
        return Verdict(Code.OLD)
    # counted by the database before it is looked at, so that many tries at once are still five
    counted = session.scalar(
        update(StepUp)
        .where(StepUp.id == row.id, StepUp.tries < TRIES)
        .values(tries=StepUp.tries + 1)
        .returning(StepUp.tries)
        .execution_options(synchronize_session=False)
    )
    if counted is None:
        return Verdict(Code.WORN)
    if hmac.compare_digest(row.code_hash, _hash(row.id, "".join(typed.split()))):
        row.shown_at = at
        session.flush()
        return Verdict(Code.RIGHT)
    return Verdict(Code.WRONG, TRIES - counted) if counted < TRIES else Verdict(Code.WORN)


def redeem(session: Session, person_id: int, act: str, digest: str, *, at: datetime) -> None:
    """Use the code up with the act, in the act's own transaction; of two acts at once one succeeds.

    Raises:
        CodeNeeded: no right code was typed for this act on this digest, or its time is over.
    """
    statement = (
        update(StepUp)
        .where(
            StepUp.person_id == person_id,
            StepUp.act == act,
            StepUp.digest == digest,
            StepUp.shown_at.is_not(None),
            StepUp.used_at.is_(None),
            StepUp.replaced_at.is_(None),
            StepUp.expires_at > at,
        )
        .values(used_at=at)
        .returning(StepUp.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(statement) is None:
        raise CodeNeeded


def fresh_code(session: Session, step_up_id: int) -> str | None:
    """The six digits to mail, of which only a hash stays; None where the code is no longer wanted."""
    row = session.get(StepUp, step_up_id)
    if row is None or row.replaced_at is not None or row.used_at is not None:
        return None
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row.code_hash = _hash(row.id, code)
    session.flush()
    return code


def _standing(session: Session, person_id: int, act: str) -> StepUp | None:
    statement = (
        select(StepUp)
        .where(StepUp.person_id == person_id, StepUp.act == act)
        .where(StepUp.used_at.is_(None), StepUp.replaced_at.is_(None))
        .order_by(StepUp.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def _hash(number: int, code: str) -> str:
    # six digits are guessed offline in a moment whatever the hash; salted by the row, so that no table serves twice
    return hashlib.pbkdf2_hmac("sha256", code.encode("utf-8", "replace"), f"step-up {number}".encode(), 50_000).hex()
