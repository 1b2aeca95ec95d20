"""What is wrong with a template: none may strand a piece, or let an irreversible step begin unguarded."""

from workflows.milestone import Milestone, Skippable, Template, release_of
from workflows.quality import CHECK_POINTS

INSTALMENTS = ("deposit", "progress", "balance")
STONES = ("chosen", "locked", "in_hand")
POINTS = frozenset(point.key for point in CHECK_POINTS)


def faults(template: Template) -> tuple[str, ...]:
    """What is wrong with a template, a sentence each; empty when nothing is."""
    found = _name_faults(template)
    if found:
        return tuple(found)
    found = [
        f"{milestone.key} comes after itself."
        for milestone in template.milestones
        if milestone.key in template.before(milestone.key)
    ]
    if found:
        return tuple(found)
    if sum(not milestone.after for milestone in template.milestones) != 1:
        found.append("Exactly one milestone must come first.")
    if not any(milestone.hands_over for milestone in template.milestones):
        found.append("The piece is never handed over.")
    if template.quantity < 1:
        found.append("A piece is at least one object.")
    allowed = template.size_tolerance_mm
    if allowed is not None and not (allowed.is_finite() and allowed > 0):
        found.append("A size tolerance is a positive number of millimetres.")
    for milestone in template.milestones:
        found += _yes_faults(milestone)
        found += _value_faults(template, milestone)
        found += _way_faults(template, milestone)
        if milestone.irreversible:
            found += _guard_faults(template, milestone)
    return tuple(found)


def _name_faults(template: Template) -> list[str]:
    if not template.milestones:
        return ["It has no milestones."]
    seen = [milestone.key for milestone in template.milestones]
    twice = [f"{key} is listed twice." for key in sorted({key for key in seen if seen.count(key) > 1})]
    unknown = [
        f"{milestone.key} names {other}, which is not in the template."
        for milestone in template.milestones
        for other in _named(milestone)
        if other not in seen
    ]
    return twice + unknown


def _named(milestone: Milestone) -> tuple[str, ...]:
    changes = (milestone.changes_to,) if milestone.changes_to else ()
    return (*milestone.after, *milestone.needs, *milestone.rework_to, *milestone.not_by_makers_of, *changes)


def _yes_faults(milestone: Milestone) -> list[str]:
    key, found = milestone.key, []
    if not milestone.acts:
        found.append(f"Nobody may do {key}.")
    if not milestone.evidence:
        found.append(f"{key} could be called done without evidence.")
    found += [
        f"{key} does without {name} where there are no stones, and never asks for it."
        for name in milestone.only_with_stones
        if name not in milestone.evidence
    ]
    if milestone.approves and milestone.releases:
        found.append(f"{key} is both approved and released; it must be one of them.")
    if (milestone.approves or milestone.releases) and not milestone.rests_on:
        found.append(f"What is said yes to at {key} is not named.")
    if milestone.releases and len(milestone.acts | milestone.releases) == 1:
        found.append(f"Whoever asks for the release of {key} is the only one who could give it.")
    return found


def _value_faults(template: Template, milestone: Milestone) -> list[str]:
    key, found = milestone.key, []
    if milestone.money is not None and milestone.money not in INSTALMENTS:
        found.append(f"{key} asks for the instalment {milestone.money}; there are {', '.join(INSTALMENTS)}.")
    if milestone.stones is not None and milestone.stones not in STONES:
        found.append(f"{key} asks for stones {milestone.stones}; there are {', '.join(STONES)}.")
    if milestone.gauge and not milestone.releases:
        found.append(f"{key} asks for a gauge, but nobody releases it.")
    if milestone.gauge and template.sized and not milestone.sized:
        found.append(f"{key} reads a gauge against a size it does not ask for.")
    if (milestone.gauge or milestone.sized) and not template.sized:
        found.append(f"{key} asks for a size, and the piece has none.")
    found += [f"{key} checks {name}, which is no point of a check." for name in milestone.checks if name not in POINTS]
    if milestone.not_by_makers_of and not milestone.checks:
        found.append(f"{key} is a check by other hands, and names no point they read.")
    if milestone.makes_metal and not milestone.irreversible:
        found.append(f"{key} makes metal and says it can be undone.")
    if milestone.makes_metal and not milestone.freezes:
        found.append(f"{key} makes metal and freezes nothing.")
    half, most = milestone.typical_days
    if not 0 <= half <= most:
        found.append(f"{key} takes between {half} and {most} days, which is no span.")
    return found


def _way_faults(template: Template, milestone: Milestone) -> list[str]:
    key, before = milestone.key, template.before(milestone.key)
    found = [
        f"{key} needs the approval of {other}, which nobody approves."
        for other in milestone.needs
        if not template[other].approves
    ]
    found += [
        f"{key} needs the approval of {other}, which does not come before it."
        for other in milestone.needs
        if other not in before
    ]
    found += [
        f"Rework from {key} may not lead on to {other}."
        for other in milestone.rework_to
        if other not in before and other != key
    ]
    if milestone.changes_to and not milestone.approves:
        found.append(f"Nobody could ask for changes at {key}, which nobody approves.")
    if milestone.changes_to and milestone.changes_to not in before | {key}:
        found.append(f"Changes asked at {key} may not lead on to {milestone.changes_to}.")
    return found


def _guard_faults(template: Template, milestone: Milestone) -> list[str]:
    key, found = milestone.key, []
    if not milestone.needs:
        found.append(f"{key} cannot be undone and needs no approval.")
    elif all(_may_be_left_out(template[other], milestone) for other in milestone.needs):
        found.append(f"{key} cannot be undone, and every approval it needs may be left out.")
    if milestone.money is None:
        found.append(f"{key} cannot be undone and needs no money.")
    if template.sized and not milestone.sized:
        found.append(f"{key} cannot be undone and does not ask for the size.")
    at = release_of(template, key)
    if at is None:
        found.append(f"{key} cannot be undone and no second person releases it.")
    elif template[at].skip is not Skippable.NEVER and at != key:
        found.append(f"{key} cannot be undone, and its release may be left out.")
    elif template.sized and not any(_always_gauged(template[other], at) for other in template.before(key) | {at}):
        found.append(f"{key} cannot be undone, and nobody reads the size from a gauge before it.")
    if milestone.approves:
        found.append(f"{key} cannot be undone, so what is approved must be a milestone before it.")
    if milestone.hands_over:
        found.append(f"{key} hands the piece over; that is not work on it.")
    return found


def _may_be_left_out(approval: Milestone, of: Milestone) -> bool:
    """Whether the work could be done without this yes: what both are left out for together is no such case."""
    together = approval.skip is of.skip and approval.skip in {Skippable.STONELESS, Skippable.UNENGRAVED}
    return approval.skip is not Skippable.NEVER and not together


def _always_gauged(milestone: Milestone, release: str) -> bool:
    """Whether the gauge is read there whatever is left out; the release itself goes only with its work."""
    return milestone.gauge and (milestone.skip is Skippable.NEVER or milestone.key == release)
