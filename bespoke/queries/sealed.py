"""The public check: what a dossier's manifest sealed, for whoever has its random code; no name, no price."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.document import Document
from bespoke.models.file import File

TOLD = frozenset({"weight", "carat weight", "inscription", "measurements", "treatment"})


@dataclass(frozen=True, slots=True)
class SealedStone:
    """One stone as it was sealed: its name, what is told of it, and its reports."""

    name: str
    told: tuple[str, ...]
    reports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SealedMark:
    """A hallmark: letters in the outline of their punch, and what they mean."""

    letters: str
    outline: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is told to a stranger who has the code."""

    code: str
    title: str
    finished: date
    stones: tuple[SealedStone, ...]
    parcels: tuple[str, ...]
    metals: tuple[str, ...]
    hallmarks: tuple[SealedMark, ...]
    seal: str
    issued_at: datetime
    version: int
    newer: int | None  # a later version of the same dossier
    pictured: bool


def find(session: Session, code: str) -> Sealed | None:
    """The sealed facts of the dossier with this code; None where there is none."""
    row = session.scalar(select(Document).where(Document.code == code, Document.issued_at.is_not(None)))
    if row is None or row.manifest is None or row.issued_at is None:
        return None
    latest = session.scalar(
        select(Document.version)
        .where(Document.piece_id == row.piece_id, Document.kind == row.kind, Document.issued_at.is_not(None))
        .order_by(Document.version.desc())
        .limit(1)
    )
    facts: dict[str, Any] = json.loads(row.manifest)["facts"]
    return Sealed(
        code=code,
        title=facts["title"],
        finished=date.fromisoformat(facts["finished"]),
        stones=tuple(_stone(one) for one in facts["stones"]),
        parcels=tuple(one["title"] for one in facts["parcels"]),
        metals=tuple(
            dict.fromkeys(
                f"{one['material']}, {one['metal_g']} g" for one in facts["materials"] if one["metal_g"] is not None
            )
        ),
        hallmarks=tuple(SealedMark(one["letters"], one["outline"], one["meaning"]) for one in facts["hallmarks"]),
        seal=row.manifest_digest or "",
        issued_at=row.issued_at,
        version=row.version,
        newer=latest if latest is not None and latest > row.version else None,
        pictured=_still(session, row) is not None,
    )


def picture(session: Session, code: str) -> File | None:
    """The design as it was last shown to the client, for the page behind a code; None where there is none."""
    row = session.scalar(select(Document).where(Document.code == code, Document.issued_at.is_not(None)))
    digest = None if row is None else _still(session, row)
    return None if digest is None else session.get(File, digest)


def _still(session: Session, row: Document) -> str | None:
    return session.scalar(
        select(RevisionPicture.digest)
        .join(Revision, Revision.id == RevisionPicture.revision_id)
        .where(
            Revision.piece_id == row.piece_id,
            Revision.published_at.is_not(None),
            RevisionPicture.kind == "still",
            RevisionPicture.camera == "three-quarter",
            RevisionPicture.ground == "paper",
        )
        .order_by(Revision.number.desc(), RevisionPicture.id)
        .limit(1)
    )


def _stone(told: dict[str, Any]) -> SealedStone:
    values = tuple(_within(row["value"]) for row in told["rows"] if row["name"].lower() in TOLD)
    return SealedStone(told["name"], values, tuple(_within(report["title"]) for report in told["reports"]))


def _within(words: str) -> str:
    """Words as they stand within a line: a capital goes, an abbreviation keeps its own."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
