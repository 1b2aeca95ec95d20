"""What a gem asks of its wearer and of the bench: soft stones in daily rings, heat before setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflows.gems.checks import Finding, Level
from workflows.gems.species import Bench, Gem
from workflows.sentences import sentence, together

_SOFT_BELOW = Decimal(7)
_UNTOUCHABLE = frozenset({"F", "U", "C"})  # filled, diffused, coated: no ultrasonic, steam or torch


@dataclass(frozen=True, slots=True)
class BenchAdvice:
    """What a stone, treated as it is, stands at the bench."""

    ultrasonic: Bench
    steam: Bench
    torch: Bench


@dataclass(frozen=True, slots=True)
class BenchStep:
    """One step in the planned order; `heats` the whole piece, `sets` these gems into it."""

    key: str
    heats: bool = False
    sets: tuple[Gem, ...] = ()


def bench_advice(stone: Gem, treatments: Sequence[str] = ()) -> BenchAdvice:
    """The table's advice for a gem, all of it no once the stone is filled, diffused or coated (codes F, U, C)."""
    if _UNTOUCHABLE & set(treatments):
        return BenchAdvice(Bench.NO, Bench.NO, Bench.NO)
    return BenchAdvice(stone.ultrasonic, stone.steam, stone.torch)


def daily_wear(stone: Gem) -> Finding | None:
    """The warning a soft or cleaving stone in a daily ring needs, None for a sturdy one (R-45).

    The client acknowledges the care note that goes with it.
    """
    if stone.mohs[0] >= _SOFT_BELOW and not stone.cleavage:
        return None
    why = (
        sentence("can split along one plane")
        if stone.cleavage
        else sentence("is soft (Mohs %(mohs)s)", mohs=stone.mohs[0])
    )
    text = sentence(
        "%(stone)s %(why)s: for a ring worn daily choose a bezel or a protecting head.",
        stone=stone.name.capitalize(),
        why=why,
    )
    return Finding("R-45", Level.WARN, "gem", together([part for part in (text, stone.care) if part]))


def heat_after_setting(steps: Sequence[BenchStep]) -> tuple[Finding, ...]:
    """A blocking finding for every step that heats a piece in which a stone without torch leave is set (R-46)."""
    found, waiting = [], set[str]()
    for step in steps:
        if step.heats and waiting:
            names = ", ".join(sorted(waiting))
            text = sentence(
                "%(step)s needs heat and must come before the setting of %(names)s.", step=step.key, names=names
            )
            found.append(Finding("R-46", Level.BLOCK, step.key, text))
        waiting.update(stone.name for stone in step.sets if stone.torch is not Bench.OK)
    return tuple(found)
