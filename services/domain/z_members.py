"""What members did in a shift, as it stands in X and Z since 1.4. All sums are positive."""

from __future__ import annotations

import msgspec


class ZPoints(msgspec.Struct, frozen=True, kw_only=True):
    """Points that the till's documents moved, and rewards had for them. Their worth is what they would take
    off a bag by the rate that stood at the end: `per_minor` for `per_points`; 0: they take nothing off."""

    earned: int
    redeemed: int
    redeemed_minor: int  # what they took off goods
    restored: int  # given back as their goods came back
    clawed: int  # taken back with goods; also what is owed since
    per_points: int
    per_minor: int
    earned_minor: int
    clawed_minor: int


class ZStoredValue(msgspec.Struct, frozen=True, kw_only=True):
    """Stored value is owed, not earned: what is paid in is in no sales figure, and in the tenders that
    brought it. Principal spent is a tender, bonus spent a discount."""

    recharges: int
    recharged_minor: int  # principal
    bonus_given_minor: int
    spent_minor: int
    bonus_spent_minor: int
    refunded_minor: int  # back onto accounts, of goods that came back
    bonus_refunded_minor: int
    paid_out: int  # recharges
    paid_out_minor: int
    kept_minor: int  # principal that was not paid out, for what had been used
    bonus_ended_minor: int  # cancelled with what was paid out
    cash_minor: int  # paid in less paid out in cash: in the drawer's pay-ins and pay-outs


class ZCoupons(msgspec.Struct, frozen=True, kw_only=True):
    issued: int
    issued_minor: int  # their face, where they have one
    redeemed: int
    redeemed_minor: int  # what they took off goods
    given_back: int  # as their goods came back
    cancelled: int


class ZMembers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sales are documents that sold goods, less those that were undone whole."""

    customers: int
    member_sales: int
    member_net_minor: int  # of all documents of members
    members: int  # different ones who bought
    joined: int
    points: ZPoints | None = None  # null: nothing moved, as with the others
    stored_value: ZStoredValue | None = None
    coupons: ZCoupons | None = None
