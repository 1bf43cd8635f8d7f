"""What a drawer's sensor saw, as facts of the journal."""

from __future__ import annotations

from services.domain.shift_events import DrawerClosed, DrawerOpened
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db
from services.store.jobs import Job


def cause_of(job: Job) -> str:
    """Why this job opens a drawer: "sale", "no_sale", "move" or "test"."""
    if job.sale_id:
        return "sale"
    last = job.job_id.rpartition(".")[2]
    return last if last in ("no_sale", "move") else "test"


def opened_by_hand(shop: Shop, till: str, cause: str, opened_at_ms: int) -> None:
    """A drawer was opened without a pulse: told at once, since somebody may have to know."""
    event = DrawerOpened(workstation_id=till, cause=cause, opened_at_ms=opened_at_ms)
    with db.write():
        record(shop, event, shop.now_ms())


def closed(shop: Shop, till: str, cause: str, opened_at_ms: int, open_ms: int) -> None:
    """A drawer was pushed shut: the one fact of an opening that a pulse began."""
    event = DrawerClosed(workstation_id=till, cause=cause, opened_at_ms=opened_at_ms, open_ms=open_ms)
    with db.write():
        record(shop, event, shop.now_ms())
