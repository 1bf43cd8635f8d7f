"""Begins the epoch that headquarters gave out for a replaced or restored box."""

from __future__ import annotations

from services.jobs.contract import Arguments, Job, Refused
from services.store import box, db, journal

EPOCH_MAX = 2**63 - 1


def begin(epoch: int) -> str:
    """Set the box's epoch and say what follows. Raises Refused for an epoch that is over."""
    with db.write():
        before = int(box.get("epoch", "1"))
        if epoch < before:
            raise Refused(f"this box is in epoch {before} already: epochs only go forward")
        box.put("epoch", str(epoch))
        seq, _ = journal.head()
    if epoch == before:
        return f"this is epoch {epoch} already: nothing changed"
    return f"epoch {before} is over, epoch {epoch} begins: headquarters gets events 1 to {seq} again"


def _run(arguments: Arguments) -> str:
    (word,) = arguments.words if len(arguments.words) == 1 else ("",)
    if not (word.isascii() and word.isdecimal() and 1 <= int(word[:20]) <= EPOCH_MAX):
        raise Refused("give the number of the epoch, as headquarters gave it out: new_epoch NUMBER")
    return begin(int(word))


JOB = Job(key="new_epoch", run=_run)
