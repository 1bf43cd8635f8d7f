"""Begins the epoch that headquarters gave out for a replaced or restored box."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.jobs.contract import Arguments, Job, Refused
from services.store import box, db, journal, sales, shifts

USAGE = "give what headquarters printed: new_epoch EPOCH [TILL=LAST_NUMBER[/LAST_Z] ...]"

_WORD = re.compile(r"(?:([A-Za-z0-9_-]{1,32})=)?([0-9]{1,18})(?:/([0-9]{1,18}))?")


def begin(epoch: int, used: Mapping[str, int], used_z: Mapping[str, int] | None = None) -> str:
    """Set the box's epoch and say what follows. `used` are the last receipt numbers that headquarters
    knows, by till, and `used_z` those of shifts and their Zs: none of them is given out again. Raises
    Refused for an epoch that is over."""
    with db.write():
        before = int(box.get("epoch", "1"))
        if epoch < before:
            raise Refused(f"this box is in epoch {before} already: epochs only go forward")
        box.put("epoch", str(epoch))
        for till, number in used.items():
            sales.skip_numbers(till, number)
        for till, number in (used_z or {}).items():
            shifts.skip_numbers(till, number)
        seq, _ = journal.head()
    if epoch == before:
        return f"this is epoch {epoch} already"
    return f"epoch {before} is over, epoch {epoch} begins: headquarters gets events 1 to {seq} again"


def _run(arguments: Arguments) -> str:
    words = [_WORD.fullmatch(word) for word in arguments.words]
    told = [(word[1], int(word[2]), int(word[3] or 0)) for word in words if word]
    tills = [till for till, _, _ in told[1:]]
    if len(told) < len(words) or not told or None in tills:
        raise Refused(USAGE)
    (no_till, epoch, no_z), *last = told
    if no_till or no_z or not epoch:
        raise Refused(USAGE)
    return begin(epoch, {till: n for till, n, _ in last}, {till: z for till, _, z in last if z})


JOB = Job(key="new_epoch", run=_run)
