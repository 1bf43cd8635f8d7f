"""Begins the epoch that headquarters gave out for a replaced or restored box."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.jobs.contract import Arguments, Job, Refused
from services.store import box, db, journal, sales

USAGE = "give what headquarters printed: new_epoch EPOCH [TILL=LAST_NUMBER ...]"

_WORD = re.compile(r"(?:([A-Za-z0-9_-]{1,32})=)?([0-9]{1,18})")


def begin(epoch: int, used: Mapping[str, int]) -> str:
    """Set the box's epoch and say what follows. `used` are the last receipt numbers that headquarters
    knows, by till: none of them is given out again. Raises Refused for an epoch that is over."""
    with db.write():
        before = int(box.get("epoch", "1"))
        if epoch < before:
            raise Refused(f"this box is in epoch {before} already: epochs only go forward")
        box.put("epoch", str(epoch))
        for till, number in used.items():
            sales.skip_numbers(till, number)
        seq, _ = journal.head()
    if epoch == before:
        return f"this is epoch {epoch} already"
    return f"epoch {before} is over, epoch {epoch} begins: headquarters gets events 1 to {seq} again"


def _run(arguments: Arguments) -> str:
    words = [_WORD.fullmatch(word) for word in arguments.words]
    pairs = [(word[1], int(word[2])) for word in words if word]
    tills = [till for till, _ in pairs[1:]]
    if not pairs or len(pairs) < len(words) or pairs[0][0] or not pairs[0][1] or None in tills:
        raise Refused(USAGE)
    return begin(pairs[0][1], dict(pairs[1:]))


JOB = Job(key="new_epoch", run=_run)
