"""The basket of each till, one row a till."""

from __future__ import annotations

import msgspec

from services.domain.basket import Basket
from services.store.db import LEDGER

_DECODER = msgspec.json.Decoder(Basket)


def load(till: str) -> Basket | None:
    row = LEDGER.execute_sql("SELECT body FROM basket WHERE till = ?", (till,)).fetchone()
    return _DECODER.decode(row[0]) if row else None


def save(till: str, basket: Basket) -> None:
    LEDGER.execute_sql(
        "INSERT INTO basket (till, body) VALUES (?, ?)"
        " ON CONFLICT (till) DO UPDATE SET body = excluded.body",
        (till, msgspec.json.encode(basket)),
    )
