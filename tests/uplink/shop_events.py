"""Sales for the journal: real ones through the till's flow, and many cheap ones through record()."""

from __future__ import annotations

from services.domain.events import SaleCompleted, SoldLine, SoldTender
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, journal


def sale(n: int) -> SaleCompleted:
    line = SoldLine(
        line_number=1,
        item_id="T-W-S",
        gtin="06901028020947",
        description="纯棉基础 T 恤",
        variant="白 / S",
        entry_method="scanned",
        quantity=1 + n % 3,
        unit_price_minor=99_00,
        extended_minor=99_00 * (1 + n % 3),
        void_flag=False,
    )
    return SaleCompleted(
        sale_id=f"sale-{n:08d}",
        number=f"S0001-1-{n:06d}",
        retail_store_id="S0001",
        workstation_id="1",
        sequence_number=n,
        business_day="2026-11-22",
        operator_id="zhou",
        currency="CNY",
        begun_at_ms=1_795_340_000_000 + n,
        ended_at_ms=1_795_340_009_000 + n,
        line_items=(line,),
        tenders=(
            SoldTender(
                tender_type="cash",
                amount_minor=line.extended_minor,
                tendered_minor=line.extended_minor,
                change_minor=0,
            ),
        ),
        total_minor=line.extended_minor,
    )


def record_sales(shop: Shop, count: int, group: int = 500) -> int:
    """Journal `count` sales, many to a transaction; the head's seq."""
    done = journal.head()[0]
    for start in range(0, count, group):
        with db.write():
            for n in range(start, min(start + group, count)):
                record(shop, sale(done + n + 1), shop.now_ms())
    return journal.head()[0]
