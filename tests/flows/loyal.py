"""A member at the till with a bag, coupons, stored value and points. For tests only."""

from __future__ import annotations

from typing import Any

import msgspec

from services.domain.basket import Basket
from services.domain.coupons import Template
from services.domain.points_rules import Book, Terms
from services.flows import (
    bag_rewards,
    baskets,
    checkout,
    coupon_templates,
    coupons,
    customers,
    members,
    points,
    points_rules,
    prices,
    returns,
    stored_value,
    stored_value_payments,
    stored_value_plans,
    voids,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.store.members import group
from services.store.sales import Sale

MANAGER = Approval(approver_id="he", pin="735290", reason="wrong article")
TWENTY = Template(
    template_id="",
    version=1,
    number=1,
    kind="amount",
    label_zh="20 元券",
    label_en="20 off",
    face_minor=20_00,
    days=30,
)


class Till:
    """Till 1 of a shop, and one member who buys at it."""

    def __init__(self, shop: Shop, phone: str = "13812345620", key: str = "1") -> None:
        self.shop, self.till = shop, key
        joining = members.Joining(given={"phone": phone, "name": "王芳"})
        self.member = members.join(shop, joining, operator_id="zhou", request_id=f"join-{phone}").member_id

    @property
    def bag(self) -> Basket:
        return baskets.current(self.shop, self.till)

    @property
    def due_minor(self) -> int:
        return prices.priced(self.shop, self.bag).total.minor

    def fill(self, *skus: str, known: bool = True) -> None:
        for sku in skus:
            baskets.add(self.shop, self.till, sku=sku, code="", quantity=1, request_id=self.shop.new_id())
        if known:
            customers.name(self.shop, self.till, self.member, basket_id=self.bag.basket_id)

    def coupon(self, member_id: str | None = None, **changes: Any) -> str:
        """A new coupon of a new kind, for the member or whoever has it ("")."""
        draft = msgspec.structs.replace(TWENTY, **changes)
        made = coupon_templates.publish(self.shop, draft, operator_id="he", request_id=self.shop.new_id())
        return self.gift(made.template_id, self.member if member_id is None else member_id)

    def gift(self, template_id: str, member_id: str) -> str:
        """One more coupon of a kind."""
        return coupons.give(
            *(self.shop, template_id, member_id),
            reason="gift",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.shop.new_id(),
        ).coupon_id

    def earns(self, points: int, per_minor: int = 1_00, **changes: Any) -> None:
        """Points for what is paid from now on."""
        book = Book(terms=Terms(points=points, per_minor=per_minor), **changes)
        seen = points_rules.newest().version
        points_rules.change(self.shop, book, seen_version=seen, operator_id="he")

    @property
    def points(self) -> int:
        return points.look(self.shop, group(self.member)).balance

    def give_points(self, count: int) -> None:
        points.adjust(
            self.shop,
            self.member,
            count,
            reason="goodwill",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )

    def spend_points(self, count: int) -> None:
        bag_rewards.use_points(self.shop, self.till, count, basket_id=self.bag.basket_id)

    def use(self, coupon_id: str, *, wanted: bool = True) -> None:
        bag_rewards.use_coupon(self.shop, self.till, coupon_id, basket_id=self.bag.basket_id, wanted=wanted)

    def recharge(self, paid_minor: int, bonus_minor: int, bonus_days: int = 0) -> None:
        draft = PlanDraft(
            label_zh="充值",
            label_en="Recharge",
            pays_minor=paid_minor,
            bonus_minor=bonus_minor,
            bonus_days=bonus_days,
        )
        plan = stored_value_plans.publish(self.shop, draft, operator_id="he", request_id=self.shop.new_id())
        stored_value.recharge(
            *(self.shop, self.till, self.member),
            plan_id=plan.plan_id,
            plan_version=plan.version,
            paid_minor=paid_minor,
            tender="cash",
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )

    def pay_stored(self, minor: int = 0) -> None:
        stored_value_payments.redeem(
            self.shop,
            self.till,
            basket_id=self.bag.basket_id,
            version=self.bag.version,
            amount_minor=minor,
            present=True,
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )

    def settle(self, cash: int | None = None, key: str = "") -> Sale:
        return checkout.settle(
            self.shop,
            self.till,
            basket_id=self.bag.basket_id,
            version=self.bag.version,
            tendered=[] if cash is None else [("cash", cash)],
            operator_id="zhou",
            request_id=key or self.shop.new_id(),
        )

    def pay(self) -> Sale:
        """All in cash."""
        return self.settle(self.due_minor)

    def bring(self, sale: Sale, *pieces: tuple[int, int]) -> None:
        """Back into the bag; settled later."""
        returns.take_back(
            self.shop,
            self.till,
            sale_id=sale.sale_id,
            pieces=pieces,
            reason="size",
            basket_id=self.bag.basket_id,
            operator_id="zhou",
            approval=MANAGER,
            request_id=self.shop.new_id(),
        )

    def take_back(self, sale: Sale, *pieces: tuple[int, int], cash: int | None = None) -> Sale:
        self.bring(sale, *pieces)
        return self.settle(cash)

    def void(self, sale: Sale) -> Sale:
        return voids.void(
            self.shop,
            self.till,
            sale.sale_id,
            reason="wrong article",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )
