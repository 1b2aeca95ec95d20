"""A dossier is bound, signed and put down by the real children; what cannot succeed says so once."""

import shutil
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bespoke.config import Settings
from bespoke.house import House, open_house
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.document import Document
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.proof import keys
from bespoke.proof.verify import verify_bytes
from bespoke.services import dossiers
from tests.factories import after
from tests.living import Lived, a_life
from workflows.roles import Role
from workflows.snapshot import Standing

LATER = after(hours=2)


@pytest.fixture(scope="module")
def lived(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return a_life(_sqlite_template, tmp_path_factory.mktemp("lived"))


@pytest.fixture
def issued(lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A house under `var`, as by default, in which a second dossier was issued and waits for its job."""
    lived.settled_in(tmp_path / "var")
    monkeypatch.chdir(tmp_path)

    def clock() -> datetime:
        return LATER

    with closing(open_house(Settings(), clock=clock)) as house:
        with house.database.transaction() as session:
            piece = session.scalars(select(Piece).join(Document, Document.piece_id == Piece.id)).one()
            office = session.scalars(select(Person).where(Person.name == "Jonah Veldt")).one().acting(Role.OFFICE)
            dossiers.issue(session, piece, "CCCC-DDDD", office, at=LATER, changes="Bound anew.")
        yield house


def the_job(house: House) -> Job:
    with house.database.reading() as session:
        return session.scalars(select(Job).where(Job.kind == dossiers.BIND, Job.state != JobState.DONE)).one()


def test_a_dossier_is_bound_signed_and_put_down_once(issued: House, capsys: pytest.CaptureFixture[str]):
    began = time.monotonic()
    runner = Runner(TASKS, issued)
    assert runner.run_next(Queue.DOCUMENT)
    spent = time.monotonic() - began
    with issued.database.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == dossiers.BIND)).all()
        assert [(job.state, job.error) for job in jobs if job.state is not JobState.DONE] == []
        document = session.scalars(select(Document).where(Document.version == 2)).one()
        assert document.issued_at == LATER
        digest = document.digest
    assert digest is not None
    with issued.storage.open(digest) as content:
        pdf = content.read()
    verdict = verify_bytes(pdf, [keys.load(issued.signing_folder).authority])
    assert verdict.exit_code == 0
    assert list(issued.settings.work_folder.iterdir()) == []
    assert not runner.run_next(Queue.DOCUMENT)
    with capsys.disabled():
        print(f"\na dossier bound, signed and kept in {spent:.1f} s, {len(pdf) / 1e6:.2f} MB")  # noqa: T201


def test_a_piece_whose_approval_was_lost_meanwhile_is_refused_once(issued: House):
    with issued.database.transaction() as session:
        for piece in session.scalars(select(Piece)):
            for row in piece.approvals:
                row.standing = Standing.SUPERSEDED
    assert Runner(TASKS, issued).run_next(Queue.DOCUMENT)
    job = the_job(issued)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "has no approved design" in str(job.error)


def test_a_picture_nobody_can_decode_is_named_and_not_tried_again(issued: House):
    with issued.database.reading() as session:
        revisions = [revision for piece in session.scalars(select(Piece)) for revision in piece.revisions]
        broken = [picture.digest for revision in revisions for picture in revision.pictures]
    for digest in broken:
        path = issued.settings.files_folder / digest[:2] / digest[2:4] / digest
        path.chmod(0o600)
        path.write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    assert Runner(TASKS, issued).run_next(Queue.DOCUMENT)
    job = the_job(issued)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "cannot be used" in str(job.error)
    assert list(issued.settings.work_folder.iterdir()) == []
    shutil.rmtree(issued.settings.work_folder)
