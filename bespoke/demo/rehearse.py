"""`rehearse`: a whole commission from brief to signed dossier, with anybody's CAD file, in a house of its own."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bespoke.config import Settings
from bespoke.demo import cast, dealing, designing, handing_over, making, pricing, taking_in
from bespoke.demo.stage import Stage
from bespoke.founding import found_house
from bespoke.house import House
from bespoke.jobs.bell import ring_after_commit
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.piece import Piece
from bespoke.services import commissions, doctor
from renders.examination import examine
from renders.report import Report
from workflows.snapshot import Status
from workflows.template import load

Act = Callable[[Stage], None]
ACTS: Mapping[str, Act] = {
    "enquiry": dealing.enquire,
    "intake": taking_in.take_in,
    "brief": dealing.brief,
    "concept": dealing.sketch,
    "stone_sourcing": dealing.choose_stones,
    "estimate": pricing.estimate,
    "quote": pricing.quote,
    "deposit_lock": pricing.deposit,
    "cad": designing.draw,
    "render_approval": designing.approve,
    "pattern": making.pattern,
    "pre_cast_release": making.release_to_cast,
    "casting": making.cast,
    "clean_assembly": making.make_up,
    "hallmark": making.hallmark,
    "setting": making.set_stones,
    "polish_plate": making.polish,
    "qc": making.check,
    "pre_ship_confirmation": handing_over.recap,
    "delivery": handing_over.deliver,
    "dossier": handing_over.bind_dossier,
    "aftercare": handing_over.offer_cleaning,
}
MOST_ACTS = 80


class Stuck(Exception):
    """The piece has an open way and nobody took it, or none and is not finished."""


@dataclass(frozen=True, slots=True)
class Play:
    """What is to be rehearsed."""

    cads: tuple[Path, ...]
    out: Path
    template: str = "ring"
    size: str | None = None
    alloy: str = "AU750Y"
    overrides: tuple[tuple[str, str], ...] = ()
    worker_elsewhere: bool = False


def play(settings: Settings, wanted: Play) -> int:
    """Play it; the number of breaches `doctor` found afterwards.

    Raises:
        RenderError: the CAD file cannot be used.
        FileRefused: its report blocks it and nobody overrides.
    """
    wanted.out.mkdir(parents=True, exist_ok=True)
    reports = tuple(_examine(cad) for cad in wanted.cads)
    house = found_house(
        settings,
        name=cast.HOUSE,
        reference_prefix=cast.PREFIX,
        currency=cast.CURRENCY,
        vat_rate=cast.VAT,
        plan_key=cast.PLAN,
    ).house
    if wanted.worker_elsewhere:
        ring_after_commit(house)
    try:
        stage = _set(house, wanted, reports)
        _perform(stage)
        return _look_back(stage)
    finally:
        house.close()


def titled(template: str) -> str:
    """What the piece is called, since nobody has named it: "A ring", "A pair of earrings"."""
    kind = load(template).title.lower()
    return f"{'An' if kind[0] in 'aeiou' else 'A'} {kind}"


def in_a_house_of_its_own(settings: Settings, out: Path) -> Settings:
    """The same settings with all data under `out`, where the environment names no other place."""
    return replace(settings, data_folder=out / "house") if settings.data_folder == Settings().data_folder else settings


def _examine(cad: Path) -> Report:
    folder = Path(tempfile.mkdtemp(prefix="rehearse-"))
    try:
        return examine(cad, folder, name=cad.name)
    finally:
        shutil.rmtree(folder)


def _set(house: House, wanted: Play, reports: tuple[Report, ...]) -> Stage:
    with house.database.transaction() as session:
        at = house.clock()
        people = cast.gather(session, at)
        cast.furnish(session)
        title = titled(wanted.template)
        office = people.actor("office")
        commission = commissions.open_commission(session, people.client, title, office, at=at)
        piece = commissions.add_piece(session, commission, wanted.template, title, office, at=at, alloy=wanted.alloy)
        piece_id, reference = piece.id, commission.reference
    stage = Stage(
        house=house,
        cast=people,
        runner=None if wanted.worker_elsewhere else Runner(TASKS, house),
        piece_id=piece_id,
        cads=wanted.cads,
        reports=reports,
        alloy=wanted.alloy,
        size=wanted.size,
        overrides=dict(wanted.overrides),
        out=wanted.out,
    )
    stage.say("commission", f"{reference}, {title}, for {people.client.name}")
    return stage


def _perform(stage: Stage) -> None:
    for _ in range(MOST_ACTS):
        key = _next(stage)
        if key is None:
            return
        _money_first(stage, key)
        act = ACTS.get(key)
        if act is None:
            making.anything(stage, key)
        else:
            act(stage)
        if _next(stage) == key and key != "qc":
            raise Stuck(f"{key} was played and is still open.")
    raise Stuck("The piece goes in circles.")


def _next(stage: Stage) -> str | None:
    """The first milestone that is open; None when all are passed."""
    with stage.house.database.reading() as session:
        piece = session.get_one(Piece, stage.piece_id)
        rows = {row.key: row.status for row in piece.milestones}
        ahead = [m.key for m in piece.template.milestones if rows[m.key] in {Status.OPEN, Status.ACTIVE}]
        left = [key for key, status in rows.items() if status not in {Status.DONE, Status.SKIPPED}]
    if left and not ahead:
        raise Stuck(f"Nothing is open, and {', '.join(left)} are not done.")
    return ahead[0] if ahead else None


def _money_first(stage: Stage, key: str) -> None:
    with stage.house.database.reading() as session:
        needed = session.get_one(Piece, stage.piece_id).template[key].money
    if needed == "progress":
        pricing.pay(stage, "progress")


def _look_back(stage: Stage) -> int:
    with stage.house.database.reading() as session:
        found = doctor.examine(session, stage.house.storage, at=stage.house.clock(), deep=True)
    for breach in found.breaches:
        stage.say("doctor", f"BREACH {breach.check}: {breach.where}: {breach.sentence}")
    pinned = stage.house.signing_folder / "authority.pem"
    stage.say("verify", f"bespoke verify {stage.out / 'dossier.pdf'} --house {pinned}")
    looked = sum(found.looked_at.values())
    stage.say("doctor", f"{looked} things looked at, {len(found.breaches)} breaches; {stage.refusals} refusals shown")
    return len(found.breaches)
