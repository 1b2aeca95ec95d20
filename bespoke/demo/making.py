"""The acts of the bench: pattern, release, casting, making up, hallmark, setting, polishing, check."""

from decimal import Decimal
from pathlib import Path

from sqlalchemy.orm import Session

from bespoke.demo.stage import Stage
from bespoke.models.piece import Piece
from bespoke.services import approvals, checking, production, steps
from bespoke.services.checking import Reading
from bespoke.storage.store import chunks_of
from workflows.alloys import ALLOYS
from workflows.roles import Actor, may

PHOTOGRAPHS = Path(__file__).with_name("pictures")
GRAM = Decimal("0.01")
HALF_MM = Decimal("0.5")
LEVEL = "0.5"  # degrees
ORDER = ("caster", "maker", "designer", "office", "lead", "client")


def pattern(stage: Stage) -> None:
    """`pattern`: printed, measured, shown to the client, approved."""
    caster, client, clock = stage.cast.actor("caster"), stage.cast.actor("client"), stage.house.clock
    with stage.step() as (session, piece):
        production.start(session, piece, "pattern", caster, at=clock())
        _photograph(stage, session, piece, "pattern", "pattern.jpg", "Printed at 25 microns, cleaned by hand.")
        bore = stage.reports[-1].bore
        measured = {} if bore is None else {"inside_mm": f"{bore.diameter_mm:.2f}"}
        production.show(session, piece, "pattern", "caliper_check", caster, measured, at=clock())
        show_the_rest(stage, session, piece, "pattern", caster)
        production.hand_in(session, piece, "pattern", caster, at=clock())
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, "pattern")
        approvals.approve(session, piece, "pattern", shown, client, at=clock())
    stage.say("pattern", "printed, measured and tried on; approved by the client")


def release_to_cast(stage: Stage) -> None:
    """`pre_cast_release`: asked by one, given by another, with the size read from a gauge."""
    caster, lead, clock = stage.cast.actor("caster"), stage.cast.actor("lead"), stage.house.clock
    stage.refused(
        "casting is begun before anybody released it",
        lambda session, piece: production.start(session, piece, "casting", caster, at=clock()),
    )
    with stage.step() as (session, piece):
        show_the_rest(stage, session, piece, "pre_cast_release", caster)
        production.ask_release(session, piece, "pre_cast_release", caster, at=clock())
        shown = steps.manifest(session, piece, "pre_cast_release")
        ordered, limit = piece.size_mm, piece.template.size_tolerance_mm or Decimal(0)
    gauge = ordered
    stage.refused(
        "the one who asked releases it himself",
        lambda session, piece: production.release(
            session, piece, "pre_cast_release", shown, caster, gauge_mm=gauge, at=clock()
        ),
    )
    if ordered is not None:
        stage.refused(
            "it is released with a gauge that reads too much",
            lambda session, piece: production.release(
                session, piece, "pre_cast_release", shown, lead, gauge_mm=ordered + limit + HALF_MM, at=clock()
            ),
        )
    with stage.step() as (session, piece):
        production.release(
            session, piece, "pre_cast_release", shown, lead, gauge_mm=gauge, gauge="steel mandrel 1", at=clock()
        )
    stage.say("pre_cast_release", f"released by {lead.name}, the second person" + _gauge(gauge))


def cast(stage: Stage) -> None:
    """`casting`: the batch, the lot, what went in and what came out."""
    caster, clock = stage.cast.actor("caster"), stage.house.clock
    with stage.step() as (session, piece):
        production.start(session, piece, "casting", caster, at=clock())
        expected = production.expected_cast_g(session, piece)
        net = ((expected[0] + expected[1]) / 2 if expected else Decimal(5)).quantize(GRAM)
        gross = (net * Decimal("1.45")).quantize(GRAM)
        production.show(session, piece, "casting", "batch", caster, {"batch": "26-118", "flask": "3"}, at=clock())
        production.show(session, piece, "casting", "alloy_lot", caster, {"lot": "26-1187"}, at=clock())
        production.weigh(session, piece, "casting", "gross", gross, caster, at=clock())
        production.weigh(session, piece, "casting", "button", gross - net, caster, at=clock())
        wrong = production.weigh(session, piece, "casting", "net", net * 10, caster, at=clock(), expected_g=expected)
        production.correct_weight(session, piece, wrong, net, "Decimal point one place off.", caster, at=clock())
        _photograph(stage, session, piece, "casting", "casting.jpg", "From the flask, with its sprue.")
        show_the_rest(stage, session, piece, "casting", caster)
        production.complete(session, piece, "casting", caster, at=clock())
    stage.say("casting", f"gross {gross} g, net {net} g (a wrong weighing corrected and kept)")


