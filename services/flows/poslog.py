"""A business day as an ARTS POSLog document, transaction by transaction."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from services.domain import periods, poslog
from services.domain.poslog import Fact
from services.store import sales, trail
from services.store.trail import Entry, Filter

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<POSLog xmlns="{poslog.NAMESPACE}" MajorVersion="6" MinorVersion="0">\n'
)


def export(store_id: str, currency: str, day: str) -> Iterator[str]:
    """The document in pieces, in the journal's order: a long day takes no more memory than a short one.

    Raises ValueError at once when `day` is none.
    """
    span = periods.span_ms(day)
    return _pieces(store_id, currency, trail.forward(Filter(day=day), span))


def _pieces(store_id: str, currency: str, entries: Iterator[Entry]) -> Iterator[str]:
    yield _HEAD
    for entry in entries:
        fact = Fact(seq=entry.seq, type=entry.type, time=entry.time, bizday=entry.bizday, data=entry.data)
        node = poslog.transaction(fact, store_id, currency, lambda sale_id: _original(store_id, sale_id))
        if node is not None:
            ElementTree.indent(node)
            yield ElementTree.tostring(node, encoding="unicode") + "\n"
    yield "</POSLog>\n"


def _original(store_id: str, sale_id: str) -> tuple[str, str, int, str] | None:
    sale = sales.by_id(sale_id)
    return (store_id, sale.till, sale.journal_seq, sale.business_day) if sale else None
