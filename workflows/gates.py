"""What holds a milestone closed: each gate is a pure function from a snapshot to a reason, or None."""

from collections.abc import Callable

from workflows.checklist import unread
from workflows.faults import INSTALMENTS
from workflows.milestone import Milestone, release_of
from workflows.money import Money
from workflows.sentences import listed, sentence, together
from workflows.snapshot import PASSED, Course, Hold, Snapshot, Status

_SPOKEN = {
    "deposit": sentence("deposit"),
    "progress": sentence("progress payment"),
    "balance": sentence("balance"),
}

Gate = Callable[[Snapshot, Milestone], str | None]


def live(piece: Snapshot, milestone: Milestone) -> str | None:
    """The piece is being worked on."""
    if piece.course is Course.PAUSED:
        return sentence("%(reference)s is paused; resume it first.", reference=piece.reference)
    if piece.course is Course.CANCELLED:
        return sentence("%(reference)s was cancelled.", reference=piece.reference)
    return None


def approvals_live(piece: Snapshot, milestone: Milestone) -> str | None:
    """What this milestone rests on still has its yes, or was rightly left out."""
    missing = [
        piece.template[key].title.lower()
        for key in milestone.needs
        if piece.status(key) is not Status.SKIPPED and not piece.approved(key)
    ]
    if not missing:
        return None
    return sentence(
        "There is no live approval of the %(missing)s; ask the client for it first.", missing=listed(missing, "and the")
    )


def ground_whole(piece: Snapshot, milestone: Milestone) -> str | None:
    """Nothing that comes before was reopened, however far back."""
    if not milestone.needs:
        return None
    before = piece.template.before(milestone.key) - set(milestone.needs)  # those are told by their missing yes
    reopened = [m.title for m in piece.template.milestones if m.key in before and piece.status(m.key) not in PASSED]
    if not reopened:
        return None
    return sentence(
        "%(reopened)s %(case)s open again; finish that first.",
        reopened=listed(reopened),
        case=sentence("is") if len(reopened) == 1 else sentence("are"),
    )


def money_cleared(piece: Snapshot, milestone: Milestone) -> str | None:
    """The named instalment, and every one before it, has been received and cleared."""
    if milestone.money is None:
        return None
    if not any(instalment.key == "deposit" for instalment in piece.plan):
        return sentence("No payment plan has been agreed; send the firm quote first.")
    due = INSTALMENTS[: INSTALMENTS.index(milestone.money) + 1]
    for key in due:
        for instalment in (part for part in piece.plan if part.key == key):
            missing = instalment.due_minor - instalment.cleared_minor
            if missing > 0:
                return sentence(
                    "%(money)s of the %(instalment)s of %(money2)s has not been received and "
                    "cleared; wait for it, or remind the client.",
                    money=Money(missing, instalment.currency),
                    instalment=_SPOKEN[key],
                    money2=Money(instalment.due_minor, instalment.currency),
                )
    return None


def size_confirmed(piece: Snapshot, milestone: Milestone) -> str | None:
    """The client has confirmed a size, and a measured one where the piece can never be resized."""
    if not (milestone.sized and piece.template.sized):
        return None
    if piece.size is None:
        return sentence("No size has been recorded; measure it and let the client confirm it.")
    if piece.size.guessed and piece.fixed_size:
        return sentence("The size is a guess, and this piece can never be resized; measure the finger.")
    if not piece.size.confirmed_by_client:
        return sentence("The client has not confirmed the size; ask for that first.")
    return None


def stones_ready(piece: Snapshot, milestone: Milestone) -> str | None:
    """The stones are as far as this milestone needs them."""
    if milestone.stones is None:
        return None
    for stone in piece.stones:
        if stone.taken:
            return sentence(
                "Stone %(reference)s belongs to another commission; choose another one.", reference=stone.reference
            )
        if milestone.stones != "chosen" and stone.hold is not Hold.LOCKED:
            return sentence(
                "Stone %(reference)s is not locked for this commission; cleared money locks it.",
                reference=stone.reference,
            )
        if milestone.stones == "in_hand" and not stone.in_hand:
            return sentence(
                "Stone %(reference)s is not in the house; receive and measure it first.", reference=stone.reference
            )
        if milestone.stones == "in_hand" and stone.on_memo:
            return sentence("Stone %(reference)s is on memo; buy it before the work begins.", reference=stone.reference)
    return None


