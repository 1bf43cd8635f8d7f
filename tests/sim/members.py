"""What members do in the simulated month: join, recharge, and let points, coupons and balances pay."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import msgspec

from services.domain.metrics import Window
from services.domain.offers import Goods
from services.domain.points_rules import Book, Discount, Terms
from services.domain.tiers import Benefits, Need, Program, Tier
from services.domain.z import Z
from services.flows import (
    bag_rewards,
    baskets,
    best_choice,
    coupon_templates,
    coupons,
    customers,
    members,
    points,
    points_rules,
    prices,
    stored_value,
    stored_value_payments,
    stored_value_plans,
    tiers,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.store.db import LEDGER
from services.store.members import group
from tests.flows.loyal import TWENTY
from tests.shop import SOCKS

PEOPLE = 12
MANAGER = Approval(approver_id="he", pin="735290", reason="month")
LADDER = Program(
    tiers=tuple(
        Tier(
            key=key,
            rank=rank,
            label_zh=key,
            label_en=key,
            rule=Need("spend_minor", least, Window("rolling_days", 10)),
            benefits=Benefits(discount_bp=bp, goods=Goods(excluded=(SOCKS,))),
            stay_days=5,
        )
        for key, rank, least, bp in (("silver", 1, 1_000_00, 300), ("gold", 2, 6_000_00, 500))
    ),
    period_months=1,
)
BOOK = Book(
    terms=Terms(points=1, per_minor=1_00, pending_days=2, valid_months=1),
    discount=Discount(points=100, minor=1_00, share_bp=5_000),
)


class Members:
    """The people of one shop, and what they do at its tills; `key` gives the key of the next wish."""

    def __init__(self, shop: Shop, chance: random.Random, key: Callable[[], str]) -> None:
        self.shop, self.chance, self.key = shop, chance, key
        self.plan = ("", 0)
        self.kind = ""

    def begin(self) -> None:
        """Before the first day, on a sound disk."""
        points_rules.change(self.shop, BOOK, seen_version=0, operator_id="he")
        tiers.publish(self.shop, LADDER, seen_version=0, operator_id="he")
        draft = PlanDraft(
            label_zh="充值", label_en="Recharge", pays_minor=200_00, bonus_minor=30_00, bonus_days=20
        )
        plan = stored_value_plans.publish(self.shop, draft, operator_id="he", request_id="plan")
        self.plan = (plan.plan_id, plan.version)
        template = msgspec.structs.replace(TWENTY, days=5, goods=Goods(excluded=(SOCKS,)))
        made = coupon_templates.publish(self.shop, template, operator_id="he", request_id="template")
        self.kind = made.template_id
        for n in range(PEOPLE):
            self.join(n)

    def join(self, n: int) -> str:
        joining = members.Joining(given={"phone": f"1380013{8000 + n}", "name": f"会员{n}"}, till="1")
        return members.join(self.shop, joining, operator_id="zhou", request_id=f"join-{n}").member_id

    def somebody(self) -> str:
        return self.join(self.chance.randrange(PEOPLE))

    def named(self, till: str) -> object:
        bag = baskets.current(self.shop, till)
        return customers.name(self.shop, till, self.somebody(), basket_id=bag.basket_id)

    def recharged(self, till: str) -> object:
        plan_id, version = self.plan
        tender = self.chance.choice(("cash", "card", "mobile"))
        return stored_value.recharge(
            *(self.shop, till, self.somebody()),
            plan_id=plan_id,
            plan_version=version,
            paid_minor=200_00,
            tender=tender,
            reference="" if tender == "cash" else "T1-8",
            operator_id="zhou",
            request_id=self.key(),
        )

    def paid_out(self, till: str) -> object:
        """The newest recharge of somebody, in the first week or for their own reason."""
        found = [
            move for move in stored_value.statement(group(self.somebody())) if move.kind == "recharged"
        ]
        if not found:
            return None
        reason = self.chance.choice(("cooling_off", "customer"))
        worth = stored_value.worth(self.shop, found[0].move_id, reason)
        tender = self.chance.choice(("cash", "card"))
        return stored_value.cash_out(
            *(self.shop, till, found[0].move_id),
            reason=reason,
            shown_minor=worth.pays_minor,
            tender=tender,
            reference="" if tender == "cash" else "T1-9",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.key(),
        )

    def pays_stored(self, till: str) -> object:
        bag = baskets.current(self.shop, till)
        usable = stored_value_payments.worth(self.shop, bag, prices.priced(self.shop, bag)).usable_minor
        if not usable:
            return None
        return stored_value_payments.redeem(
            self.shop,
            till,
            basket_id=bag.basket_id,
            version=bag.version,
            amount_minor=self.chance.randint(1, usable),
            present=True,
            operator_id="zhou",
            request_id=self.key(),
        )

    def spends_points(self, till: str) -> object:
        bag = baskets.current(self.shop, till)
        most = bag_rewards.points_of(self.shop, bag, prices.priced(self.shop, bag)).most
        if not most:
            return None
        return bag_rewards.use_points(self.shop, till, most, basket_id=bag.basket_id)

    def given_coupon(self, till: str) -> object:
        return coupons.give(
            self.shop,
            self.kind,
            self.somebody(),
            reason="gift",
            approval=MANAGER,
            till=till,
            operator_id="zhou",
            request_id=self.key(),
        )

    def uses_coupon(self, till: str) -> object:
        bag = baskets.current(self.shop, till)
        if not bag.member_id or bag.coupons or not bag.standing:
            return None
        held = [each for each in coupons.wallet(group(bag.member_id)) if each.state == "issued"]
        if not held:
            return None
        return bag_rewards.use_coupon(self.shop, till, held[-1].coupon_id, basket_id=bag.basket_id)

    def takes_best(self, till: str) -> object:
        bag = baskets.current(self.shop, till)
        proposed = best_choice.propose(self.shop, bag)
        if proposed is None or proposed.taken:
            return None
        best = proposed.found.best
        ids = [each.coupon_id for each in best.coupons]
        after = best_choice.take(
            *(self.shop, till, ids, best.points), basket_id=bag.basket_id, version=bag.version
        )
        assert bag_rewards.due_minor(prices.priced(self.shop, after)) - best.points_minor == best.pays_minor
        return after

    def night(self) -> None:
        """What the box does at the end of a day."""
        tiers.sweep(self.shop)
        coupons.expire_all(self.shop)
        stored_value.expire_all(self.shop)
        for n in range(PEOPLE):
            points.look(self.shop, group(self.join(n))).check()


# What the journal tells that tills did, of those whose shift is over.
_CLOSED = (
    " FROM (SELECT seq, type, json_extract(CAST(body AS TEXT), '$.data') AS told FROM journal) AS j"
    " WHERE type = ? AND seq <= (SELECT MAX(last_seq) FROM shift"
    " WHERE till = json_extract(told, '$.workstation_id') AND state <> 'open')"
)
_SUMS = {  # name -> (type of event, what is summed, of which kind)
    "recharged": ("stored_value.moved", "json_extract(told, '$.principal_minor')", "recharged"),
    "given": ("stored_value.moved", "json_extract(told, '$.bonus_minor')", "recharged"),
    "spent": ("stored_value.moved", "-json_extract(told, '$.principal_minor')", "spent"),
    "bonus_spent": ("stored_value.moved", "-json_extract(told, '$.bonus_minor')", "spent"),
    "out": ("stored_value.moved", "json_extract(told, '$.pays_minor')", "cashed_out"),
    "earned": ("points.moved", "json_extract(told, '$.delta')", "earned"),
    "redeemed": ("points.moved", "-json_extract(told, '$.delta')", "spent"),
    "clawed": ("points.moved", "-json_extract(told, '$.delta')", "clawed"),
    "coupons": ("coupon.moved", "1", "used"),
}
_TENDERS = (
    "SELECT key, SUM(amount_minor) FROM (SELECT t.key, t.amount_minor FROM tender t"
    " JOIN sale s USING (sale_id) WHERE s.journal_seq <= (SELECT MAX(last_seq) FROM shift"
    " WHERE shift.till = s.till AND state <> 'open') UNION ALL SELECT json_extract(told, '$.tender_type'),"
    " CASE json_extract(told, '$.kind') WHEN 'recharged' THEN json_extract(told, '$.principal_minor')"
    f" ELSE -COALESCE(json_extract(told, '$.pays_minor'), 0) END {_CLOSED}"
    " AND json_extract(told, '$.kind') IN ('recharged', 'cashed_out')) GROUP BY key"
)


def told() -> dict[str, int]:
    """What members did until each till's last Z, and what every tender brought, added up without any Z."""
    found: Counter[str] = Counter()
    for name, (kind, what, of) in _SUMS.items():
        query = f"SELECT COALESCE(SUM({what}), 0){_CLOSED} AND json_extract(told, '$.kind') = ?"
        found[name] = LEDGER.execute_sql(query, (kind, of)).fetchone()[0]
    for key, minor in LEDGER.execute_sql(_TENDERS, ("stored_value.moved",)):
        found[f"by {key}"] = minor
    return {name: figure for name, figure in found.items() if figure}


def told_by_zs() -> dict[str, int]:
    """The same figures out of all Zs."""
    found: Counter[str] = Counter()
    for (body,) in LEDGER.execute_sql("SELECT body FROM z_report").fetchall():
        z = msgspec.json.decode(body, type=Z)
        for each in z.tenders:
            found[f"by {each.tender_type}"] += each.amount_minor - each.refunds_minor
        assert z.members is not None
        if (value := z.members.stored_value) is not None:
            found.update(recharged=value.recharged_minor, given=value.bonus_given_minor)
            found.update(spent=value.spent_minor, bonus_spent=value.bonus_spent_minor)
            found.update(out=value.paid_out_minor)
        if (points_ := z.members.points) is not None:
            found.update(earned=points_.earned, redeemed=points_.redeemed, clawed=points_.clawed)
        if z.members.coupons is not None:
            found.update(coupons=z.members.coupons.redeemed)
    return {name: figure for name, figure in found.items() if figure}