def make_up(stage: Stage) -> None:
    """`clean_assembly`: filed, cleaned, its size read again."""
    maker, clock = stage.cast.actor("maker"), stage.house.clock
    with stage.step() as (session, piece):
        production.start(session, piece, "clean_assembly", maker, at=clock())
        _photograph(stage, session, piece, "clean_assembly", "casting.jpg", "Cleaned and made up.", who="maker")
        size = {} if piece.size_mm is None else {"inside_mm": str(piece.size_mm)}
        if "size_check" in piece.template["clean_assembly"].evidence:
            production.show(session, piece, "clean_assembly", "size_check", maker, size, at=clock())
        show_the_rest(stage, session, piece, "clean_assembly", maker)
        production.complete(session, piece, "clean_assembly", maker, at=clock())
    stage.say("clean_assembly", f"made up by {maker.name}")


def hallmark(stage: Stage) -> None:
    """`hallmark`: out to the assay office and back with its marks."""
    maker, lead, clock = stage.cast.actor("maker"), stage.cast.actor("lead"), stage.house.clock
    fineness = ALLOYS[stage.alloy].fineness_ppt
    _let_begin(stage, "hallmark", "maker")
    with stage.step() as (session, piece):
        production.start(session, piece, "hallmark", maker, at=clock())
        marks = {"sponsor": "O&F", "fineness": str(fineness), "office": "R", "letter": "b"}
        production.show(session, piece, "hallmark", "marks", maker, marks, at=clock())
        production.show(session, piece, "hallmark", "packet_number", maker, {"packet": "4471"}, at=clock())
        show_the_rest(stage, session, piece, "hallmark", maker)
        production.complete(session, piece, "hallmark", maker, at=clock())
    stage.say("hallmark", f"O&F, {fineness}, R, b; released by {lead.name}")


def set_stones(stage: Stage) -> None:
    """`setting`: stones counted in and out."""
    setter, clock = stage.cast.actor("setter"), stage.house.clock
    many = stage.reports[-1].stone_count
    _let_begin(stage, "setting", "setter")
    with stage.step() as (session, piece):
        production.start(session, piece, "setting", setter, at=clock())
        production.show(session, piece, "setting", "stones_in", setter, {"stones": many}, at=clock())
        production.show(session, piece, "setting", "stones_out", setter, {"stones": many, "broken": 0}, at=clock())
        _photograph(stage, session, piece, "setting", "setting.jpg", "Seated under the microscope.", "setter")
        show_the_rest(stage, session, piece, "setting", setter)
        production.complete(session, piece, "setting", setter, at=clock())
    stage.say("setting", f"{many} stones in, {many} set, none broken, by {setter.name}")


def polish(stage: Stage) -> None:
    """`polish_plate`: polished and weighed for good."""
    polisher, clock = stage.cast.actor("polisher"), stage.house.clock
    with stage.step() as (session, piece):
        production.start(session, piece, "polish_plate", polisher, at=clock())
        final = (production.drawn_with_stones_g(piece) or Decimal(5)).quantize(GRAM)
        production.weigh(session, piece, "polish_plate", "final", final, polisher, at=clock())
        again = "Polished again, inside the band." if piece.reworks else "Four grades of paper."
        _photograph(stage, session, piece, "polish_plate", "finished-light.jpg", again, "polisher")
        show_the_rest(stage, session, piece, "polish_plate", polisher)
        production.complete(session, piece, "polish_plate", polisher, at=clock())
    stage.say("polish_plate", f"{final} g on the scale, by {polisher.name}")


def check(stage: Stage) -> None:
    """`qc`: rejected the first time, passed the second; never by somebody who made the piece."""
    checker, clock = stage.cast.actor("checker"), stage.house.clock
    if stage.piece_reworked():
        stage.refused(
            "the polisher checks his own work", lambda session, piece: _pass(stage, session, piece, "polisher")
        )
        stage.refused(
            "it is passed with only the scratch looked at again",
            lambda session, piece: _pass(stage, session, piece, "checker", only="surface"),
        )
        with stage.step() as (session, piece):
            points = _pass(stage, session, piece, "checker")
        stage.say("qc", f"{points} of {points} points passed, by {checker.name}")
        return
    with stage.step() as (session, piece):
        production.start(session, piece, "qc", checker, at=clock())
        found = _readings(session, piece, surface="a scratch inside the band")
        checking.read(session, piece, found, checker, at=clock())
        scratch = "A scratch inside the band."
        _photograph(stage, session, piece, "qc", "finished-dark.jpg", scratch, "checker", client_visible=False)
    stage.refused(
        "a piece that failed its check is passed",
        lambda session, piece: production.complete(session, piece, "qc", checker, at=clock()),
    )
    with stage.step() as (session, piece):
        to = next(key for key in ("polish_plate", "work") if key in piece.template["qc"].rework_to)
        production.send_back(session, piece, "qc", to, "scratch", "house", checker, at=clock(), note="Inside the band.")
    stage.say("qc", f"rejected: a scratch; back to {to}, at the house's cost")


