"""Begins the epoch that headquarters gave out for a replaced or restored box."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.domain.z import LastZ
from services.flows import z_chains
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Job, Refused
from services.store import box, db, journal, sales, shifts

USAGE = "give what headquarters printed: new_epoch EPOCH [TILL=LAST_NUMBER[/LAST_SHIFT[/Z:HASH:TOTAL]] ...]"

_EPOCH = re.compile(r"[0-9]{1,18}")
_TILL = re.compile(
    r"([A-Za-z0-9_-]{1,32})=([0-9]{1,18})(?:/([0-9]{1,18})(?:/([0-9]{1,18}):([0-9a-f]{64}):(-?[0-9]{1,18}))?)?"
)


@dataclass(frozen=True, slots=True)
class Used:
    """What headquarters holds of one till: none of these numbers is given out again."""

    number: int  # of a receipt
    shift: int = 0
    last_z: LastZ | None = None


def begin(epoch: int, used: Mapping[str, Used], shop: Callable[[], Shop]) -> str:
    """Set the box's epoch and say what follows. `used` is what headquarters knows, by till: numbers go on
    after it, and so does the chain of Zs. Raises Refused for an epoch that is over."""
    with db.write():
        before = int(box.get("epoch", "1"))
        if epoch < before:
            raise Refused(f"this box is in epoch {before} already: epochs only go forward")
        box.put("epoch", str(epoch))
        for till, told in used.items():
            sales.skip_numbers(till, told.number)
            if told.last_z is not None:
                z_chains.resume(shop(), till, told.last_z)
            if told.shift:
                shifts.skip_numbers(till, told.shift)
        seq, _ = journal.head()
    if epoch == before:
        return f"this is epoch {epoch} already"
    return f"epoch {before} is over, epoch {epoch} begins: headquarters gets events 1 to {seq} again"


def _run(arguments: Arguments) -> str:
    if not arguments.words or not _EPOCH.fullmatch(arguments.words[0]) or not int(arguments.words[0]):
        raise Refused(USAGE)
    tills = [_TILL.fullmatch(word) for word in arguments.words[1:]]
    if None in tills:
        raise Refused(USAGE)
    used = {found[1]: _used(found) for found in tills if found}
    return begin(int(arguments.words[0]), used, arguments.shop)


def _used(found: re.Match[str]) -> Used:
    _, number, shift, z_no, hash_, total_minor = found.groups()
    last_z = LastZ(int(z_no), bytes.fromhex(hash_), int(total_minor)) if z_no else None
    return Used(int(number), int(shift or 0), last_z)


JOB = Job(key="new_epoch", run=_run)
