"""A till's chain of Zs in a box that was restored or replaced: on from the last that headquarters holds."""

from __future__ import annotations

from services.domain.shift import OPEN
from services.domain.shift_events import ZChainResumed
from services.domain.z import LastZ
from services.flows.business_day import new_fold
from services.flows.record import record
from services.flows.shop import Shop
from services.store import shifts, stretch


def resume(shop: Shop, till: str, last: LastZ) -> bool:
    """Inside a transaction: chain the till's next Z to `last`, where this box knows none as new; whether it
    did. What this box holds after its own newest Z has been counted in the other life and will be again in
    the next Z: the grand total takes it once. A repeat changes nothing.
    """
    known = shifts.chain_end(till)
    if known is not None and known.number >= last.number:
        return False
    shift = shifts.last_of(till)
    fold = new_fold(shop, till, shift.shift_id if shift else "")
    after = 0 if shift is None else shift.first_seq - 1 if shift.state == OPEN else shift.last_seq
    stretch.read(fold, after)
    repeated_minor = fold.sums.get("net_minor", 0)
    shifts.resume(till, LastZ(last.number, last.hash, last.grand_total_minor - repeated_minor))
    event = ZChainResumed(
        workstation_id=till,
        z_no=last.number,
        hash=last.hash.hex(),
        grand_total_minor=last.grand_total_minor,
        repeated_minor=repeated_minor,
    )
    record(shop, event, shop.now_ms())
    return True
