"""A process that sells until it is killed: says ACK and the key on standard output after each sale."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from services.flows import baskets, checkout
from tests.shop import JEANS, TEE, make_shop, open_store


def main() -> None:
    """Arguments: the database, the number of sales, the first sale's number."""
    path, sales, first = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    open_store(path)
    shop = make_shop(new_id=_ids(first))
    for n in range(first, first + sales):
        for sku in (TEE, JEANS):
            baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=f"add-{n}-{sku}")
        basket = baskets.current(shop, "1")
        os.write(1, b"SETTLE\n")
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("cash", 500_00)],
            operator_id="zhou",
            request_id=f"sale-{n}",
        )
        os.write(1, f"ACK sale-{n}\n".encode())


def _ids(first: int) -> object:
    from itertools import count

    numbers = count(first * 1_000)
    return lambda: f"id-{next(numbers):012d}"


if __name__ == "__main__":
    main()