def anything(stage: Stage, key: str) -> None:
    """A milestone without an act of its own: asked for and given, or shown and completed, by who may."""
    with stage.house.database.reading() as session:
        milestone = session.get_one(Piece, stage.piece_id).template[key]
    clock = stage.house.clock
    actor = next(stage.cast.actor(who) for who in ORDER if may(stage.cast.actor(who), milestone.acts))
    if milestone.irreversible:
        _let_begin(stage, key, next(who for who in ORDER if stage.cast.actor(who) == actor))
        with stage.step() as (session, piece):
            production.start(session, piece, key, actor, at=clock())
    with stage.step() as (session, piece):
        show_the_rest(stage, session, piece, key, actor)
        if not milestone.approves:
            production.complete(session, piece, key, actor, at=clock())
            stage.say(key, f"done by {actor.name}")
            return
        production.hand_in(session, piece, key, actor, at=clock())
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, key)
        approvals.approve(session, piece, key, shown, stage.cast.actor("client"), at=clock())
    stage.say(key, "shown to the client and approved")


def show_the_rest(stage: Stage, session: Session, piece: Piece, key: str, actor: Actor) -> None:
    """What this kind of piece asks for beyond a ring's: posts, bails, clasps, articulation."""
    there = set(piece.milestone(key).evidence)
    for kind in piece.template[key].evidence:
        if kind not in there:
            production.show(session, piece, key, kind, actor, at=stage.house.clock())


def _let_begin(stage: Stage, key: str, who: str) -> None:
    asking, lead, clock = stage.cast.actor(who), stage.cast.actor("lead"), stage.house.clock
    stage.refused(
        f"{key} is begun without a release",
        lambda session, piece: production.start(session, piece, key, asking, at=clock()),
    )
    with stage.step() as (session, piece):
        production.ask_release(session, piece, key, asking, at=clock())
        shown = steps.manifest(session, piece, key)
        gauge = piece.size_mm if piece.template[key].gauge else None
    with stage.step() as (session, piece):
        production.release(
            session,
            piece,
            key,
            shown,
            lead,
            gauge_mm=gauge,
            gauge="steel mandrel 1" if gauge is not None else "",
            at=clock(),
        )


def _pass(stage: Stage, session: Session, piece: Piece, who: str, *, only: str = "") -> int:
    actor, at = stage.cast.actor(who), stage.house.clock()
    found = [one for one in _readings(session, piece, surface="clean") if one.point.startswith(only)]
    rows = checking.read(session, piece, tuple(found), actor, at=at)
    _photograph(stage, session, piece, "qc", "finished-dark.jpg", "Finished.", who, client_visible=True)
    show_the_rest(stage, session, piece, "qc", actor)
    production.complete(session, piece, "qc", actor, at=at)
    return len(rows)


def _readings(session: Session, piece: Piece, *, surface: str) -> tuple[Reading, ...]:
    """Every point as it should be, but for the surface."""
    found = []
    for one in checking.wanted(session, piece):
        if one.measured:
            limit = one.key.startswith("level")
            found.append(Reading(one.key, one.expected, LEVEL if limit else one.expected, one.unit, passed=True))
        elif one.key.startswith("surface"):
            found.append(Reading(one.key, "clean", surface, "", passed=surface == "clean"))
        else:
            found.append(Reading(one.key, "yes", "yes", "", passed=True))
    return tuple(found)


def _photograph(
    stage: Stage,
    session: Session,
    piece: Piece,
    milestone: str,
    name: str,
    caption: str,
    who: str = "caster",
    *,
    client_visible: bool = True,
) -> None:
    with (PHOTOGRAPHS / f"{stage.pictures}-{name}").open("rb") as content:
        stored = stage.house.storage.put(chunks_of(content))
    production.photograph(
        session,
        piece,
        milestone,
        stored,
        stage.cast.actor(who),
        at=stage.house.clock(),
        caption=caption,
        client_visible=client_visible,
    )


def _gauge(gauge: Decimal | None) -> str:
    return "" if gauge is None else f"; the gauge reads {gauge} mm"
