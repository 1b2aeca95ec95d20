"""Messages and who sees which commission: a stranger sees nothing, a client nothing internal."""

import pytest

from bespoke.database import Database
from bespoke.models.people import Person
from bespoke.queries import commissions as seen
from bespoke.queries.commissions import NotFound
from bespoke.services import commissions, messages
from bespoke.services.errors import Missing, NotPossible
from tests.factories import NOON, a_cast, a_commission, a_file
from workflows.errors import NotAllowed
from workflows.roles import Actor, Role


def test_who_may_not_write(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        reader = Actor(cast.stranger.id, Role.READER)
        for actor in (cast.stranger, reader, Actor("clock", Role.SYSTEM)):
            with pytest.raises(NotAllowed):
                messages.write(session, commission, "Hello", actor, at=NOON)
        with pytest.raises(NotAllowed):
            messages.write(session, commission, "Hello", cast.client, internal=True, at=NOON)
        with pytest.raises(NotPossible):
            messages.write(session, commission, " ", cast.client, at=NOON)
        with pytest.raises(NotPossible):
            messages.write(session, commission, "x" * 10_001, cast.client, at=NOON)
        with pytest.raises(Missing):
            messages.write(session, commission, "Look", cast.client, picture="0" * 64, at=NOON)


def test_what_is_internal_is_not_shown_to_the_client(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        picture = a_file(session, "photo").digest
        messages.write(session, commission, "Do you like it?", cast.designer, picture=picture, at=NOON)
        messages.write(session, commission, "She will want it lower.", cast.designer, internal=True, at=NOON)
        messages.write(session, commission, "Very much.", cast.client, at=NOON)
        assert [one.text for one in messages.of(session, commission, cast.client)] == ["Do you like it?", "Very much."]
        assert len(messages.of(session, commission, cast.bench)) == 3


def test_to_a_stranger_a_commission_does_not_exist(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        for actor in (cast.stranger, Actor("clock", Role.SYSTEM), Actor(cast.client.id, Role.READER)):
            with pytest.raises(NotFound) as unseen:
                seen.get(session, commission.reference, actor)
            with pytest.raises(NotFound) as unknown:
                seen.get(session, "OF-9999", actor)
            assert str(unseen.value) == str(unknown.value)
            with pytest.raises(NotFound):
                seen.get_piece(session, f"{commission.reference}-A", actor)
            assert seen.all_visible(session, actor) == ()
        for actor in (cast.client, cast.bench, cast.owner):
            assert seen.get(session, commission.reference, actor) is commission
            assert seen.get_piece(session, f"{commission.reference}-A", actor).letter == "A"
        with pytest.raises(NotFound):
            seen.get_piece(session, f"{commission.reference}-B", cast.owner)


def test_one_who_reads_along_sees_that_one_commission(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        shared, private = a_commission(session, cast), a_commission(session, cast)
        person = session.get_one(Person, int(cast.stranger.id))
        with pytest.raises(NotFound):
            seen.acting_in(session, shared, person)
        commissions.let_read(session, shared, person, cast.office, at=NOON)
        actor = seen.acting_in(session, shared, person)
        assert actor.role is Role.READER
        assert seen.all_visible(session, actor) == (shared,)
        with pytest.raises(NotFound):
            seen.get(session, private.reference, actor)
        person.active = False
        with pytest.raises(NotFound):
            seen.acting_in(session, shared, person)
