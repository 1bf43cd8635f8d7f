"""What is for sale and what is offered on it, as values: goods, conditions, rules and the moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Protocol

import msgspec

from services.domain.forms import labelled
from services.domain.money import rounded

# The layers, each working on the net that the one before has left.
BASE, MEMBER, LINE, UNIT, ORDER, COUPON, POINTS = range(7)

GroupMode = Literal["highest_discount", "lowest_discount", "list_order", "stackable"]
Pairing = Literal["customer", "shop"]
Basis = Literal["net", "gross"]
OnReturn = Literal["proportional", "recompute"]
Text = Annotated[str, msgspec.Meta(max_length=100)]
Day = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]
MonthDay = Annotated[int, msgspec.Meta(ge=1, le=31)]

MINOR_MAX = 10_000_000_00  # of one amount in a promotion
PIECES_MAX = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line as pricing sees it. Negative ones (returns, deposits) are in no basis and keep their price."""

    line_id: int  # the order of lines: of two equal ones the lower has the advantage
    sku: str
    style: str = ""
    category: str = ""
    quantity: int  # pieces; below zero for what comes back
    unit_minor: int  # the base price of one piece (L0)
    tax_bp: int = 0  # contained in the price
    discountable: bool = True  # False: gift cards and whatever has a fixed price
    floor_minor: int = 0  # no piece ends below this; 0: none
    override: bool = False  # the price was set by hand: no layer from L1 to L4 touches it

    @property
    def gross_minor(self) -> int:
        return self.quantity * self.unit_minor


class Goods(msgspec.Struct, frozen=True):
    """A choice of articles: all that are named in any of the lists, or everything when none is named."""

    skus: Annotated[tuple[Text, ...], labelled("货号", "Articles", "texts", 0, 1_000)] = ()
    styles: Annotated[tuple[Text, ...], labelled("款号", "Styles", "texts", 0, 1_000)] = ()
    categories: Annotated[tuple[Text, ...], labelled("分类", "Categories", "texts", 0, 100)] = ()
    excluded: Annotated[tuple[Text, ...], labelled("不参加的", "Never these", "texts", 0, 1_000)] = ()

    def covers(self, item: Item) -> bool:
        if self.excluded and (
            item.sku in self.excluded or item.style in self.excluded or item.category in self.excluded
        ):
            return False
        return self.everything or (
            item.sku in self.skus or item.style in self.styles or item.category in self.categories
        )

    @property
    def everything(self) -> bool:
        """Nothing is named, so only what is excluded is not meant."""
        return not (self.skus or self.styles or self.categories)


