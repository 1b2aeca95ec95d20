"""Lay out the invoices and credit notes of a commission that have no paper yet, all by one limited child."""

from sqlalchemy.orm import Session

from bespoke.documents import codec
from bespoke.documents.invoice import InvoiceFacts
from bespoke.dossiers.invoices import facts_of, unbound
from bespoke.house import House
from bespoke.jobs.run import Run, Task
from bespoke.jobs.workplace import folder_for
from bespoke.models.commission import Commission
from bespoke.services import house as houses
from bespoke.services import invoices
from renders import sandbox

CHILD = "bespoke.documents.bind_invoices"


def bind(run: Run) -> None:
    """Lay out whatever waits; nothing, where another run was quicker."""
    house, number = run.house, int(run.payload["commission_id"])
    with house.database.reading() as session:
        waiting = _facts(session, number)
    if not waiting:
        return
    with folder_for(house.settings, "invoice") as folder:
        for facts in waiting:
            (folder / f"{facts.number}.json").write_bytes(codec.write(codec.to_json(facts)))
        sandbox.run(CHILD, [str(folder)], folder=folder, limits=_limits(house))
        kept = {one.number: house.storage.put([(folder / f"{one.number}.pdf").read_bytes()]) for one in waiting}
    with run.record() as session:
        for told, stored in kept.items():
            invoices.record_bound(session, told, stored, at=house.clock())


TASK = Task(invoices.BIND, bind)


def _facts(session: Session, number: int) -> list[InvoiceFacts]:
    commission, own = session.get_one(Commission, number), houses.current(session)
    return [facts_of(session, own, commission, one) for one in unbound(session, commission)]


def _limits(house: House) -> sandbox.Limits:
    seconds = house.settings.child_cpu_seconds
    return sandbox.Limits(
        memory_mb=house.settings.child_memory_mb, cpu_seconds=seconds, wall_seconds=3 * seconds, file_mb=16
    )
