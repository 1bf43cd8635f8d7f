"""Gift cards as the till says and hears of them. A code is only ever sent to the gateway."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Amount, Answer, Id, Request

CardCode = Annotated[str, Meta(min_length=1, max_length=40)]  # as scanned or typed


class GiftCardCode(Request, frozen=True, kw_only=True):
    code: CardCode


class GiftCardView(Answer, frozen=True, kw_only=True):
    """`usable` is what it can pay of this till's bag."""

    balance: Amount
    usable: Amount


class RedeemCard(Request, frozen=True, kw_only=True):
    basket_id: Id
    version: Annotated[int, Meta(ge=1)]
    code: CardCode
    amount_minor: Annotated[int, Meta(ge=0, le=100_000_000_00)] = 0  # 0: as much as it can
