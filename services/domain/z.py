"""The end of a shift in figures, as it is stored, chained, printed and sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from services.domain.tax import RateTax
from services.domain.z_members import ZMembers

CHAIN_START = bytes(32)  # the hash before a till's first Z


class ZTender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one tender took and gave back."""

    tender_type: str
    currency: str
    count: int
    amount_minor: int
    refunds: int
    refunds_minor: int  # positive
    # Since 1.6, of stored value: what of these is bonus. The rest is principal.
    bonus_minor: int = 0
    bonus_refunds_minor: int = 0


class ZForeign(msgspec.Struct, frozen=True, kw_only=True):
    """What notes of one other currency took and gave back, and what that was worth in the shop's when it
    did. Sums are positive."""

    currency: str
    count: int
    foreign_minor: int
    worth_minor: int
    refunds: int
    refunds_foreign_minor: int
    refunds_worth_minor: int


class ZGiftCards(msgspec.Struct, frozen=True, kw_only=True):
    """Gift cards are owed, not earned: what they cost is in no sales figure. All sums are positive."""

    sold: int  # cards
    sold_minor: int
    taken_back: int  # cards, when their sale was undone or returned
    taken_back_minor: int
    redeemed_minor: int  # what they paid for goods
    refunded_minor: int  # what went back onto one, or onto a new one without a receipt


class ZCash(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A drawer's cash of one currency. Sums are positive; expected = float + sales - refunds + pay-ins +
    loans - pay-outs - drops - change."""

    currency: str
    float_minor: int
    sales_minor: int
    refunds_minor: int
    pay_ins_minor: int
    loans_minor: int
    pay_outs_minor: int
    drops_minor: int
    expected_minor: int
    counted_minor: int | None  # null: nobody counted
    variance_minor: int | None  # at the moment of the count
    change_minor: int = 0  # since 1.1: given for notes of another currency, less what came back


def expected(cash: Iterable[ZCash]) -> dict[str, int]:
    """What ought to be in a drawer, by currency."""
    return {each.currency: each.expected_minor for each in cash}


class ZLayer(msgspec.Struct, frozen=True, kw_only=True):
    """The discounts of one layer on what was sold."""

    layer: int  # 1 member price, 2 line, 3 unit, 4 order, 5 coupon, 6 points
    count: int
    amount_minor: int  # negative


class ZOperator(msgspec.Struct, frozen=True, kw_only=True):
    """What one person did at this till in this shift, or in one turn of it until they signed off. The
    drawer is one."""

    operator_id: str
    sales: int
    net_minor: int
    cash_minor: int  # taken less paid back, in the shop's currency
    no_sales: int
    first_at_ms: int
    last_at_ms: int


class Z(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a shift in figures: a fold of the till's events from `first_seq` to `last_seq`."""

    workstation_id: str
    z_no: int  # gapless per till, from 1
    shift_id: str
    business_day: str
    currency: str
    opened_by: str
    opened_at_ms: int
    closed_by: str
    closed_at_ms: int
    unattended: bool  # closed by the change of the business day
    unknown_float: bool
    reason: str  # why money lacks or is left over
    note: str
    approver_id: str
    sales: int  # documents that sold something; an exchange counts here and in returns
    returns: int  # documents that took something back
    voids: int  # sales that were undone as a whole
    pieces: int  # sold, less those that came back
    gross_minor: int  # of what was sold, before discounts
    discounts: tuple[ZLayer, ...]
    returned_minor: int  # net of what came back; negative
    net_minor: int  # gross + discounts + returned; since 1.2 without gift cards
    # Of cash. Net + gift cards sold less taken back + stored value paid in less out + rounding = the
    # tenders' sum.
    rounding_minor: int
    voided_lines: int
    changed_prices: int  # lines
    no_sales: int
    key_openings: int  # of the drawer, without any order of the gateway's
    copies: int
    parked: int  # baskets put aside here
    abandoned: int  # and given up here
    tenders: tuple[ZTender, ...]
    cash: tuple[ZCash, ...]
    cash_tenders: tuple[str, ...]  # which tenders are notes and coins
    operators: tuple[ZOperator, ...]
    first_number: str  # of a sale; "" without any
    last_number: str
    first_seq: int
    last_seq: int
    first_hash: str  # of the journal's row first_seq
    last_hash: str
    grand_total_minor: int  # net of all this till ever sold, this shift included; never reset
    foreign: tuple[ZForeign, ...] = ()  # since 1.1
    gift_cards: ZGiftCards | None = None  # since 1.2; before, what they cost was in the sales figures
    sub_shifts: tuple[ZOperator, ...] | None = None  # since 1.3: one person's turn at the drawer each
    members: ZMembers | None = None  # since 1.4; before, no recharge was in the tenders
    taxes: tuple[RateTax, ...] = ()  # since 1.5: of each rate what was sold, then what came back
    # Since 1.6: of net, what stored-value bonus paid, less what came back with goods. A discount that is
    # known only when a bag is paid: what is left of net is what was earned, and what is taxed.
    bonus_minor: int = 0


class LastZ(msgspec.Struct, frozen=True):
    """The newest Z that headquarters holds of a till: a box that does not know it goes on from there."""

    number: int
    hash: bytes
    grand_total_minor: int


def written(z: Z) -> bytes:
    """The report as it is kept, chained and sent: canonical JSON."""
    return msgspec.json.encode(z)


def chained(before: bytes, body: bytes) -> bytes:
    """The hash of a Z: SHA-256 over the hash of the till's Z before it and its own text."""
    return hashlib.sha256(before + body).digest()
