"""The one finished ring of the demo house: made and handed over months ago, told while the worker has time for it.

Each look takes one step from where things stand, on a clock of that time, so a restart loses and repeats nothing.
"""

import hashlib
import hmac
import io
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.demo import cast as casting
from bespoke.demo import designing, making, pricing
from bespoke.demo.cast import Cast
from bespoke.demo.populate import CAD, HARBOUR, hand_in
from bespoke.demo.rehearse import ACTS
from bespoke.demo.stage import Stage
from bespoke.demo.telling import Tale
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.design import Examination
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState
from bespoke.models.piece import Piece
from bespoke.proof.codes import ALPHABET, LENGTH, read_code
from bespoke.services import designs, dossiers
from renders.report import Report
from workflows.roles import Role
from workflows.snapshot import Status

FILE = "harbour.glb"
NOTE = "Six claws and a plain band, low enough for work."
BETWEEN = timedelta(days=3)
CALL = timedelta(minutes=4)  # the clock of that time goes on so much whenever it is asked


def check_code(house: House) -> str:
    """By which anybody may check its dossier; made from the house's secret, so that it is known before."""
    digest = hmac.new(house.secret_key.encode(), b"the demo's finished ring", hashlib.sha256).digest()
    code = read_code("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH]))
    assert code is not None
    return code


def go_on(house: House) -> bool:
    """Take the next step if it can be taken; whether another one will come."""
    with house.database.transaction() as session:
        commission = session.scalars(select(Commission).where(Commission.reference == HARBOUR)).one_or_none()
        if commission is None:
            return False
        now = house.clock()
        cast = replace(casting.gather(session, now), client=commission.client)
        piece = commission.pieces[0]
        at = min(_last(session, commission) + BETWEEN, now)
        revision = piece.revision
        if revision is None:
            if not _examining(session):  # the Mareel ring goes first
                hand_in(Tale(session, house, cast, {}, commission.client, commission, piece, at), FILE, NOTE)
            return True
        if revision.examination in {Examination.RUNNING, Examination.MEASURED}:
            return True
        key = _next(piece)
        if revision.report is None or key is None or key == "aftercare":
            return False
        if key == "cad":
            designs.finish_drawing(session, piece, cast.actor("designer"), at=at)
            return True
        if key == "dossier":
            if dossiers.newest(session, piece) is None:
                dossiers.issue(session, piece, check_code(house), cast.actor("office"), at=at)
            return False
        stage = _stage(house, cast, piece, revision.report, at)
        money = piece.template[key].money
    _act(stage, key, money)
    return True


def _act(stage: Stage, key: str, money: str | None) -> None:
    if money == "progress":
        pricing.pay(stage, money)
    if key == "render_approval":
        designing.approve_at_once(stage)
        return
    act = ACTS.get(key)
    if act is None:
        making.anything(stage, key)
    else:
        act(stage)


def _stage(house: House, cast: Cast, piece: Piece, report: Report, at: datetime) -> Stage:
    return Stage(
        house=replace(house, clock=_Then(at, house.clock())),
        cast=cast,
        runner=None,
        piece_id=piece.id,
        cads=(CAD / FILE,),
        reports=(report,),
        alloy=piece.alloy or "",
        size=None,
        overrides={},
        out=house.settings.data_folder,
        printed=io.StringIO(),
        pictures="harbour",
    )


class _Then:
    """A clock of an earlier time, which never goes beyond the present."""

    def __init__(self, at: datetime, now: datetime) -> None:
        self._at, self._now = at, now

    def __call__(self) -> datetime:
        self._at = min(self._at + CALL, self._now)
        return self._at


def _last(session: Session, commission: Commission) -> datetime:
    """When somebody last did something; what the worker measures is measured today."""
    theirs = Event.commission_id == commission.id, Event.role != Role.SYSTEM.value
    return session.scalar(select(func.max(Event.at)).where(*theirs)) or commission.created_at


def _examining(session: Session) -> bool:
    waiting = select(Job.id).where(Job.kind == designs.EXAMINE, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    return session.scalar(waiting.limit(1)) is not None


def _next(piece: Piece) -> str | None:
    open_now = {row.key for row in piece.milestones if row.status in {Status.OPEN, Status.ACTIVE, Status.ASKED}}
    return next((one.key for one in piece.template.milestones if one.key in open_now), None)
