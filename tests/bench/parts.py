"""Where the processor's time of one checkout goes, part by part: what a missed figure is made of."""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

from services.store.db import Ledger

SALES = 200
_TABLE = re.compile(r"(?:INTO|FROM|UPDATE) (\w+)")
_SHOWN = 8  # the dearest statements by name, the rest as one


def profile(prepare: Callable[[], Any], steps: Sequence[tuple[str, Callable[[Any], Any]]]) -> str:
    """Median microseconds of processor time of each step, of the commit, and of each statement within; what
    is left of a step is our own Python. One till alone: eight share a commit, and take turns besides."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    of_sale: defaultdict[str, float] = defaultdict(float)

    def timed(name: str | None, real: Callable[..., Any]) -> Callable[..., Any]:
        def run(ledger: Ledger, *args: Any) -> Any:
            begun = time.thread_time_ns()
            try:
                return real(ledger, *args)
            finally:
                of_sale[name or _table(args[0])] += time.thread_time_ns() - begun

        return run

    with (
        patch.object(Ledger, "execute_sql", timed(None, Ledger.execute_sql)),
        patch.object(Ledger, "execute_many", timed(None, Ledger.execute_many)),
        patch.object(Ledger, "_commit", timed("commit and sync", Ledger._commit)),
    ):
        for _ in range(SALES):
            made = prepare()
            for name, step in steps:
                of_sale.clear()
                begun = time.thread_time_ns()
                made = step(made)
                own = time.thread_time_ns() - begun - sum(of_sale.values())
                for part, took in (*of_sale.items(), (f"{name}, Python", own)):
                    spent[part].append(took / 1e3)
    medians = sorted(((statistics.median(took), part) for part, took in spent.items()), reverse=True)
    rest = sum(took for took, _ in medians[_SHOWN:])
    told = [f"{part} {took:.0f}" for took, part in medians[:_SHOWN]]
    return f"CPU us of one till alone: {', '.join([*told, f'the rest {rest:.0f}'])}"


def _table(sql: str) -> str:
    found = _TABLE.search(sql)
    return found[1] if found else sql[:20]
