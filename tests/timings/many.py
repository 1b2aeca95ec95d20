"""Many commissions at once: one that was made by the services, copied row by row inside the database."""

from datetime import timedelta

from sqlalchemy import Connection, Table, text

from bespoke.house import House
from bespoke.models.commission import Commission, Participant
from bespoke.models.piece import MilestoneRow, Piece

STEP = timedelta(seconds=1)


def multiply(house: House, commission_id: int, many: int) -> None:
    """So many more of a commission with one piece, all open, of the same client, changed one second after another."""
    with house.database.engine.begin() as connection:
        first = {table: connection.scalar(text(f"SELECT max(id) FROM {table}")) for table in ("commissions", "pieces")}
        piece_id = connection.scalar(
            text("SELECT id FROM pieces WHERE commission_id = :one ORDER BY letter LIMIT 1"), {"one": commission_id}
        )
        told = {"one": commission_id, "many": many, "piece": piece_id} | {
            "commission_from": first["commissions"],
            "piece_from": first["pieces"],
        }
        number, piece = ":commission_from + n", ":piece_from + n"
        earlier = "datetime(changed_at, '-' || n || ' seconds') || '.000000'"
        named = "'MANY-' || (:commission_from + n)"
        _copy(connection, Commission.__table__, "id = :one", told, id=number, reference=named, changed_at=earlier)
        _copy(connection, Participant.__table__, "commission_id = :one", told, commission_id=number)
        _copy(connection, Piece.__table__, "id = :piece", told, id=piece, commission_id=number)
        _copy(connection, MilestoneRow.__table__, "piece_id = :piece", told, piece_id=piece)
        connection.exec_driver_sql("ANALYZE")


def _copy(connection: Connection, table: Table, which: str, told: dict[str, object], **changed: str) -> None:
    own = {column.name for column in table.primary_key if column.name == "id"} - changed.keys()
    columns = [column.name for column in table.columns if column.name not in own]
    given = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    series = "WITH RECURSIVE one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < :many) "
    statement = f"INSERT INTO {table.name} ({names}) {series} SELECT {given} FROM {table.name}, one WHERE {which}"
    needed = {name: value for name, value in told.items() if f":{name}" in statement}
    connection.execute(text(statement), needed)