def stones_chosen(piece: Snapshot, milestone: Milestone) -> str | None:
    """There is a stone to be chosen at all."""
    if milestone.stones == "chosen" and not piece.stones:
        return sentence("No stone has been put forward; put one forward, or leave this out of a piece without stones.")
    return None


def report_answered(piece: Snapshot, milestone: Milestone) -> str | None:
    """Every block of the CAD report was mended or answered by name."""
    if not milestone.checked:
        return None
    for finding in piece.findings:
        if not finding.answered:
            return sentence(
                "%(message)s Mend the drawing, or let the workshop lead override it with a reason.",
                message=finding.message,
            )
    return None


def within_quote(piece: Snapshot, milestone: Milestone) -> str | None:
    """The drawing's weight is within what the quote allowed."""
    # where the drawing itself is made its weight is only found out; who asks for a yes or a release must heed it
    heeds = milestone.approves or milestone.releases or milestone.irreversible
    if not (milestone.checked and heeds) or piece.weight is None or not piece.weight.outside:
        return None
    return sentence(
        "The drawing weighs %(cad_g)s g, the quote assumed %(assumed_g)s g and allows "
        "%(allowance_g)s g either way; a change order comes first.",
        cad_g=piece.weight.cad_g,
        assumed_g=piece.weight.assumed_g,
        allowance_g=piece.weight.allowance_g,
    )


def remarks_settled(piece: Snapshot, milestone: Milestone) -> str | None:
    """No remark that must be answered is open."""
    if not milestone.checked or piece.must_fix == 0:
        return None
    many = "remark is" if piece.must_fix == 1 else "remarks are"
    return sentence(
        "%(must_fix)s %(many)s still to be answered; answer what the client asked first.",
        must_fix=piece.must_fix,
        many=many,
    )


def checks_passed(piece: Snapshot, milestone: Milestone) -> str | None:
    """Every point of the final check was read in the last round, and none is outside its limits."""
    missing = unread(piece, milestone)
    if missing:
        return sentence(
            "Still to be checked: %(missing)s. Read them in one round, then pass the piece.",
            missing=together(missing, "; "),
        )
    if not milestone.not_by_makers_of or not piece.failed_checks:
        return None
    failed = together(piece.failed_checks, ", ")
    return sentence(
        "Failed: %(failed)s. Send the piece back, or let the workshop lead accept it with a reason.", failed=failed
    )


def released(piece: Snapshot, milestone: Milestone) -> str | None:
    """A second person let a step begin that cannot be undone, and the gauge still agrees with the order."""
    at = release_of(piece.template, milestone.key) if milestone.irreversible else None
    if not milestone.irreversible or at is None:
        return None
    if not piece.released(at):
        return sentence(
            "%(title)s cannot be undone and nobody has released it; ask a second person to.", title=milestone.title
        )
    reading = piece.off_gauge(at)
    if reading is not None and piece.size is not None:
        return sentence(
            "The gauge read %(reading)s mm at the release, the order now says "
            "%(diameter_mm)s mm; have it released again.",
            reading=reading,
            diameter_mm=piece.size.diameter_mm,
        )
    return None


BEFORE_WORK: tuple[Gate, ...] = (live, approvals_live, ground_whole, money_cleared, size_confirmed, stones_ready)
BEFORE_RELEASE: tuple[Gate, ...] = (*BEFORE_WORK, report_answered, within_quote, remarks_settled)
BEFORE_IRREVERSIBLE: tuple[Gate, ...] = (*BEFORE_RELEASE, released)
BEFORE_YES: tuple[Gate, ...] = (*BEFORE_WORK, stones_chosen, report_answered, within_quote, remarks_settled)
BEFORE_DONE: tuple[Gate, ...] = (*BEFORE_WORK, stones_chosen, report_answered, within_quote, checks_passed)
AFTER_THE_FACT: tuple[Gate, ...] = (live,)  # what cannot be undone has happened; writing it down is never refused


def closed(piece: Snapshot, milestone: Milestone, gates: tuple[Gate, ...]) -> tuple[str, ...]:
    """The reasons why a milestone is held closed; empty when it is free."""
    return tuple(reason for gate in gates if (reason := gate(piece, milestone)) is not None)
