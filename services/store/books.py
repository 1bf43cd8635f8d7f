"""The tables against the journal: fold it again and name every difference."""

from __future__ import annotations

import msgspec

from services.store import journal, sales
from services.store.db import LEDGER


def differences() -> list[str]:
    """Every sale in which journal and tables disagree, one line each; postings that do not sum to zero."""
    told = {}
    seq = 0
    while rows := journal.after(seq, journal.BATCH_MAX):
        for row in rows:
            if row.type == "sale.completed":
                data = msgspec.json.decode(row.body)["data"]
                told[data["sale_id"]] = data
        seq = rows[-1].seq
    stored = [str(row[0]) for row in LEDGER.execute_sql("SELECT sale_id FROM sale")]
    wrong = [f"sale {sale_id} is not in the journal" for sale_id in stored if sale_id not in told]
    for sale_id, data in told.items():
        wrong += _sale_differences(sale_id, data)
    unbalanced = LEDGER.execute_sql(
        "SELECT sale_id, currency, SUM(amount_minor) AS residue FROM posting"
        " GROUP BY sale_id, currency HAVING residue <> 0"
    )
    return wrong + [
        f"sale {sale} postings leave {residue} {currency}" for sale, currency, residue in unbalanced
    ]


def _sale_differences(sale_id: str, data: dict[str, object]) -> list[str]:
    sale = sales.by_id(sale_id)
    if sale is None:
        return [f"sale {sale_id} is only in the journal"]
    pairs = {
        "number": (sale.number, data["number"]),
        "total": (sale.total.minor, data["total_minor"]),
        "day": (sale.business_day, data["business_day"]),
        "lines": (
            [[line.sku, line.quantity, line.extended.minor] for line in sale.lines],
            [[i["item_id"], i["quantity"], i["extended_minor"]] for i in data["line_items"]],  # type: ignore[attr-defined]
        ),
        "tenders": (
            [[t.key, t.amount.minor, t.change.minor] for t in sale.tenders],
            [[t["tender_type"], t["amount_minor"], t["change_minor"]] for t in data["tenders"]],  # type: ignore[attr-defined]
        ),
    }
    return [f"sale {sale_id} {what}: {a!r} but journal {b!r}" for what, (a, b) in pairs.items() if a != b]
