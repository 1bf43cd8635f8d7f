"""What is refused of particular tenders."""

from __future__ import annotations

from services.domain.errors import ShopError


class GiftCardUnknown(ShopError):
    """No gift card has this code, or it was given back."""

    code = "gift_card_unknown"
    status = 404


class GiftCardShort(ShopError):
    """There is not so much on the card (any more); details: balance_minor."""

    code = "gift_card_short"
    status = 409


class GiftCardRefused(ShopError):
    """Gift cards cannot be sold, discounted or returned so: worth too much, too many, used before."""

    code = "gift_card_refused"
    status = 422


class RateMissing(ShopError):
    """Nobody has entered a rate for this currency yet."""

    code = "rate_missing"
    status = 409


class RateRefused(ShopError):
    """An exchange rate that cannot be; `details.why` says why."""

    code = "rate_refused"
    status = 422


class VoidOpen(ShopError):
    """The bag undoes a sale: its money is paid back, or the undoing left, before anything else goes in."""

    code = "void_open"
    status = 409
