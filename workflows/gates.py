"""What holds a milestone closed: each gate is a pure function from a snapshot to a reason, or None."""

from collections.abc import Callable

from workflows.snapshot import INSTALMENTS, Course, Hold, Snapshot
from workflows.template import Milestone, release_of

Gate = Callable[[Snapshot, Milestone], str | None]


def live(piece: Snapshot, milestone: Milestone) -> str | None:
    """The piece is being worked on."""
    if piece.course is Course.PAUSED:
        return f"{piece.reference} is paused; resume it first."
    if piece.course is Course.CANCELLED:
        return f"{piece.reference} was cancelled."
    return None


def approvals_live(piece: Snapshot, milestone: Milestone) -> str | None:
    """What this milestone rests on still has its yes."""
    missing = [piece.template[key].title.lower() for key in milestone.needs if not piece.approved(key)]
    if not missing:
        return None
    return f"Without a live approval of the {' and the '.join(missing)} this may not begin; ask for it again."


def money_cleared(piece: Snapshot, milestone: Milestone) -> str | None:
    """The named instalment, and every one before it, has been received and cleared."""
    if milestone.money is None:
        return None
    if not any(instalment.key == "deposit" for instalment in piece.plan):
        return "No payment plan has been agreed; send the firm quote first."
    rank = INSTALMENTS.index(milestone.money)
    for instalment in piece.plan:
        missing = instalment.due_minor - instalment.cleared_minor
        if INSTALMENTS.index(instalment.key) <= rank and missing > 0:
            return (
                f"{missing} of {instalment.due_minor} minor units {instalment.currency} of the "
                f"{instalment.key} is still to be received and cleared."
            )
    return None


def size_confirmed(piece: Snapshot, milestone: Milestone) -> str | None:
    """The client has confirmed a size that was measured."""
    if not (milestone.sized and piece.template.sized):
        return None
    if piece.size is None:
        return "No size has been recorded; measure it and let the client confirm it."
    if piece.size.guessed and piece.fixed_size:
        return "The size is a guess, and this piece can never be resized; measure the finger."
    if not piece.size.confirmed_by_client:
        return "The client has not confirmed the size."
    return None


def stones_ready(piece: Snapshot, milestone: Milestone) -> str | None:
    """The stones are as far as this milestone needs them."""
    if milestone.stones is None:
        return None
    for stone in piece.stones:
        if stone.taken:
            return f"Stone {stone.reference} belongs to another commission; choose another one."
        if milestone.stones == "locked" and stone.hold is not Hold.LOCKED:
            return f"Stone {stone.reference} is not locked for this commission; cleared money locks it."
        if milestone.stones == "in_hand":
            if not stone.in_hand:
                return f"Stone {stone.reference} is not in the house; receive and measure it first."
            if stone.on_memo:
                return f"Stone {stone.reference} is on memo; buy it before the work begins."
    return None


def stones_chosen(piece: Snapshot, milestone: Milestone) -> str | None:
    """There is a stone to be chosen at all."""
    if milestone.stones == "chosen" and not piece.stones:
        return "No stone has been put forward; put one forward, or skip this for a piece without stones."
    return None


def report_answered(piece: Snapshot, milestone: Milestone) -> str | None:
    """Every block of the CAD report was mended or answered by name."""
    if not milestone.checked:
        return None
    for finding in piece.findings:
        if not finding.answered:
            return f"{finding.message} Mend the drawing, or let the workshop lead override it with a reason."
    return None


def within_quote(piece: Snapshot, milestone: Milestone) -> str | None:
    """The drawing's weight is within what the quote allowed."""
    if milestone.key == "cad" or not milestone.checked or piece.weight is None or not piece.weight.outside:
        return None
    return (
        f"The drawing weighs {piece.weight.cad_g} g, the quote assumed {piece.weight.assumed_g} g and allows "
        f"{piece.weight.allowance_g} g either way; a change order comes first."
    )


def remarks_settled(piece: Snapshot, milestone: Milestone) -> str | None:
    """No remark that must be answered is open."""
    if not milestone.checked or piece.must_fix == 0:
        return None
    many = "remark is" if piece.must_fix == 1 else "remarks are"
    return f"{piece.must_fix} {many} still to be answered before this can be approved."


def checks_passed(piece: Snapshot, milestone: Milestone) -> str | None:
    """No reading of the final check is outside its limits."""
    if not milestone.not_by_makers_of or not piece.failed_checks:
        return None
    return f"{', '.join(piece.failed_checks)} failed; send the piece back, or accept it with a reason."


BEFORE_WORK: tuple[Gate, ...] = (live, approvals_live, money_cleared, size_confirmed, stones_ready)
BEFORE_YES: tuple[Gate, ...] = (
    live,
    approvals_live,
    size_confirmed,
    stones_ready,
    stones_chosen,
    report_answered,
    within_quote,
    remarks_settled,
)
BEFORE_DONE: tuple[Gate, ...] = (
    *BEFORE_WORK,
    stones_chosen,
    report_answered,
    within_quote,
    checks_passed,
)


def closed(piece: Snapshot, milestone: Milestone, gates: tuple[Gate, ...]) -> tuple[str, ...]:
    """The reasons why a milestone is held closed; empty when it is free."""
    return tuple(reason for gate in gates if (reason := gate(piece, milestone)) is not None)


def released(piece: Snapshot, milestone: Milestone) -> str | None:
    """A second person let a step begin that cannot be undone."""
    if not milestone.irreversible:
        return None
    at = release_of(piece.template, milestone.key)
    if at is not None and piece.released(at):
        return None
    return f"{milestone.title} cannot be undone and nobody has released it; a second person must."
