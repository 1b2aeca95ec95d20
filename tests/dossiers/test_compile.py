"""A dossier says what the records say: change an input and a section changes; money and suppliers never appear."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.documents.facts import DossierFacts
from bespoke.dossiers.compile import compile_dossier
from bespoke.dossiers.record import Unfinished
from bespoke.models.approval import OverrideRow
from bespoke.models.brief import Brief
from bespoke.models.design import Pin
from bespoke.models.document import Document
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.production import Evidence, Photograph, QcReading, Weight
from bespoke.models.stone import StoneOption, StoneRow
from bespoke.services import dossiers
from bespoke.services import house as houses
from bespoke.storage.local import LocalStore
from tests.factories import NOON
from tests.living import Lived, a_life
from workflows.roles import Role

PRICES = ("price", "cost", "supplier", "northmere", "gbp", "£", "invoice", "deposit of", "4200", "5200")


@dataclass(slots=True)
class Desk:
    """A finished piece in an open session, and what its dossier says now."""

    session: Session
    store: LocalStore
    piece: Piece
    document: Document

    def facts(self) -> DossierFacts:
        self.session.flush()
        self.session.expire_all()
        own = houses.current(self.session)
        compiled = compile_dossier(self.session, self.store, own, self.piece, self.document, authority="AB:CD")
        return compiled.facts

    @property
    def stone(self) -> StoneRow:
        return next(option.stone for option in self.piece.options if option.chosen)


@pytest.fixture(scope="module")
def lived(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return a_life(_sqlite_template, tmp_path_factory.mktemp("lived"))


@pytest.fixture
def desk(lived: Lived, tmp_path: Path) -> Iterator[Desk]:
    copy = lived.copied_to(tmp_path / "copy")
    database = Database(f"sqlite:///{copy.database}")
    with database.transaction() as session:
        document = session.scalars(select(Document)).one()
        yield Desk(session, LocalStore(copy.files), session.get_one(Piece, document.piece_id), document)
    database.close()


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def test_an_unfinished_piece_has_no_dossier(desk: Desk):
    other = desk.session.scalars(select(Piece).where(Piece.id != desk.piece.id)).first()
    assert other is not None
    with pytest.raises(Unfinished):
        compile_dossier(desk.session, desk.store, houses.current(desk.session), other, desk.document, authority="AB:CD")


def test_nothing_financial_is_in_any_string(desk: Desk):
    desk.stone.supplier, desk.stone.cost_minor = "Northmere Gems", 4200_00
    everything = "\n".join(strings(asdict(desk.facts()))).lower()
    assert "diamond" in everything
    for word in PRICES:
        assert word not in everything, word


def test_the_facts_are_those_of_the_record(desk: Desk):
    facts = desk.facts()
    assert facts.reference == "OF-0001"
    assert facts.client == "Elowen Marsh"
    assert facts.lead == "A ring in 18 ct yellow gold with a round diamond."
    assert [row.value for row in facts.details] == ["UK M, 16.71 mm inside", "18 ct yellow gold", "5.34 g, finished"]
    assert facts.finished_g == Decimal("5.34")
    assert [(row.part, row.metal_g, row.stones_ct) for row in facts.materials] == [
        ("Ring", Decimal("5.14"), None),
        ("Stone", None, Decimal("1.01")),
    ]
    assert facts.revisions[0].approved_by == "Elowen Marsh"
    assert facts.milestones[-1].name == "Ready"
    assert "18 ct yellow gold" in facts.care_lead
    assert facts.services[0].due == facts.finished + timedelta(days=182)
    assert facts.version == 1
    assert facts.versions == ()


def test_each_input_that_changes_changes_its_section(desk: Desk):
    before = desk.facts()
    session, piece = desk.session, desk.piece
    for row in session.scalars(select(Weight).where(Weight.kind == "final")).all():
        session.add(
            Weight(
                piece_id=piece.id,
                milestone=row.milestone,
                kind="final",
                weight_g=Decimal("5.40"),
                corrects_id=row.id,
                reason="Read again.",
                by_id=row.by_id,
                at=row.at,
            )
        )
    session.scalars(select(Brief)).first().wish = "Something for the sea."  # type: ignore[union-attr]
    for lot in session.scalars(select(Evidence).where(Evidence.kind == "alloy_lot")):
        lot.facts = {"lot": "LOT-77"}
    for reading in session.scalars(select(QcReading).where(QcReading.point == "size")):
        reading.found = "16.75"
    desk.stone.colour = "G"
    piece.engraving = "for the long light"
    session.get_one(Person, piece.commission.client.id).name = "Elowen Rivers"
    houses.current(session).strapline = "Goldsmiths, Ravensbourne"
    after = desk.facts()
    assert after.finished_g == Decimal("5.40")
    assert after.quote is not None
    assert after.quote.text == "Something for the sea."
    assert after.materials[0].origin == "Alloy lot LOT-77"
    assert after.measured is not None
    assert after.measured.readings[0].made_mm == Decimal("16.75")
    assert ("Colour", "G") in [(row.name, row.value) for row in after.stones[0].rows]
    assert after.engraving == "for the long light"
    assert after.client == "Elowen Rivers"
    assert after.house.trade == "Goldsmiths, Ravensbourne"
    unchanged = ("reference", "code", "milestones", "sketches", "hallmarks", "version")
    assert all(getattr(after, name) == getattr(before, name) for name in unchanged)


def test_a_laboratory_stone_is_called_so_everywhere(desk: Desk):
    desk.stone.origin, desk.stone.country = "lab_grown", None
    facts = desk.facts()
    assert facts.stones[0].name == "Laboratory-grown diamond"
    assert facts.lead.endswith("with a round laboratory-grown diamond.")
    assert "Laboratory-grown diamond" in facts.materials[1].material
    said = "\n".join(strings(asdict(replace(facts, revisions=(), steps=(), care=(), care_lead="", story=()))))
    assert "natural" not in said.lower()


def test_a_parcel_is_told_as_one(desk: Desk):
    stone = desk.stone
    stone.pieces, stone.weight_ct = 24, Decimal("0.19")
    facts = desk.facts()
    assert facts.stones == ()
    assert facts.parcels[0].title == "24 diamonds"
    assert facts.parcels[0].total_ct == Decimal("0.19")
    assert facts.materials[1].pieces == 24
    assert "24 diamonds" in facts.lead


def test_a_piece_without_stones_says_nothing_of_them(desk: Desk):
    for option in desk.session.scalars(select(StoneOption).where(StoneOption.piece_id == desk.piece.id)):
        option.chosen_at = None
    facts = desk.facts()
    assert (facts.stones, facts.parcels, facts.stones_note) == ((), (), "")
    assert facts.lead == "A ring in 18 ct yellow gold."
    assert len(facts.materials) == 1
    assert not any("stone" in item.text for item in facts.care)


def test_a_pair_is_told_as_two(desk: Desk):
    desk.piece.quantity = 2
    assert ("Made", "two of them") in [(row.name, row.value) for row in desk.facts().details]


def test_only_photographs_the_client_may_see_are_taken_along(desk: Desk):
    shown = desk.facts()
    assert shown.portrait is not None
    for row in desk.session.scalars(select(Photograph)):
        row.client_visible = False
    facts = desk.facts()
    assert all(step.picture is None for step in facts.steps)
    assert facts.portrait != shown.portrait


def test_what_the_house_remarks_among_itself_stays_there(desk: Desk):
    revision = desk.piece.revisions[-1]
    for by_id, words in ((desk.piece.commission.client.id, "A little lower."), (revision.handed_in_by_id, "Margin!")):
        desk.session.add(Pin(revision_id=revision.id, text=words, must_fix=False, by_id=by_id, at=NOON))
    text = desk.facts().revisions[-1].text
    assert "A little lower." in text
    assert "Margin!" not in text


def test_who_said_what_is_told_as_it_was(desk: Desk):
    piece, session = desk.piece, desk.session
    plain = [one.what for one in desk.facts().approvals]
    assert not any("elease" in what for what in plain)  # the house's own steps are not what the client approved
    assert "released by a second person: Imani Castellane." in desk.facts().making_note
    assert any(what.startswith("Final check, 9 of 9 points") for what in plain)
    for release in piece.releases:
        release.released_by_id = release.asked_by_id
    for approval in piece.approvals:
        approval.at_counter = True
    lead = session.scalars(select(Person).where(Person.name == "Imani Castellane")).one()
    session.add(
        OverrideRow(
            piece_id=piece.id,
            revision_id=piece.revisions[-1].id,
            code="open_mesh",
            reason="Closed by hand in the print.",
            person_id=lead.id,
            at=NOON,
        )
    )
    facts = desk.facts()
    assert "Confirmed a second time by the one maker of this house: release to cast" in facts.making_note
    assert "Imani Castellane answered for it: Closed by hand in the print." in facts.revisions[-1].text
    assert any(one.by.endswith("for the client at the counter") for one in facts.approvals)


def test_the_second_issue_tells_what_changed(desk: Desk):
    office = desk.session.scalars(select(Person).where(Person.name == "Jonah Veldt")).one()
    actor = office.acting(Role.OFFICE)
    desk.document = dossiers.issue(
        desk.session, desk.piece, "CCCC-DDDD", actor, at=NOON, changes="The stone's report was added."
    )
    facts = desk.facts()
    assert facts.version == 2
    assert [(one.number, one.changes) for one in facts.versions] == [
        (1, "The first issue."),
        (2, "The stone's report was added."),
    ]
