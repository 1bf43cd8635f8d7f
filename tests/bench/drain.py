"""A backlog of 20,000 sales on its way to HQ, beside a bare paho loop with the same batches."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.figure import Figure
from tests.uplink.drain_bench import measure

BOUND = 0.85


def figures() -> Iterator[Figure]:
    """Three readings of one promise: our side alone, all the way to HQ's disk, and that beside a loop
    which sends to nobody."""
    result = measure()
    yield _figure("drain, HQ answers without looking", result.carried, "bare loop", result.bare)
    yield _figure("drain until HQ has committed", result.drained, "bare, same HQ", result.bare_hq)
    yield _figure("drain until HQ has committed", result.drained, "bare, to nobody", result.bare)


def _figure(name: str, ours: float, what: str, reference: float) -> Figure:
    return Figure(
        name, f"{ours:,.0f} ev/s", f"{what} {reference:,.0f}", ours / reference, BOUND, at_most=False
    )
