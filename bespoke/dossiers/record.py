"""The record of one piece, loaded once: what every section of its dossier is written from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from bespoke.documents.facts import Picture
from bespoke.dossiers.words import day_of
from bespoke.models.brief import Brief, Sketch
from bespoke.models.commission import Commission
from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.document import Document
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.production import Evidence, Photograph, Weight, WorkSpan
from bespoke.models.stone import StoneOption
from bespoke.storage.store import Store
from workflows.sentences import sentence
from workflows.snapshot import Standing, Status


class Unfinished(Exception):
    """The piece is not far enough for its dossier; the text says what is missing."""


@dataclass(slots=True)
class Files:
    """The files a dossier takes along: their name in the folder, and the digest they are kept under."""

    pictures: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)

    def picture(self, digest: str, alt: str, focus: str = "50% 50%") -> Picture:
        """A picture by its digest, taken along under a name of its own."""
        name = f"{digest[:24]}.jpg"
        self.pictures[name] = digest
        return Picture(name, alt, focus)

    def attachment(self, digest: str, name: str) -> str:
        """A paper by its digest, attached under this name."""
        self.attachments[name] = digest
        return name


@dataclass(frozen=True, slots=True)
class Record:
    """Everything known of one piece, as of now; `people` are those who worked on it and who speak for the house."""

    house: HouseRow
    piece: Piece
    evidence: Sequence[Evidence]
    photographs: Sequence[Photograph]
    weights: Sequence[Weight]
    spans: Sequence[WorkSpan]
    sketches: Sequence[Sketch]
    people: dict[str, Person]
    store: Store
    files: Files

    @property
    def commission(self) -> Commission:
        """The order the piece belongs to."""
        return self.piece.commission

    @property
    def brief(self) -> Brief | None:
        """The newest brief."""
        return self.commission.briefs[-1] if self.commission.briefs else None

    @property
    def stones(self) -> list[StoneOption]:
        """The stones of the piece, the largest first."""
        chosen = [option for option in self.piece.options if option.chosen]
        return sorted(chosen, key=lambda option: (option.stone.pieces, -option.stone.weight_ct))

    @property
    def approved(self) -> Revision | None:
        """The revision that was approved: the newest published one, while the approval is live."""
        live = any(a.milestone == "render_approval" and a.standing is Standing.LIVE for a in self.piece.approvals)
        published = [revision for revision in self.piece.revisions if revision.published_at is not None]
        return published[-1] if live and published else None

    @property
    def finished(self) -> date:
        """The day the piece passed its last check.

        Raises:
            Unfinished: it has not.
        """
        for key in ("qc", "delivery"):
            if key in self.piece.template:
                row = self.piece.milestone(key)
                if row.status is Status.DONE and row.done_at is not None:
                    return self.day(row.done_at)
        raise Unfinished(sentence("%(reference)s has not passed its final check.", reference=self.piece.reference))

    def day(self, at: datetime) -> date:
        """The day where the house is."""
        return day_of(at, self.house.time_zone)

    def shown(self, milestone: str, kind: str) -> dict[str, Any]:
        """The facts of the newest evidence of a kind; empty where there is none."""
        found = [one for one in self.evidence if one.milestone == milestone and one.kind == kind]
        return found[-1].facts if found else {}

    def weighed(self, kind: str) -> Weight | None:
        """The newest weighing of a kind that was not corrected."""
        corrected = {weight.corrects_id for weight in self.weights}
        found = [weight for weight in self.weights if weight.kind == kind and weight.id not in corrected]
        return found[-1] if found else None

    def photograph(self, milestone: str) -> Photograph | None:
        """The newest photograph of a milestone that the client may see."""
        found = [one for one in self.photographs if one.milestone == milestone and one.client_visible]
        return found[-1] if found else None

    def text(self, digest: str) -> str:
        """A file of text that is kept in the store, such as a drawing."""
        with self.store.open(digest) as content:
            return content.read().decode("utf-8")

    def still(self, revision: Revision, *, ground: str, camera: str = "three-quarter") -> RevisionPicture | None:
        """A still of a revision, from this camera where there is one."""
        stills = [one for one in revision.pictures if one.kind == "still"]
        for wanted in ((ground, camera), (ground, None), (None, camera), (None, None)):
            for one in stills:
                if wanted[0] in (None, one.ground) and wanted[1] in (None, one.camera):
                    return one
        return None


def issues(session: Session, piece: Piece, kind: str) -> Sequence[Document]:
    """Every paper of a kind that was issued for a piece, the first one first."""
    of_piece = select(Document).where(Document.piece_id == piece.id, Document.kind == kind)
    return session.scalars(of_piece.order_by(Document.version)).all()


def load(session: Session, store: Store, house: HouseRow, piece: Piece) -> Record:
    """The record of a piece."""
    return Record(
        house=house,
        piece=piece,
        evidence=session.scalars(select(Evidence).where(Evidence.piece_id == piece.id).order_by(Evidence.id)).all(),
        photographs=session.scalars(
            select(Photograph).where(Photograph.piece_id == piece.id).order_by(Photograph.id)
        ).all(),
        weights=session.scalars(select(Weight).where(Weight.piece_id == piece.id).order_by(Weight.id)).all(),
        spans=session.scalars(select(WorkSpan).where(WorkSpan.piece_id == piece.id).order_by(WorkSpan.id)).all(),
        sketches=session.scalars(select(Sketch).where(Sketch.piece_id == piece.id).order_by(Sketch.number)).all(),
        people=_people(session, piece),
        store=store,
        files=Files(),
    )


def _people(session: Session, piece: Piece) -> dict[str, Person]:
    worked = {row.done_by for row in piece.milestones} | {hand for row in piece.milestones for hand in row.hands}
    drew = {str(revision.handed_in_by_id) for revision in piece.revisions}
    timed = {str(one) for one in session.scalars(select(WorkSpan.person_id).where(WorkSpan.piece_id == piece.id))}
    named = {int(one) for one in worked | drew | timed if one is not None and one.isdigit()}
    owners = cast(Person.roles, String).contains("owner") & Person.active.is_(True)
    found = session.scalars(select(Person).where(Person.id.in_(named) | owners).order_by(Person.id))
    return {str(person.id): person for person in found}
