"""One step of a piece: refused whole, or done with its line in the history and its content kept as hashed."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from bespoke.database import Database
from bespoke.models.event import Event
from bespoke.models.piece import Content
from bespoke.proof.seal import digest_bytes
from bespoke.services import metals, steps
from bespoke.services.errors import Missing, NotPossible
from tests.factories import NOON, a_cast, a_commission
from workflows.actions import Complete
from workflows.errors import NotAllowed, OutOfOrder
from workflows.history import verify_chain
from workflows.template import Facet


def test_a_refused_step_changes_nothing(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        before = steps.snapshot(session, piece)
        with pytest.raises(OutOfOrder):
            steps.act(session, piece, Complete("casting"), cast.bench, at=NOON)
        with pytest.raises(NotAllowed):
            steps.put_content(session, piece, Facet.DESIGN, {"file": "x"}, cast.client, at=NOON)
        with pytest.raises(Missing, match="nothing to say yes to"):
            steps.manifest(session, piece, "render_approval")
        assert steps.snapshot(session, piece) == before


def test_content_is_kept_as_hashed_and_stays_when_another_takes_its_place(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        with pytest.raises(NotPossible, match="no alloy TIN"):
            metals.choose(session, piece, "TIN", cast.designer, at=NOON)
        for code in ("AU750Y", "AU750R", "AU750R", "AU750Y"):
            metals.choose(session, piece, code, cast.designer, at=NOON)
        rows = session.scalars(select(Content).where(Content.facet == Facet.ALLOY).order_by(Content.id)).all()
        assert [("AU750Y" in row.body, row.current) for row in rows] == [(True, False), (False, False), (True, True)]
        assert all(digest_bytes(row.body.encode()) == row.digest for row in rows)
        assert rows[0].digest == rows[2].digest
        standing = piece.content(Facet.ALLOY)
        assert standing is rows[2]
        steps.put_content(session, piece, Facet.ALLOY, None, cast.designer, at=NOON)
        assert piece.content(Facet.ALLOY) is None


def test_the_history_of_every_step_is_a_whole_chain(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        metals.choose(session, commission.pieces[0], "AU750R", cast.designer, at=NOON)
        session.flush()
        lines = [event.line() for event in session.scalars(select(Event).order_by(Event.position))]
        assert verify_chain(lines) == commission.events_digest
        assert len(lines) == commission.events_count


def test_facts_of_evidence_are_kept_with_their_units(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        with pytest.raises(OutOfOrder, match="asks for"):
            steps.show_evidence(session, piece, "enquiry", "moon", cast.office, at=NOON)
        kind = piece.template["enquiry"].evidence[0]
        row = steps.show_evidence(
            session, piece, "enquiry", kind, cast.office, {"weight_g": str(Decimal("5.10"))}, at=NOON
        )
        assert row.facts == {"weight_g": "5.10"}
