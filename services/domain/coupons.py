"""Coupons: what one is worth and when, and the promotion of the coupon's layer to which it is the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from services.domain.coupon_codes import TEMPLATES_MAX
from services.domain.offers import (
    COUPON,
    MINOR_MAX,
    Coupon,
    Day,
    Definition,
    Goods,
    Offer,
    Terms,
    Text,
    Window,
)

ISSUED, USED, EXPIRED, CANCELLED, TRANSFERRED = "issued", "used", "expired", "cancelled", "transferred"
REINSTATED = "reinstated"  # a move, after which it is issued again
REISSUE = "reissue"  # why one was issued: in the place of one that had ended when its goods came back
WITH_ITS_SALE = "returned"  # why one is cancelled that came with goods which have all come back
_NTH = "#"
RESERVED_MS = 30 * 60_000  # how long a bag keeps a coupon from others

Kind = Literal["amount", "percent", "exchange", "service", "gift"]
# Given by itself: with a sale, to whoever comes in the month of their birthday.
Occasion = Literal["", "receipt", "birthday"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRules:
    """What the shop has decided."""

    grace_days: int = 30  # of a coupon that comes back after its end
    foreign_face_max_minor: int = 50_00  # of another store's coupon, taken on its code alone
    foreign_a_day: int = 1  # of them for one member; 0: none


USUAL = CouponRules()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a kind of coupon, never changed; coupons keep the version they were issued under.

    "amount": the face off, from a minimum on. "percent": a share, at most the face where there is one.
    "exchange", "service", "gift": one piece of the goods for nothing, at most the face.
    """

    template_id: str
    version: int  # from 1, rising
    number: Annotated[int, Meta(ge=1, le=TEMPLATES_MAX)]  # of the template in its codes
    kind: Kind
    label_zh: Annotated[str, Meta(min_length=1, max_length=100)]
    label_en: Annotated[str, Meta(min_length=1, max_length=100)]
    face_minor: Annotated[int, Meta(ge=0, le=MINOR_MAX)] = 0
    face_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0  # of "percent"
    min_spend_minor: Annotated[int, Meta(ge=0, le=MINOR_MAX)] = 0
    goods: Goods = Goods()
    from_day: Day = ""  # with to_day; or
    to_day: Day = ""
    days: Annotated[int, Meta(ge=0, le=400)] = 0  # so many from its first day on
    wait_days: Annotated[int, Meta(ge=0, le=400)] = 0  # after the issue, to its first day
    window: Window = Window()
    stores: tuple[Text, ...] = ()
    stackable: bool = False  # with other coupons
    sale_max: Annotated[int, Meta(ge=1, le=99)] = (
        1  # of these coupons in one sale, each for its minimum of the same goods
    )
    transferable: bool = False
    bearer: bool = False  # good for whoever has the code
    funding: Text = "shop"
    occasion: Occasion = ""
    occasion_min_minor: Annotated[int, Meta(ge=0, le=MINOR_MAX)] = 0  # of a sale that gives one


class Fault(ValueError):
    """A template that cannot be; the text names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Both days included."""

    first_day: str
    last_day: str  # "": no end


def check(template: Template) -> None:
    """Raises Fault."""
    if template.kind == "percent" and not template.face_bp:
        raise Fault("face_bp: a share is needed")
    if template.kind != "percent" and not template.face_minor:
        raise Fault("face_minor: an amount is needed")
    if template.kind in ("exchange", "service", "gift") and template.goods.everything:
        raise Fault("goods: name what it is exchanged for")
    if template.kind in ("exchange", "service", "gift") and template.min_spend_minor:
        raise Fault("min_spend_minor: it is exchanged for goods, whatever else is bought")
    if bool(template.days) == bool(template.to_day):
        raise Fault("days: either so many days, or a last one")
    if template.to_day and template.from_day > template.to_day:
        raise Fault("to_day: it ends before it begins")
    if template.sale_max > 1 and not template.stackable:
        raise Fault("sale_max: more than one in a sale go together with other coupons")
    if template.bearer and template.transferable:
        raise Fault("transferable: whoever has the code may use it already")


def definition(template: Template) -> Definition:
    """The promotion to which the coupons of this version are the key. A later version has another one, so
    that a coupon stays what it was when it was given."""
    kind, params = _rule(template)
    return Definition(
        promotion_id=promotion_id(template.template_id, template.version),
        version=1,
        kind=kind,
        layer=COUPON,
        label_zh=template.label_zh,
        label_en=template.label_en,
        terms=Terms(
            goods=template.goods,
            window=template.window,
            stores=template.stores,
            needs_coupon=True,
            group=f"coupon {template.number}" if template.stackable else "",
            cap_minor=0 if template.kind == "amount" else template.face_minor,
            funding=template.funding,
        ),
        params=params,
    )


def promotion_id(template_id: str, version: int) -> str:
    return f"{template_id}.{version}"


def nth(promotion: str, n: int) -> str:
    """The promotion of the n-th coupon of one kind in a bag, from 1: each of them takes its own off."""
    return promotion if n == 1 else f"{promotion}{_NTH}{n}"


def kind_of(promotion: str) -> str:
    """The promotion as it was published, of any of them."""
    return promotion.partition(_NTH)[0]


def multiplied(offers: Sequence[Offer], held: Iterable[Coupon]) -> tuple[Offer, ...]:
    """The offers, with another one for each further coupon of a kind in the bag."""
    by_id = {offer.promotion_id: offer for offer in offers}
    more = (
        replace(
            offer,
            promotion_id=each.promotion_id,
            terms=msgspec.structs.replace(offer.terms, group=each.promotion_id),
        )
        for each in held
        if each.promotion_id not in by_id and (offer := by_id.get(kind_of(each.promotion_id))) is not None
    )
    return (*offers, *more)


def _rule(template: Template) -> tuple[str, dict[str, Any]]:
    least = template.min_spend_minor
    if template.kind == "amount":
        step = {"threshold_minor": max(1, least), "amount_minor": template.face_minor}
        return "spend_and_save", {"steps": [step]}
    share = template.face_bp if template.kind == "percent" else 10_000
    return "order_percentage", {"steps": [{"threshold_minor": least, "basis_points": share}]}


def validity(template: Template, day: str) -> Validity:
    """Of a coupon issued on `day`."""
    first = max(_later(day, _wait(template)), template.from_day)
    last = template.to_day or _later(first, template.days - 1)
    return Validity(first_day=first, last_day=last)


def _wait(template: Template) -> int:
    """What comes with a sale is for next time: it is not good before the next day."""
    return max(1, template.wait_days) if template.occasion == "receipt" else template.wait_days


def last_days(template: Template, day: str) -> Iterable[str]:
    """Every last day that a coupon of this template can have which is not over on `day`, the most likely
    first where there is only one."""
    if template.to_day:
        return (template.to_day,)
    return tuple(_later(day, n) for n in range(_wait(template) + template.days + 1))


def last_day_of_grace(day: str, grace_days: int) -> str:
    return _later(day, grace_days)


def remaining(last_day: str, used_day: str, today: str) -> str:
    """The last day of what takes the place of a coupon that has ended: it lasts from `today` as long as the
    first one had left when it was used."""
    had = (date.fromisoformat(last_day) - date.fromisoformat(used_day)).days
    return _later(today, max(0, had))


def ended_within(last_day: str, today: str, grace_days: int) -> bool:
    """Whether its end is no longer ago than the grace."""
    return not last_day or today <= _later(last_day, grace_days)


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
