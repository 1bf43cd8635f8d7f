"""One figure with its reference, the ratio between them, and what was promised."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """`ratio` is what is judged: at most or at least `bound`. Without a reference the value is judged."""

    name: str
    value: str
    reference: str
    ratio: float
    bound: float
    at_most: bool = True
    parts: str = ""  # what ours is made of, for one that is missed

    @property
    def met(self) -> bool:
        return self.ratio <= self.bound if self.at_most else self.ratio >= self.bound

    def line(self) -> str:
        sign = "<=" if self.at_most else ">="
        verdict = "met" if self.met else "MISSED"
        figures = f"{self.value:>16} {self.reference:>22} {self.ratio:>8.2f}"
        missed = f"\n  missed: {self.parts}" if self.parts and not self.met else ""
        return f"{self.name:<44} {figures} {sign} {self.bound:<6g} {verdict}{missed}"


HEADER = f"{'figure':<44} {'ours':>16} {'reference':>22} {'ratio':>8}    bound"


def median_ratio(ours: Sequence[float], reference: Sequence[float]) -> float:
    """The median of the rounds' ratios: a slow round of the machine slows both sides of it."""
    return statistics.median(a / b for a, b in zip(ours, reference, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def peak_mb() -> float:
    """Of this program alone: getrusage() counts what the parent held when it began the process."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
