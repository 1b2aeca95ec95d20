"""A client's copy of their data: the columns that are named, and no other."""

from sqlalchemy import inspect

from bespoke.database import Database
from bespoke.models.people import Person
from bespoke.services import clients
from tests.factories import a_cast, a_commission, an_accepted_quote, brought_to

WITHHELD = {"cost_minor", "inputs", "provider_reference", "password_hash", "template_text", "events_digest", "internal"}


def test_a_copy_holds_what_is_named_of_each_table_and_nothing_else(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        an_accepted_quote(session, commission, cast)
        copy = clients.copy_of(session, session.get_one(Person, int(cast.client.id)))
    assert set(copy["person"]) == set(clients.COPIED[Person].split())
    (told,) = copy["commissions"]
    for many in ("quotes", "pieces", "instalments"):
        assert told[many]
        assert not any(WITHHELD & set(one) for one in told[many])
    assert not WITHHELD & (set(told) | set(copy["person"]))


def test_every_column_that_is_named_is_one_of_its_table():
    for table, names in clients.COPIED.items():
        assert set(names.split()) <= {column.key for column in inspect(table).columns}
