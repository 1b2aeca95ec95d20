"""A template drawn and told: a Mermaid diagram of its milestones and tables of what holds each one closed."""

from collections.abc import Sequence

from workflows.milestone import Milestone, Skippable, Template, release_of
from workflows.roles import spoken

_SKIPS = {
    Skippable.NEVER: "",
    Skippable.WITH_REASON: "with a reason",
    Skippable.UNMARKED: "where the law asks for no mark, with a reason",
    Skippable.STONELESS: "without stones",
    Skippable.UNENGRAVED: "without an engraving",
}
_STONES = {"chosen": "stones put forward", "locked": "stones locked", "in_hand": "stones locked and in the house"}


def mermaid(template: Template) -> str:
    """A Mermaid flowchart: rounded is approved, a hexagon a second person's release, a double box irreversible."""
    lines = ["flowchart TD"]
    lines += [f"    {milestone.key}{_box(milestone)}" for milestone in template.milestones]
    for milestone in template.milestones:
        for other in milestone.after:
            arrow = "-->" if template[other].skip is Skippable.NEVER else "-. if any .->"
            lines.append(f"    {other} {arrow} {milestone.key}")
    irreversible = [milestone.key for milestone in template.milestones if milestone.irreversible]
    if irreversible:
        lines.append("    classDef irreversible stroke-width:3px")
        lines.append(f"    class {','.join(irreversible)} irreversible")
    return "\n".join(lines)


def milestone_table(template: Template) -> str:
    """A Markdown table: each milestone, who does it, who says yes, its evidence, when it may be left out."""
    rows = [
        (
            f"`{milestone.key}`",
            milestone.title,
            spoken(milestone.acts),
            spoken(milestone.approves)
            or (f"second person: {spoken(milestone.releases)}" if milestone.releases else ""),
            ", ".join(name.replace("_", " ") for name in milestone.evidence),
            _SKIPS[milestone.skip],
        )
        for milestone in template.milestones
    ]
    return _table(("key", "milestone", "done by", "said yes to by", "evidence", "left out"), rows)


def gate_table(template: Template) -> str:
    """A Markdown table: what holds each milestone closed, what it fixes, and where rework from it may lead."""
    rows = [
        (
            f"`{milestone.key}`",
            "; ".join(_gates(template, milestone)),
            ", ".join(facet.value for facet in milestone.rests_on),
            ", ".join(facet.value for facet in milestone.freezes),
            ", ".join(f"`{key}`" for key in milestone.rework_to),
        )
        for milestone in template.milestones
    ]
    return _table(("key", "closed until", "is about", "fixes", "rework to"), rows)


def _box(milestone: Milestone) -> str:
    if milestone.irreversible:
        return f'[["{milestone.title}"]]'
    if milestone.approves:
        return f'("{milestone.title}")'
    if milestone.releases:
        return f'{{{{"{milestone.title}"}}}}'
    return f'["{milestone.title}"]'


def _gates(template: Template, milestone: Milestone) -> list[str]:
    found = [f"`{key}` approved" for key in milestone.needs]
    if milestone.needs:
        found.append("all before it done")
    if milestone.money:
        found.append(f"{milestone.money} cleared")
    if milestone.stones:
        found.append(_STONES[milestone.stones])
    if milestone.checked:
        found.append("CAD report answered")
    if milestone.sized and template.sized:
        found.append("size confirmed by the client")
    if milestone.gauge:
        found.append("size read from a gauge")
    if milestone.irreversible:
        at = release_of(template, milestone.key)
        found.append("released by a second person" if at == milestone.key else f"released at `{at}`")
    if milestone.not_by_makers_of:
        found.append("other hands than the makers'; no failed reading")
    return found


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines: list[tuple[str, ...]] = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
