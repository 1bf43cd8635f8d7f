"""The address under a receipt's QR code: what it tells, and that nobody else can seal another one."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

from services.domain.invoicing import NUMBER_ONLY, Invoicing

URL, KEY = "https://hq.example.com/fp", "a key of some length"


def test_the_address_tells_store_ticket_amount_and_day_and_is_sealed() -> None:
    address = Invoicing(URL, KEY).address("S0001", "S0001-1-000042", 428_00, "2026-11-22")
    told = "s=S0001&t=S0001-1-000042&a=42800&d=20261122"
    seal = hmac.new(KEY.encode(), told.encode(), hashlib.sha256).hexdigest()[:16]
    assert address == f"{URL}?{told}&k={seal}"
    assert dict(parse_qsl(urlsplit(address).query))["a"] == "42800"


def test_another_amount_or_key_has_another_seal() -> None:
    sealed = {
        Invoicing(URL, key).address("S0001", "S0001-1-000042", minor, "2026-11-22")[-16:]
        for key in (KEY, KEY + "!")
        for minor in (428_00, 429_00)
    }
    assert len(sealed) == 4


def test_nothing_to_invoice_or_nowhere_to_ask_gives_no_address() -> None:
    assert Invoicing(URL, KEY).address("S0001", "S0001-1-000042", 0, "2026-11-22") == ""
    assert NUMBER_ONLY.address("S0001", "S0001-1-000042", 1, "2026-11-22") == ""
    store = "S" * 32
    assert Invoicing(URL, KEY).address(store, f"{store}-12345678-000000000042", 1, "2026-11-22") == ""
