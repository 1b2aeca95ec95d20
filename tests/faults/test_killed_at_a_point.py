"""kill -9 at named points: afterwards doctor is clean, nothing acknowledged is lost, nothing is half done."""

import pytest
from sqlalchemy import func, select

from bespoke.models.approval import ApprovalRow
from bespoke.models.design import Examination, Revision
from bespoke.models.document import Document
from bespoke.models.file import File
from bespoke.models.job import Job, JobState
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneHold, StoneRow
from bespoke.services import approvals, designs, dossiers, files, holds
from bespoke.storage.uploads import Upload
from tests.faults.conftest import Aftermath, Die, Start
from tests.faults.killed import Point
from workflows.roles import Role
from workflows.snapshot import Status
from workflows.stones import StoneTaken

pytestmark = pytest.mark.slow

COMMIT = "sqlalchemy.orm:Session.commit"
BEFORE_COMMIT, AFTER_COMMIT = Point(COMMIT, "before"), Point(COMMIT, "after")


def points(*listed: Point) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("point", listed, ids=str)


@points(
    Point("bespoke.services.steps:decide", "before"),
    Point("bespoke.models.piece:Piece.apply", "after"),
    Point("bespoke.services.steps:_put_down", "after"),
    BEFORE_COMMIT,
    AFTER_COMMIT,
)
def test_a_yes_is_there_with_all_that_follows_from_it_or_not_at_all(point: Point, designing: Start, die: Die) -> None:
    after = die(designing, "approve", point)
    given = point == AFTER_COMMIT
    assert after.happened("approved") == given
    assert _approved(after) == (given, Status.DONE if given else Status.ASKED)
    after.well()
    if not given:
        with after.house.database.transaction() as session:
            piece = session.get_one(Piece, after.facts["piece_id"])
            client = session.get_one(Person, after.facts["client_id"]).acting(Role.CLIENT)
            at = after.house.clock()
            approvals.approve(session, piece, "render_approval", after.facts["shown"], client, at=at)
        assert _approved(after) == (True, Status.DONE)
        after.well()


def _approved(after: Aftermath) -> tuple[bool, Status]:
    with after.house.database.reading() as session:
        wanted = (ApprovalRow.piece_id == after.facts["piece_id"], ApprovalRow.milestone == "render_approval")
        rows = session.scalar(select(func.count()).select_from(ApprovalRow).where(*wanted))
        status = session.get_one(Piece, after.facts["piece_id"]).milestone("render_approval").status
    return rows == 1, status


@points(
    Point("bespoke.services.holds:_insert_unless_taken", "after"),
    Point("bespoke.services.holds:_look_again", "before"),
    BEFORE_COMMIT,
    AFTER_COMMIT,
)
def test_a_stone_is_held_with_its_line_and_its_clock_or_not_at_all(point: Point, designing: Start, die: Die) -> None:
    after = die(designing, "hold", point)
    kept = point == AFTER_COMMIT
    assert _held(after) == (kept, kept, kept)
    after.well()
    with after.house.database.transaction() as session:  # asking again is harmless, and finds it held
        stone = session.get_one(StoneRow, after.facts["stone_id"])
        commission = session.get_one(Piece, after.facts["piece_id"]).commission
        office = session.get_one(Person, after.facts["office_id"]).acting(Role.OFFICE)
        if kept:
            with pytest.raises(StoneTaken):
                holds.hold(session, commission, stone, office, at=after.house.clock())
        else:
            holds.hold(session, commission, stone, office, at=after.house.clock())
    assert _held(after) == (True, True, True)
    after.well()


def _held(after: Aftermath) -> tuple[int, int, int]:
    with after.house.database.reading() as session:
        rows = session.scalar(select(func.count()).where(StoneHold.stone_id == after.facts["stone_id"]))
        clocks = session.scalar(select(func.count()).where(Job.kind == holds.LAPSE, Job.subject_reference == "D-FREE"))
    return rows or 0, after.happened("stone_held"), clocks or 0