class Window(msgspec.Struct, frozen=True):
    """When an offer stands, by the clock on the wall. What is left empty does not matter.

    Weekdays count from Monday, 1. Month days are a member day: 8, 18, 28. Minutes are those of the day; an
    end before the begin is past midnight, and belongs to the day on which it began.
    """

    from_day: Annotated[Day, labelled("开始", "From", "day")] = ""
    to_day: Annotated[Day, labelled("结束", "Until, included", "day")] = ""
    weekdays: Annotated[tuple[Weekday, ...], labelled("星期", "Weekdays", "numbers", 0, 7)] = ()
    month_days: Annotated[
        tuple[MonthDay, ...], labelled("每月几号", "Days of the month", "numbers", 0, 31)
    ] = ()
    from_minute: Annotated[int, labelled("几点起", "From hour", "minute", 0, 1_440)] = 0
    to_minute: Annotated[int, labelled("几点止", "Until hour", "minute", 0, 1_440)] = 1_440


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions that every kind of promotion has. Limits of 0 are none."""

    goods: Annotated[Goods, labelled("商品", "Goods", "fields")] = Goods()
    window: Annotated[Window, labelled("时间", "When", "fields")] = Window()
    stores: Annotated[tuple[Text, ...], labelled("门店", "Stores", "texts", 0, 1_000)] = ()
    segments: Annotated[tuple[Text, ...], labelled("会员标签", "Member tags", "texts", 0, 100)] = ()
    tiers: Annotated[tuple[Text, ...], labelled("会员等级", "Member tiers", "texts", 0, 20)] = ()
    members_only: Annotated[bool, labelled("仅限会员", "Members only", "switch")] = False
    # Lower first: the order of a list, and of stacking.
    priority: Annotated[int, labelled("次序", "Order", "number", 0, 9_999)] = 100
    # Of a group one is taken. "": of L2 the best for each line, of L3 each unit once, of L4 and L5 one.
    group: Annotated[Text, labelled("互斥组", "Group", "text")] = ""
    group_mode: Annotated[GroupMode, labelled("组内取法", "Of the group", "choice")] = "highest_discount"
    stack_with_member_price: Annotated[bool, labelled("与会员价同享", "With member prices", "switch")] = (
        True
    )
    stack_with_coupon: Annotated[bool, labelled("与券同享", "With coupons", "switch")] = True
    needs_coupon: Annotated[bool, labelled("凭券", "Needs a coupon", "switch")] = False
    basis: Annotated[Basis, labelled("门槛按", "Threshold counts", "choice")] = "net"
    cap_minor: Annotated[int, labelled("最多优惠", "At most", "minor", 0, MINOR_MAX)] = 0
    # Complete groups of an L3 offer.
    uses_per_sale: Annotated[int, labelled("每单限次", "Uses in a sale", "number", 0, 9_999)] = 0
    uses_per_member: Annotated[int, labelled("每人限次", "Uses of a member", "number", 0, 9_999)] = 0
    uses_per_day: Annotated[int, labelled("每日限次", "Uses in a day", "number", 0, 9_999_999)] = 0
    uses_per_store: Annotated[int, labelled("全店限次", "Uses in the store", "number", 0, 9_999_999)] = 0
    budget_minor: Annotated[int, labelled("预算", "Budget", "minor", 0, 100 * MINOR_MAX)] = 0
    on_return: Annotated[OnReturn, labelled("退货时", "On a return", "choice")] = "proportional"
    funding: Annotated[Text, labelled("费用承担", "Paid by", "text")] = "shop"


class LineRule(msgspec.Struct, frozen=True):
    """L2: each piece becomes cheaper by a share, by an amount, or to a price; the one that is not zero."""

    basis_points: int = 0
    amount_minor: int = 0
    price_minor: int = 0
    pieces_min: int = 1  # of all goods it works on, before any piece is reduced

    def off(self, unit_minor: int) -> int:
        """What a piece at this price is reduced by."""
        if self.price_minor:
            return max(unit_minor - self.price_minor, 0)
        return min(unit_minor, self.amount_minor or rounded(unit_minor * self.basis_points, 10_000))


class Step(msgspec.Struct, frozen=True):
    """From this much on: an amount off, or a share."""

    threshold_minor: int
    amount_minor: int = 0
    basis_points: int = 0


class OrderRule(msgspec.Struct, frozen=True):
    """L4 and L5: the highest step that is reached; `repeats` gives its amount for every full threshold."""

    steps: tuple[Step, ...]
    repeats: bool = False

    def next_minor(self, basis: int) -> int:
        """The first threshold above `basis`; 0 when there is none."""
        if self.repeats:
            return (basis // self.steps[0].threshold_minor + 1) * self.steps[0].threshold_minor
        return min((step.threshold_minor for step in self.steps if step.threshold_minor > basis), default=0)


Parts = Sequence[frozenset[int]]  # places of lines


class Unit(msgspec.Struct, frozen=True, gc=False):
    """One piece of a line; sorted dearest first, then by line."""

    net: int
    line: int  # its line's place
    key: int  # its own in the basket


class Lack(NamedTuple):
    """What is missing to one more group of `of` pieces: so many of what `goods` names, or so much."""

    pieces: int = 0
    of: int = 0
    goods: Goods = Goods()
    needed_minor: int = 0
    have_minor: int = 0


class Group(NamedTuple):
    """Units that are used up together, and what some of them are reduced by."""

    units: tuple[Unit, ...]
    rewards: tuple[tuple[Unit, int], ...]


class UnitRule(Protocol):
    """L3: forms groups of units."""

    @property
    def by_amount(self) -> bool:
        """Whether it has a threshold in money."""

    @property
    def by_shop(self) -> bool:
        """Whether the shop and not the customer has the better end of each choice."""

    @property
    def parts(self) -> tuple[Goods, ...]:
        """The roles that its articles can have, beyond being among the goods of the offer."""

    def groups(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> list[Group]:
        """All complete groups, the best first, each unit in one of them at most. `free` are the units that
        no other offer has used, `every` those that it has used too; both dearest first. `parts` are the
        lines that can have each role."""

    def lacks(self, free: Sequence[Unit], every: Sequence[Unit], parts: Parts) -> Lack:
        """What is missing to one more group."""

    def plain(self, parts: Parts) -> bool:
        """Whether, without lowest prices, each article more only ever adds to what the offer gives: then it
        never helps to leave one out."""


Rule = LineRule | OrderRule | UnitRule


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion as it is published: one version, never changed. `params` are those of its kind."""

    promotion_id: str
    version: int  # from 1, rising
    kind: str
    layer: int
    label_zh: str
    label_en: str
    terms: Terms
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A live promotion: one immutable version of it, with its rule made from the kind's parameters."""

    promotion_id: str
    version: int
    kind: str
    layer: int
    label_zh: str
    label_en: str
    terms: Terms
    rule: Rule


class Uses(msgspec.Struct, frozen=True):
    """How often an offer has been used so far."""

    store: int = 0  # ever, here
    day: int = 0
    member: int = 0
    spent_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    coupon_id: str
    promotion_id: str  # whose needs_coupon it meets
    valid_to: str = ""  # YYYY-MM-DD, the last day; "": no end


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A discount that somebody has decided on already: always given, never searched.

    MEMBER: per piece of the line. ORDER: by hand, on a line or on the order. POINTS: on the order.
    """

    layer: int  # MEMBER, ORDER or POINTS
    source: str  # "member" | "manual" | "points"
    source_id: str
    label_zh: str
    label_en: str
    line_id: int = 0  # 0: the order
    basis_points: int = 0  # or
    amount_minor: int = 0
    most_bp: int = 10_000  # the largest share of its lines that the amount may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The moment and the customer, as plain values."""

    day: str  # YYYY-MM-DD on the wall
    weekday: int  # 1 is Monday
    minute: int  # of the day
    store: str
    member_id: str = ""
    tier: str = ""
    segments: frozenset[str] = frozenset()
    uses: Mapping[str, Uses] = field(default_factory=dict)  # by promotion
    coupons: tuple[Coupon, ...] = ()
    grants: tuple[Grant, ...] = ()
    near_minor: int = 100_00  # a threshold that lacks more is not worth a hint
