"""The address under a receipt's QR code where its customer asks for a tax invoice.

It is sealed: headquarters tells it from an invented one also before it has heard of the sale.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

SEAL_LENGTH = 16  # hexadecimal digits
ADDRESS_MAX = 128  # characters: what a till's scanner reads of it, to find the receipt by


@dataclass(frozen=True, slots=True)
class Invoicing:
    """Where headquarters takes such wishes, and the key it shares with this shop."""

    url: str = ""  # "https://hq.example.com/fp"; "": the receipt's QR is its number
    key: str = ""

    def address(self, store_id: str, number: str, amount_minor: int, business_day: str) -> str:
        """Of one receipt and what may be invoiced of it; "" where there is nothing, or nowhere."""
        if not self.url or amount_minor <= 0:
            return ""
        told = f"s={store_id}&t={number}&a={amount_minor}&d={business_day.replace('-', '')}"
        address = f"{self.url}?{told}&k={self.seal(told)}"
        return address if len(address) <= ADDRESS_MAX else ""

    def seal(self, told: str) -> str:
        """HMAC-SHA256 of what stands before it: "s=..&t=..&a=..&d=..", its first 16 digits."""
        return hmac.new(self.key.encode(), told.encode(), hashlib.sha256).hexdigest()[:SEAL_LENGTH]


NUMBER_ONLY = Invoicing()
