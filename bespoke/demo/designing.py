"""The acts of the designer: a drawing handed in, examined, answered, changed and approved."""

from pathlib import Path

from sqlalchemy.orm import Session

from bespoke.demo.stage import Stage
from bespoke.models.piece import Piece
from bespoke.services import approvals, designs, pins, production, steps
from bespoke.services.errors import Missing
from bespoke.storage.store import chunks_of

ASKED = "Could it sit a little lower on the finger?"


class FileRefused(Exception):
    """The CAD file cannot be used, or its report blocks it; the text is the reason and the way on."""


def draw(stage: Stage) -> None:
    """`cad`: the first file is handed in, examined and finished."""
    _hand_in(stage, stage.cads[0], "First drawing")
    _finish(stage)


def approve(stage: Stage) -> None:
    """`render_approval`: published, changed at the client's wish, published again, approved."""
    designer, client = stage.cast.actor("designer"), stage.cast.actor("client")
    _publish(stage, "This is how we would make it.")
    with stage.house.database.reading() as session:
        first = steps.manifest(session, session.get_one(Piece, stage.piece_id), "render_approval")
    at = stage.house.clock
    stage.refused(
        "the designer approves in the client's place",
        lambda session, piece: approvals.approve(session, piece, "render_approval", first, designer, at=at()),
    )
    with stage.step() as (session, piece):
        note = ASKED if len(stage.cads) > 1 else "May I see it once more before I say yes?"
        approvals.ask_changes(session, piece, "render_approval", note, client, at=at(), must_fix=True)
    stage.say("render_approval", f"changes asked: {note}")
    if len(stage.cads) > 1:
        _redraw(stage, first)
    else:
        _show_again(stage)
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, "render_approval")
        facts = approvals.read_back(session, piece)
        row = approvals.approve(session, piece, "render_approval", shown, client, at=at())
    stage.say("render_approval", f"approved: {facts.text()}; seal {row.digest[:8].upper()}")


def approve_at_once(stage: Stage) -> None:
    """`render_approval`: published and approved as it is."""
    client, clock = stage.cast.actor("client"), stage.house.clock
    _publish(stage, "Six claws and a plain band, low enough for work.")
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, "render_approval")
        approvals.approve(session, piece, "render_approval", shown, client, at=clock())


def _redraw(stage: Stage, first: str) -> None:
    """The next file answers the client; the drawing before it can no longer be approved."""
    client, answer = stage.cast.actor("client"), "As you asked."
    _hand_in(stage, stage.cads[-1], answer)
    _settle(stage)
    _finish(stage)
    _publish(stage, answer)
    stage.refused(
        "the client approves the drawing that was replaced",
        lambda session, piece: approvals.approve(
            session, piece, "render_approval", first, client, at=stage.house.clock()
        ),
    )


def _show_again(stage: Stage) -> None:
    """With one file there is nothing new to hand in: the same revision is shown once more."""
    house, path = stage.house, stage.cads[0]
    with path.open("rb") as content:
        stored = house.storage.put(chunks_of(content))
    stage.refused(
        "the same file is handed in as the next revision",
        lambda session, piece: designs.hand_in(
            session, house.storage, piece, stored, path.name, stage.cast.actor("designer"), at=house.clock()
        ),
    )
    _settle(stage)
    _finish(stage)
    _publish(stage, "The same drawing, once more.")


def _hand_in(stage: Stage, path: Path, note: str) -> None:
    house = stage.house
    with path.open("rb") as content:
        stored = house.storage.put(chunks_of(content))
    with stage.step() as (session, piece):
        revision = designs.hand_in(
            session,
            house.storage,
            piece,
            stored,
            path.name,
            stage.cast.actor("designer"),
            at=house.clock(),
            note=note,
            unit=_unit(stage, path),
        )
        number = revision.number
    stage.work()
    with house.database.reading() as session:
        revision = session.get_one(Piece, stage.piece_id).revisions[number - 1]
        if revision.refusal:
            raise FileRefused(revision.refusal)
        report = revision.report
        if report is None:
            raise Missing(f"Revision {number} was not examined.")
        weight = revision.weight_of(stage.alloy)
        bore = "no bore" if report.bore is None else f"bore {report.bore.diameter_mm:.3f} mm"
        metal = f"no weight: {report.weights_reason}" if weight is None else f"{weight} g in {stage.alloy}"
        words = f"revision {number}, {path.name}: {report.triangles:,} triangles, {bore}, {metal}, "
        words += f"{report.stone_count} stones, {len(revision.pictures)} pictures"
    stage.say("cad", words)


def _unit(stage: Stage, path: Path) -> str:
    """The designer's word for the unit: what the examination took it for, said in the report."""
    report = stage.reports[stage.cads.index(path)]
    return report.unit.unit.value


def _finish(stage: Stage) -> None:
    house, designer, lead = stage.house, stage.cast.actor("designer"), stage.cast.actor("lead")
    with house.database.reading() as session:
        piece = session.get_one(Piece, stage.piece_id)
        revision = piece.revision
        report = None if revision is None else revision.report
        answered = {one.code for one in piece.overrides if revision is not None and one.covers(revision)}
        blocks = () if report is None else tuple(one for one in report.blocks if one.code not in answered)
    for block in blocks:
        stage.refused(
            f"the drawing is finished in spite of its block {block.code}",
            lambda session, piece: designs.finish_drawing(session, piece, designer, at=house.clock()),
        )
        reason = stage.overrides.get(block.code) or stage.overrides.get("*")
        if reason is None:
            raise FileRefused(
                f"{block.message} Mend the file, or rehearse with --override {block.code}=REASON, "
                "as the workshop lead would."
            )
        with stage.step() as (session, piece):
            designs.override(session, piece, block.code, reason, lead, at=house.clock())
        stage.say("cad", f"block {block.code} overridden by {lead.name}: {reason}")
    with stage.step() as (session, piece):
        for kind in set(piece.template["cad"].evidence) - designs.EXAMINED:
            production.show(session, piece, "cad", kind, designer, at=house.clock())
        designs.finish_drawing(session, piece, designer, at=house.clock())


def _publish(stage: Stage, note: str) -> None:
    with stage.step() as (session, piece):
        at = stage.house.clock()
        revision = designs.publish(session, piece, stage.cast.actor("designer"), at=at, note=note)
        stage.say("render_approval", f"revision {revision.number} is before the client: {note}")


def _settle(stage: Stage) -> None:
    with stage.step() as (session, piece):
        for revision in piece.revisions:
            _settle_pins(stage, session, piece, revision.number)


def _settle_pins(stage: Stage, session: Session, piece: Piece, number: int) -> None:
    revision = piece.revisions[number - 1]
    for pin in revision.pins:
        if pin.settled_at is None:
            at = stage.house.clock()
            pins.settle(session, revision, pin, "Answered with this revision.", stage.cast.actor("designer"), at=at)
