"""What a timing is: what was measured, against which target, and how disturbed the machine was meanwhile."""

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

SPIN = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; values are in `unit`, `cpu` is what processors spent on it where that is known."""

    what: str
    unit: str
    values: Sequence[float]
    target: float | None = None
    cpu: Sequence[float] = ()
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of what was measured."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or `met by CPU`: the clock was stopped by others, the work itself is within."""
        if self.target is None:
            return ""
        if self.median <= self.target:
            return "met"
        return "met by CPU" if self.cpu and statistics.median(self.cpu) <= self.target else "missed"

    def as_facts(self) -> dict[str, object]:
        """As it stands in the JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "target": self.target,
            "min": min(self.values),
            "median": self.median,
            "max": max(self.values),
            "cpu_median": statistics.median(self.cpu) if self.cpu else None,
            "runs": len(self.values),
            "verdict": self.verdict,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and how busy it was: a loop takes longer by the clock than by the processor when others run."""

    cores: int
    load: tuple[float, float, float]
    loop_wall_ms: float
    loop_cpu_ms: float

    @classmethod
    def now(cls) -> "Machine":
        """As it is at this moment."""
        began, used = time.perf_counter(), time.process_time()
        for _ in range(SPIN):
            pass
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        return cls(os.cpu_count() or 1, os.getloadavg(), wall * 1000, cpu * 1000)

    def __str__(self) -> str:
        load = "/".join(f"{one:.1f}" for one in self.load)
        return (
            f"{self.cores} cores, load {load}; a loop of a million: {self.loop_wall_ms:.0f} ms by the clock, "
            f"{self.loop_cpu_ms:.0f} ms of processor"
        )


def table(rows: Sequence[Row]) -> str:
    """All rows for people."""
    head = ("what", "target", "min", "median", "max", "cpu", "unit", "verdict")
    lines = [head]
    for row in rows:
        facts = row.as_facts()
        figures = [facts[name] for name in ("target", "min", "median", "max", "cpu_median")]
        told = ["" if figure is None else f"{figure:.4g}" for figure in figures]
        lines.append((row.what, *told, row.unit, f"{row.verdict}  {row.note}".strip()))
    wide = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(wide[n]) for n, cell in enumerate(line)).rstrip() for line in lines)
