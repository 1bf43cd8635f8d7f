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


class StoredValueUnknown(ShopError):
    """No recharge, no payment or no plan that stands has this id."""

    code = "stored_value_unknown"
    status = 404


class StoredValueShort(ShopError):
    """There is not so much on the account (any more); details: principal_minor, bonus_minor."""

    code = "stored_value_short"
    status = 409


class StoredValueFrozen(ShopError):
    """The account was stopped: nothing is paid from it, into it or out of it until it is let go."""

    code = "stored_value_frozen"
    status = 409


class StoredValueRefused(ShopError):
    """Stored value cannot be recharged or paid out so; details: why, and most_minor where there is one."""

    code = "stored_value_refused"
    status = 422


class ProofNeeded(ShopError):
    """So much is paid with the customer's PIN only, or when they are seen to be there; details:
    above_minor."""

    code = "proof_needed"
    status = 403
