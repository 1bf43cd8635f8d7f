"""The members' part of a shift: its running sums, and what X and Z say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from services.domain import coupons as coupon_rules
from services.domain import points as points_rules
from services.domain import stored_value as value_rules
from services.domain.coupon_events import CouponMoved
from services.domain.member_events import MemberJoined
from services.domain.offers import COUPON, POINTS
from services.domain.points_events import PointsMoved
from services.domain.stored_value_events import StoredValueMoved
from services.domain.z_members import ZCoupons, ZMembers, ZPoints, ZStoredValue

Fact = StoredValueMoved | PointsMoved | CouponMoved | MemberJoined
Rate = tuple[int, int]  # so many points take so many minor units off

_Part = TypeVar("_Part", bound=msgspec.Struct)
_POINTS = {
    points_rules.EARNED: "earned",
    points_rules.SPENT: "redeemed",
    points_rules.RESTORED: "restored",
    points_rules.CLAWED: "clawed",
}
_COUPONS = {
    coupon_rules.ISSUED: "issued",
    coupon_rules.USED: "redeemed",
    coupon_rules.REINSTATED: "given_back",
    coupon_rules.CANCELLED: "cancelled",
}
_VALUE = {  # kind of a move -> (principal, bonus)
    value_rules.RECHARGED: ("recharged_minor", "bonus_given_minor"),
    value_rules.SPENT: ("spent_minor", "bonus_spent_minor"),
    value_rules.REFUNDED: ("refunded_minor", "bonus_refunded_minor"),
}


@dataclass(slots=True)
class Loyalty:
    """Running sums of one shift; only what is this till's goes in."""

    sums: dict[str, int] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)  # who bought

    def sold(self, member_id: str, customers: int, net_minor: int) -> None:
        """A document: 1 customer for one that sold goods, -1 for its undoing, 0 for a return."""
        self._count("customers", customers)
        if not member_id:
            return
        self._count("member_sales", customers)
        self._count("member_net_minor", net_minor)
        if customers > 0:
            self.members.add(member_id)

    def add(self, event: Fact) -> None:
        if isinstance(event, PointsMoved):
            self._count(f"points.{_POINTS.get(event.kind, event.kind)}", abs(event.delta))
        elif isinstance(event, CouponMoved):
            self._count(f"coupons.{_COUPONS.get(event.kind, event.kind)}")
            if event.kind == coupon_rules.ISSUED:
                self._count("coupons.issued_minor", event.face_minor)
        elif isinstance(event, StoredValueMoved):
            self._value(event)
        else:
            self._count("joined")

    def _value(self, event: StoredValueMoved) -> None:
        if event.kind == value_rules.CASHED_OUT:
            self._count("value.paid_out")
            self._count("value.paid_out_minor", event.pays_minor)
            self._count("value.kept_minor", -event.principal_minor - event.pays_minor)
            self._count("value.bonus_ended_minor", -event.bonus_minor)
        elif event.kind in _VALUE:
            principal, bonus = _VALUE[event.kind]
            self._count(f"value.{principal}", abs(event.principal_minor))
            self._count(f"value.{bonus}", abs(event.bonus_minor))
            self._count("value.recharges", event.kind == value_rules.RECHARGED)

    def _count(self, name: str, by: int = 1) -> None:
        self.sums[name] = self.sums.get(name, 0) + by


def money(event: StoredValueMoved) -> int:
    """What a move brought over the counter; below zero: took away. Spending and refunds are tenders of a
    document already."""
    if event.kind == value_rules.RECHARGED:
        return event.principal_minor
    return -event.pays_minor if event.kind == value_rules.CASHED_OUT else 0


def section(
    loyalty: Loyalty, layers: Mapping[int, tuple[int, int]], rate: Rate, cash_minor: int
) -> ZMembers:
    """`layers`: the discounts (how many, how much); `cash_minor`: what stored value brought in cash."""
    sums = loyalty.sums
    per_points, per_minor = rate
    earned, clawed = sums.get("points.earned", 0), sums.get("points.clawed", 0)
    worth = {
        "per_points": per_points,
        "per_minor": per_minor,
        "earned_minor": _worth(earned, rate),
        "clawed_minor": _worth(clawed, rate),
    }
    return ZMembers(
        customers=sums.get("customers", 0),
        member_sales=sums.get("member_sales", 0),
        member_net_minor=sums.get("member_net_minor", 0),
        members=len(loyalty.members),
        joined=sums.get("joined", 0),
        points=_part(ZPoints, sums, "points", redeemed_minor=-layers.get(POINTS, (0, 0))[1], **worth),
        stored_value=_part(ZStoredValue, sums, "value", cash_minor=cash_minor),
        coupons=_part(ZCoupons, sums, "coupons", redeemed_minor=-layers.get(COUPON, (0, 0))[1]),
    )


def _worth(points: int, rate: Rate) -> int:
    """In minor units, rounded down: whole steps are what a bag would be given."""
    per_points, per_minor = rate
    return points * per_minor // per_points if per_points else 0


def _part(kind: type[_Part], sums: Mapping[str, int], name: str, **known: int) -> _Part | None:
    """None where nothing moved."""
    names: Iterable[str] = (each.name for each in msgspec.structs.fields(kind))
    found: dict[str, Any] = {each: known.get(each, sums.get(f"{name}.{each}", 0)) for each in names}
    moved = any(value for key, value in found.items() if not key.startswith("per_"))
    return kind(**found) if moved else None
