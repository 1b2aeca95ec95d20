"""All facts of a dossier from the record of its piece, with the files that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from bespoke.documents import facts
from bespoke.documents.facts import DossierFacts
from bespoke.dossiers import design, making, materials
from bespoke.dossiers.record import Files, Record, Unfinished, issues, load
from bespoke.dossiers.words import locale_of
from bespoke.models.document import Document
from bespoke.models.house import HouseRow
from bespoke.models.piece import Piece
from bespoke.storage.store import Store
from bespoke.templating.catalogue import _
from workflows.sentences import sentence

FIRST_ISSUE = _("The first issue.")


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a dossier is bound from: the facts, and the files by the names the facts give them."""

    facts: DossierFacts
    files: Files


def compile_dossier(
    session: Session, store: Store, house: HouseRow, piece: Piece, document: Document, *, authority: str
) -> Compiled:
    """Everything the dossier of a piece says, as the records have it now.

    Args:
        document: its version and code, made when it was issued.
        authority: the fingerprint of the house's certificate.

    Raises:
        Unfinished: the piece is not far enough.
    """
    record = load(session, store, house, piece)
    if "render_approval" in piece.template and record.approved is None:
        raise Unfinished(sentence("%(reference)s has no approved design.", reference=piece.reference))
    described = DossierFacts(
        locale=locale_of(house, piece.commission.client),
        zone=house.time_zone,
        house=_house(house, authority),
        reference=piece.reference if len(piece.commission.pieces) > 1 else piece.commission.reference,
        code=document.code or "",
        title=design.title(record),
        kind=str(piece.template.title.lower()),
        client=piece.commission.client.name,
        finished=record.finished,
        cover=design.cover(record),
        voice="",
        lead=design.lead(record),
        story=design.story(record),
        portrait=design.portrait(record),
        elevation=design.elevation(record),
        details=design.details(record),
        engraving=piece.engraving,
        quote=design.quote(record),
        sketches=design.sketches(record),
        revisions=design.revisions(record),
        stones=materials.stones(record),
        parcels=materials.parcels(record),
        stones_note=materials.stones_note(record),
        materials=materials.materials(record),
        finished_g=materials.finished_g(record),
        measured=materials.measured(record),
        hallmarks=materials.hallmarks(record),
        hallmark_note=materials.hallmark_note(record),
        steps=making.steps(record),
        milestones=making.milestones(record),
        making_note=making.making_note(record),
        approvals=making.approvals(record),
        signatories=making.signatories(record),
        care_lead=making.care_lead(record),
        care=making.care(record),
        services=making.services(record),
        version=document.version,
        versions=_versions(record, issues(session, piece, document.kind), document),
    )
    return Compiled(described, record.files)


def _versions(record: Record, issued: Sequence[Document], document: Document) -> tuple[facts.Version, ...]:
    """The issues up to this one, from the second on; the first has nothing to tell."""
    told = [one for one in issued if one.version <= document.version]
    if len(told) < 2:
        return ()
    return tuple(facts.Version(one.version, record.day(one.created_at), one.changes or FIRST_ISSUE) for one in told)


def _house(house: HouseRow, authority: str) -> facts.House:
    site = house.public_address or _("the house")
    host = urlsplit(site).hostname or site.partition("/")[0]
    return facts.House(
        name=house.name,
        trade=house.strapline,
        address=house.address,
        telephone=house.telephone,
        site=host,
        authority=authority,
        contact=_("Ask for whoever made it, or for whoever answers."),
    )
