"""What became of gift cards. The code of a card is in no event."""

from __future__ import annotations

from typing import ClassVar

from services.domain.event import Event


class GiftCardMoved(Event, frozen=True, kw_only=True):
    """A document sold a card, paid with it, paid back to it or took it back; the balance is their sum."""

    type: ClassVar[str] = "gift_card.moved"
    version: ClassVar[str] = "1.1"

    card_id: str
    kind: str  # "issued" | "redeemed" | "refunded" | "cancelled"
    amount_minor: int  # of the balance: negative where it fell
    balance_minor: int  # after it
    currency: str
    sale_id: str  # the document
    number: int  # from 1: the moves of one document
    line_number: int  # of the line that sold it or brings it back; 0 where it pays, or is store credit
    operator_id: str
    undone: bool = False  # 1.1: its sale was undone whole, so the card counts as not used in it
