"""How Alembic runs our migrations: on the connection `bespoke.schema` hands over, in its transaction."""

from alembic import context

from bespoke.models.base import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    compare_type=True,
    transactional_ddl=True,  # true of SQLite too, since BEGIN is ours
)
with context.begin_transaction():
    context.run_migrations()
