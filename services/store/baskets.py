"""The basket of each till, one row a till."""

from __future__ import annotations

import msgspec

from services.domain.basket import Basket
from services.store.db import LEDGER

_DECODER = msgspec.json.Decoder(Basket)
_read: dict[str, tuple[bytes, Basket]] = {}  # till -> what was last read or written, and what it says


def load(till: str) -> Basket | None:
    """The stored basket; the same object again as long as its bytes are."""
    row = LEDGER.execute_sql("SELECT body FROM basket WHERE till = ?", (till,)).fetchone()
    if row is None:
        return None
    held = _read.get(till)
    if held is None or held[0] != row[0]:
        held = _read[till] = (row[0], _DECODER.decode(row[0]))
    return held[1]


def save(till: str, basket: Basket) -> None:
    body = msgspec.json.encode(basket)
    LEDGER.execute_sql(
        "INSERT INTO basket (till, body) VALUES (?, ?)"
        " ON CONFLICT (till) DO UPDATE SET body = excluded.body",
        (till, body),
    )
    _read[till] = (body, basket)