@points(
    Point("bespoke.storage.local_parts:_checked", "after"),
    Point("pathlib:Path.rename", "before"),
    Point("pathlib:Path.rename", "after"),
    Point("bespoke.storage.local:LocalStore.keep", "before"),
    Point("os:link", "before"),
    Point("os:link", "after"),
    Point("bespoke.storage.uploads:Uploads.finish", "after"),
    BEFORE_COMMIT,
    AFTER_COMMIT,
    Point("bespoke.storage.local_parts:LocalParts.drop", "before"),
    Point("pathlib:Path.unlink", "after", 2),
)
def test_an_upload_is_kept_whole_or_can_be_finished_again(point: Point, designing: Start, die: Die) -> None:
    after = die(designing, "upload", point)
    after.well()
    house, upload, digest = after.house, Upload(**after.facts["upload"]), after.facts["sha256"]
    with house.database.reading() as session:
        entered = session.get(File, digest) is not None
    if entered:
        assert house.storage.size(digest) == upload.size
    else:
        stored = house.uploads.finish(upload, house.storage)
        assert (stored.digest, stored.size) == (digest, upload.size)
        with house.database.transaction() as session:
            files.enter(session, stored, "model/stl", at=house.clock())
    house.uploads.discard(upload)
    after.well()


@points(
    Point("bespoke.services.designs:_ask_examination", "before"),
    BEFORE_COMMIT,
    Point("bespoke.jobs.bell:Bell.ring", "before"),
    Point("bespoke.jobs.bell:Bell.ring", "after"),
)
def test_a_drawing_handed_in_has_its_job_before_any_bell_rings(point: Point, designing: Start, die: Die) -> None:
    after = die(designing, "hand_in", point)
    there = point.function.endswith("Bell.ring")
    with after.house.database.reading() as session:
        revisions = session.get_one(Piece, after.facts["drawn_piece_id"]).revisions
        jobs = session.scalar(select(func.count()).where(Job.kind == designs.EXAMINE, Job.state == JobState.QUEUED))
    assert (len(revisions), jobs, after.happened("revision_handed_in")) == (2 + there, 1 + there, there)
    after.well()


@points(
    Point("renders.examination:examine", "before"),
    Point("renders.examination:examine", "after"),
    Point("bespoke.services.designs:record_report", "after"),
    Point("tests.drawn:draw", "before"),
    Point("bespoke.jobs.examining:_keep", "after", 2),
    Point("bespoke.services.designs:record_pictures", "before"),
    Point("bespoke.services.designs:record_pictures", "after"),
    Point("bespoke.jobs.runner:Runner._attempt", "after"),
)
def test_an_examination_is_taken_up_again_and_ends_once(point: Point, designing: Start, die: Die) -> None:
    after = die(designing, "work", point)
    after.well()
    after.work()
    with after.house.database.reading() as session:
        revision = session.get_one(Revision, after.facts["revision_id"])
        assert revision.examination is Examination.DONE
        assert revision.report is not None
        names = [picture.name for picture in revision.pictures]
    assert len(names) == len(set(names)) >= 9
    assert (after.happened("revision_measured"), after.happened("revision_drawn")) == (1, 1)
    after.well()


@points(
    Point("bespoke.jobs.binding:_gather", "before"),
    Point("bespoke.documents.dossier:prepare", "after"),
    Point("bespoke.jobs.binding:_signed", "before"),
    Point("bespoke.jobs.binding:_signed", "after"),
    Point("bespoke.storage.local:LocalStore.put", "after"),
    Point("bespoke.services.dossiers:record_bound", "after"),
    Point("bespoke.jobs.runner:Runner._attempt", "after"),
)
def test_a_dossier_is_bound_and_put_down_once(point: Point, handed_over: Start, die: Die) -> None:
    after = die(handed_over, "work", point)
    after.well()
    after.work()
    with after.house.database.reading() as session:
        document = session.get_one(Document, after.facts["document_id"])
        piece = session.get_one(Piece, document.piece_id)
        newest = dossiers.newest(session, piece)
        assert newest is not None
        assert (newest.id, newest.version) == (document.id, 2)
        assert document.issued_at is not None
        assert document.digest is not None
        assert after.house.storage.exists(document.digest)
    assert after.happened("dossier_bound") == 1
    after.well()
