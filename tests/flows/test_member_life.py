"""The whole life of members in any order of steps, the shop beside a naive account of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.domain.checkin import Visit
from services.domain.errors import CheckInRefused, PointsShort
from services.domain.member_errors import MemberUnknown
from services.domain.merging import Edge
from services.domain.metrics import Window
from services.domain.offers import COUPON, POINTS
from services.domain.points_rules import Book, CheckIn, Discount, LadderStep, Terms
from services.domain.points_rules import Referral as ReferralTerms
from services.domain.tender_errors import StoredValueFrozen
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import (
    check_ins,
    coupon_templates,
    coupons,
    member_privacy,
    members,
    merges,
    points,
    points_rules,
    referrals,
    stored_value,
    stored_value_accounts,
    stored_value_moves,
    stored_value_plans,
    tiers,
)
from services.flows.stored_value_accounts import Change
from services.flows.stored_value_plans import PlanDraft
from services.store import books, journal, sales
from services.store import points as ledger
from services.store.db import LEDGER
from services.store.members import group as ids_of
from services.store.sales import Sale
from services.store.sealed import VAULT
from services.store.stored_value import Move
from tests.domain.naive_price import shares
from tests.flows import member_life as told
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.flows.member_life import MUTANTS, TIERS, Coupon, Deal, Life, Referral, Value
from tests.shop import PRICES, Clock, make_shop, open_store

Holds = tuple[tuple[int, ...], list[str]]

DAY_MS = 86_400_000
FACE, MEMBERS_MAX = 20_00, 5
PAYS, BONUS, LIMIT = 500_00, 60_00, 5_000_00

BOOK = Book(
    terms=Terms(
        points=1,
        per_minor=100,
        pending_days=told.PENDING_DAYS,
        valid_months=told.VALID_MONTHS,
        grace_days=told.GRACE_DAYS,
    ),
    discount=Discount(points=1, minor=1),
    check_in=CheckIn(points=told.VISIT, ladder=(LadderStep(days=told.ROW_OF_DAYS, points=told.ROW),)),
    referral=ReferralTerms(
        referrer_points=told.REFERRED, newcomer_points=told.REFERRED, window_days=told.REFERRED_DAYS
    ),
)
LADDER = Program(
    period_months=1,
    tiers=tuple(
        Tier(
            key=key,
            rank=rank,
            label_zh=key,
            label_en=key,
            rule=Need("spend_minor", least, Window("rolling_days", told.WINDOW_DAYS)),
            benefits=Benefits(discount_bp=bp),
            stay_days=told.STAY_DAYS,
        )
        for rank, (key, least, bp) in TIERS.items()
        if rank
    ),
)


class Shop(RuleBasedStateMachine):
    """One till, up to five members, and months that pass."""

    mutant = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.clock = Clock()
        self.shop = make_shop(self.clock)
        open_store(self.folder / "shop.db")
        points_rules.change(self.shop, BOOK, seen_version=points_rules.newest().version, operator_id="he")
        tiers.publish(self.shop, LADDER, seen_version=0, operator_id="he")
        template = coupon_templates.publish(self.shop, TWENTY, operator_id="he", request_id="template")
        draft = PlanDraft(
            label_zh="充",
            label_en="Plan",
            pays_minor=PAYS,
            bonus_minor=BONUS,
            bonus_days=told.BONUS_DAYS,
        )
        self.plan = stored_value_plans.publish(self.shop, draft, operator_id="he", request_id="plan")
        self.template_id = template.template_id
        self.life = Life(points.day(self.shop, self.clock.at_ms), self.mutant)
        self.sent: list[tuple[Callable[[], object], object]] = []
        self.till = Till(self.shop, self._phone())
        self.life.members.append(self.till.member)

    def teardown(self) -> None:
        VAULT.shut()
        LEDGER.shut()
        shutil.rmtree(self.folder)

    def _phone(self) -> str:
        return f"138{len(self.life.members):08d}"

    def _who(self, data: st.DataObject) -> list[str]:
        return data.draw(st.sampled_from(self.life.people()), label="who")

    def _send(self, request: Callable[[str], object]) -> object:
        """What `request` answers under a new key; again() sends it once more, whatever happened since."""
        key = self.shop.new_id()
        self.sent.append((lambda: request(key), first := request(key)))
        return first

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """The answer was lost: it is the same, and nothing happens twice."""
        request, first = self.sent[data.draw(st.integers(0, len(self.sent) - 1), label="request")]
        head = journal.head()
        assert (request(), journal.head()) == (first, head)

    @initialize(data=st.data())
    def somebody_joins(self, data: st.DataObject) -> None:
        self._join(data)

    # who they are

    @precondition(lambda self: len(self.life.members) < MEMBERS_MAX)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        self._join(data)

    def _join(self, data: st.DataObject) -> None:
        given = {"phone": self._phone(), "name": f"会员 {len(self.life.members)}"}
        joining = members.Joining(given=given)
        new = members.join(self.shop, joining, operator_id="zhou", request_id=self.shop.new_id()).member_id
        people = self.life.people()
        self.life.members.append(new)
        if people and data.draw(st.booleans(), label="referred"):
            referrer = data.draw(st.sampled_from(people), label="referrer")[0]
            referrals.refer(self.shop, new, referrer, operator_id="zhou")
            self.life.referrals[new] = Referral(new, referrer)

    @precondition(lambda self: len(self.life.people()) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Nothing is lost or made: what both had is what the one has."""
        one, other = sorted(data.draw(st.permutations(self.life.people()), label="pair")[:2])
        self._merge(one[0], other[0])

    def _merge(self, one: str, other: str) -> None:
        before = [self._holds(ids_of(each)) for each in (one, other)]
        merges.merge(
            self.shop, one, other, "same person", MANAGER, operator_id="zhou", request_id=self.shop.new_id()
        )
        self.life.edges[other, one] = self.life.day
        after = self._holds(ids_of(one))
        assert after == _together(*before)

    @precondition(lambda self: self._partable())
    @rule(data=st.data())
    def unmerge(self, data: st.DataObject) -> None:
        pair = data.draw(st.sampled_from(self._partable()), label="pair")
        self._unmerge(pair)

    def _unmerge(self, pair: tuple[str, str]) -> None:
        before = self._holds(ids_of(pair[0]))
        merges.unmerge(
            *(self.shop, Edge(*pair), "two people", MANAGER),
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )
        self.life.part(pair)
        assert before == _together(*(self._holds(ids_of(each)) for each in pair))

    @precondition(lambda self: len(self.life.people()) > 1)
    @rule(data=st.data())
    def merge_by_mistake(self, data: st.DataObject) -> None:
        """Merged and parted with nothing between, both are what they were, to the lot."""
        one, other = sorted(data.draw(st.permutations(self.life.people()), label="pair")[:2])
        before = [(ledger.account((each,)).held, self._holds((each,))) for each in one + other]
        self._merge(one[0], other[0])
        self._unmerge((other[0], one[0]))
        assert before == [(ledger.account((each,)).held, self._holds((each,))) for each in one + other]

    def _partable(self) -> list[tuple[str, str]]:
        known = {each for group in self.life.people() for each in group}
        return [
            pair
            for pair, day in sorted(self.life.edges.items())
            if pair[0] in known and self.life.day < told.later(day, 30)
        ]

    def _holds(self, group: tuple[str, ...]) -> Holds:
        """What is conserved: sums, and coupons."""
        account = ledger.account(group)
        stored = stored_value_moves.balance(self.shop, group)
        wallet = sorted(each.coupon_id for each in coupons.wallet(group))
        sums = (account.active, account.pending, account.debt, stored.principal, stored.bonus)
        return sums, wallet

    @precondition(lambda self: len(self.life.people()) > 1)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        group = self._who(data)
        if self.life.worth(group, False) + self.life.worth(group, True):
            return
        member_privacy.erase(
            self.shop, group[0], MANAGER, operator_id="zhou", request_id=self.shop.new_id()
        )
        self.life.gone |= set(group)
        for each in group:
            with pytest.raises(MemberUnknown):
                members.find(each)

    # buying

    @rule(data=st.data(), skus=st.lists(st.sampled_from(sorted(PRICES)), min_size=1, unique=True))
    def buy(self, data: st.DataObject, skus: list[str]) -> None:
        group = self._who(data)
        coupon = self._coupon(group) if data.draw(st.booleans(), label="coupon") else None
        self.till.member = data.draw(st.sampled_from(group), label="key shown")
        self.till.fill(*skus)
        if coupon is not None:
            self.till.use(self._coupon_id(group, coupon))
        rank = self.life.held(group).rank
        lines = [PRICES[sku] - PRICES[sku] * TIERS[rank][2] // 10_000 for sku in skus]
        due = sum(lines) - (FACE if coupon is not None else 0)
        view = self.life.purse.copy()
        view.catch_up(group, self.life.day)
        most = min(due, view.usable(group))
        count = data.draw(st.sampled_from((0, most // 2, most)), label="points")
        if count:
            self.till.spend_points(count)
        due -= count
        assert self.till.due_minor == due
        stored = self._pay_stored(data, group, due)
        sale = self.till.settle(due - stored if due > stored else None)
        deal = self._deal(sale, group, coupon, *self._reckoned(lines, coupon, count))
        self.life.buy(deal, count, stored)

    def _pay_stored(self, data: st.DataObject, group: list[str], due: int) -> int:
        has = self.life.worth(group, False) + self.life.worth(group, True)
        stored = min(has, due) * data.draw(st.integers(0, 3), label="thirds stored") // 3
        if not stored:
            return 0
        if self.life.frozen & set(group):
            with pytest.raises(StoredValueFrozen):
                self.till.pay_stored(stored)
            return 0
        self.till.pay_stored(stored)
        return stored

    def _reckoned(
        self, lines: list[int], coupon: Coupon | None, count: int
    ) -> tuple[list[int], list[int], list[int]]:
        """Of each line what it costs in the end, what points took off it, and what the coupon."""
        taken = shares(FACE if coupon is not None else 0, lines)
        left = [line - part for line, part in zip(lines, taken, strict=True)]
        off = shares(count, left)
        return [line - part for line, part in zip(left, off, strict=True)], off, taken

    def _deal(
        self,
        sale: Sale,
        group: list[str],
        coupon: Coupon | None,
        nets: list[int],
        off: list[int],
        taken: list[int],
    ) -> Deal:
        """What the naive account says of a sale; the shop's own lines must say the same."""
        numbers = [each.line.line_id for each in sale.lines]
        assert [each.net.minor for each in sale.lines] == nets
        for layer, parts in ((POINTS, off), (COUPON, taken)):
            said = [
                -sum(a.amount.minor for a in each.adjustments if a.layer == layer) for each in sale.lines
            ]
            assert said == parts
        return Deal(
            sale.sale_id,
            self.till.member,
            self.life.day,
            dict(zip(numbers, nets, strict=True)),
            dict(zip(numbers, off, strict=True)),
            set(numbers),
            coupon=coupon,
            carried=frozenset(n for n, part in zip(numbers, taken, strict=True) if part),
        )

    def _coupon(self, group: list[str]) -> Coupon | None:
        """The one of the person's that ends first."""
        mine = [each for each in self.life.coupons if each.owner in group and not each.used]
        return min(
            (each for each in mine if each.last >= self.life.day), key=lambda each: each.last, default=None
        )

    def _coupon_id(self, group: list[str], coupon: Coupon) -> str:
        usable = [
            each
            for each in coupons.wallet(tuple(group))
            if (each.state, each.member_id, each.last_day) == ("issued", coupon.owner, coupon.last)
        ]
        assert usable, (coupon, coupons.wallet(tuple(group)))
        return usable[0].coupon_id

    @precondition(lambda self: any(deal.kept for deal in self.life.deals))
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        deal = data.draw(st.sampled_from([d for d in self.life.deals if d.kept]), label="deal")
        lines = data.draw(st.sets(st.sampled_from(sorted(deal.kept)), min_size=1), label="lines")
        sale = self.till.take_back(_found(deal), *((n, 1) for n in sorted(lines)))
        assert _paid_back(sale) == self.life.bring_back(deal, lines)

    @precondition(lambda self: self._open())
    @rule(data=st.data(), sku=st.sampled_from(sorted(PRICES)))
    def exchange(self, data: st.DataObject, sku: str) -> None:
        deal = data.draw(st.sampled_from(self._open()), label="deal")
        line = data.draw(st.sampled_from(sorted(deal.kept)), label="line")
        rank = self.life.held(self.life.group(deal.member)).rank
        costs = PRICES[sku] - PRICES[sku] * TIERS[rank][2] // 10_000
        self.till.fill(sku, known=False)
        due = max(0, costs - deal.nets[line])
        sale = self.till.take_back(_found(deal), (line, 1), cash=due or None)
        (bought,) = [each for each in sale.lines if each.line.quantity > 0]
        assert bought.net.minor == costs
        number = bought.line.line_id
        new = Deal(
            sale.sale_id, deal.member, self.life.day, {number: costs}, {number: 0}, {number}, whole=False
        )
        back = self.life.bring_back(deal, {line}, new)
        assert _paid_back(sale) == (back[0], -due or back[1])

    def _open(self) -> list[Deal]:
        """What an exchange may begin with: nothing of those who are gone."""
        return [d for d in self.life.deals if d.kept and not self.life.gone & {d.member}]

    @precondition(lambda self: self._voidable())
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        deal = data.draw(st.sampled_from(self._voidable()), label="deal")
        self.till.void(_found(deal))
        self.life.bring_back(deal, set(deal.kept), never=True)

    def _voidable(self) -> list[Deal]:
        """Nothing that would go back onto the account of somebody who is gone."""
        whole = [d for d in self.life.deals if d.whole and d.day == self.life.day and d.kept == set(d.nets)]
        return [d for d in whole if not self.life.gone & {d.member}]

    # points, visits, coupons, money

    @rule(data=st.data(), n=st.sampled_from((-200, -30, 50, 300)))
    def correct_points(self, data: st.DataObject, n: int) -> None:
        group = self._who(data)

        def go(key: str) -> None:
            points.adjust(
                *(self.shop, group[-1], n),
                reason="goodwill",
                approval=MANAGER,
                operator_id="zhou",
                request_id=key,
            )

        if self.life.correct(group, n):
            self._send(go)
        else:
            with pytest.raises(PointsShort):
                go(self.shop.new_id())

    @rule(data=st.data())
    def check_in(self, data: st.DataObject) -> None:
        group = self._who(data)

        def go(key: str) -> Visit:
            return check_ins.check_in(self.shop, group[-1], "", operator_id="zhou", request_id=key)

        if self.life.check_in(group):
            self._send(go)
        else:
            with pytest.raises(CheckInRefused):
                go(self.shop.new_id())

    @rule(data=st.data())
    def give_coupon(self, data: st.DataObject) -> None:
        group = self._who(data)

        def go(key: str) -> str:
            return coupons.give(
                *(self.shop, self.template_id, group[-1]),
                reason="gift",
                approval=MANAGER,
                operator_id="zhou",
                request_id=key,
            ).coupon_id

        self._send(go)
        self.life.coupons.append(Coupon(group[0], told.later(self.life.day, told.COUPON_DAYS - 1)))

    @rule(data=st.data(), planned=st.booleans())
    def recharge(self, data: st.DataObject, planned: bool) -> None:
        group = self._who(data)
        pays, bonus = (PAYS, BONUS) if planned else (123_45, 0)
        has = self.life.worth(group, False) + self.life.worth(group, True)
        if has + pays + bonus > LIMIT or self.life.frozen & set(group):
            return

        def go(key: str) -> Move:
            return stored_value.recharge(
                *(self.shop, "1", group[-1]),
                plan_id=self.plan.plan_id if planned else "",
                plan_version=self.plan.version if planned else 0,
                paid_minor=pays,
                tender="cash",
                operator_id="zhou",
                request_id=key,
            )

        move = self._send(go)
        assert isinstance(move, Move)
        self.life.values.append(Value(group[0], move.move_id, False, pays))
        if bonus:
            ends = told.later(self.life.day, told.BONUS_DAYS)
            self.life.values.append(Value(group[0], move.move_id, True, bonus, ends))

    @precondition(lambda self: any(each.left for each in self.life.values))
    @rule(data=st.data())
    def cash_out(self, data: st.DataObject) -> None:
        left = sorted({each.recharge for each in self.life.values if each.left})
        recharge = data.draw(st.sampled_from(left), label="recharge")
        lots = [each for each in self.life.values if each.recharge == recharge]
        if lots[0].owner in self.life.gone or self.life.frozen & set(self.life.group(lots[0].owner)):
            return
        pays = sum(each.left for each in lots if not each.bonus)
        stored_value.cash_out(
            *(self.shop, "1", recharge),
            reason="shop",
            shown_minor=pays,
            tender="cash",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.shop.new_id(),
        )
        for each in lots:
            each.left = 0

    @rule(data=st.data())
    def freeze_or_release(self, data: st.DataObject) -> None:
        group = self._who(data)
        frozen = bool(self.life.frozen & set(group))
        wanted: Change = "released" if frozen else "frozen"

        def go(key: str) -> None:
            stored_value_accounts.change(
                *(self.shop, group[-1], wanted),
                reason="lost",
                approval=MANAGER,
                operator_id="zhou",
                request_id=key,
            )

        self._send(go)
        self.life.frozen = self.life.frozen - set(group) if frozen else self.life.frozen | {group[0]}

    # time

    @rule(days=st.sampled_from((1, 1, 7, 29, 29, 30, 45)), night=st.booleans())
    def pass_time(self, days: int, night: bool) -> None:
        self.clock.at_ms += days * DAY_MS
        if night:
            points.catch_up_all(self.shop)
            stored_value.expire_all(self.shop)
            coupons.expire_all(self.shop)
            tiers.sweep(self.shop)
        self.life.pass_time(days, night)

    @rule()
    def restart(self) -> None:
        VAULT.shut()
        LEDGER.shut()
        open_store(self.folder / "shop.db")
        member_privacy.settle(self.shop)

    # what must hold

    @invariant()
    def the_shop_says_the_same(self) -> None:
        assert books.differences() == []
        for group in self.life.people():
            person = tuple(group)
            assert ids_of(group[-1]) == person
            self._same_points(group)
            stored = stored_value_moves.balance(self.shop, person)
            assert stored == (self.life.worth(group, False), self.life.worth(group, True))
            issued = [each.last_day for each in coupons.wallet(person) if each.state == "issued"]
            assert sorted(day for day in issued if day >= self.life.day) == self.life.open_coupons(group)
            step, held = self.life.held(group), tiers.view(self.shop, person).standing
            assert (held.tier, held.until) == (TIERS[step.rank][0], step.until)

    def _same_points(self, group: list[str]) -> None:
        view = self.life.purse.copy()
        view.catch_up(group, self.life.day)
        account = points.look(self.shop, tuple(group))
        assert {
            (each.lot.member_id, each.lot.pending_until, each.lot.expires): each.points
            for each in account.held
            if each.lot.state != "debt"
        } == {lot: n for lot, n in view.lots.items() if n and lot[0] in group}
        assert account.debt == view.owed(group)


def _together(one: Holds, other: Holds) -> Holds:
    return tuple(a + b for a, b in zip(one[0], other[0], strict=True)), sorted(one[1] + other[1])


def _paid_back(sale: Sale) -> tuple[int, int]:
    """(to stored value, in cash)"""
    stored = sum(-each.amount.minor for each in sale.tenders if each.key == "stored_value")
    return stored, sum(-each.amount.minor for each in sale.tenders if each.key == "cash")


def _found(deal: Deal) -> Sale:
    sale = sales.by_id(deal.sale_id)
    assert sale is not None
    return sale


def walk(machine: type[Shop], examples: int, steps: int, **more: object) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_any_order_of_steps_comes_to_what_the_naive_account_says(soak: int) -> None:
    walk(Shop, 60 * soak, 40)


@pytest.mark.parametrize("broken", MUTANTS)
def test_the_walk_notices_an_account_that_breaks_a_rule(broken: str) -> None:
    others = {each.function.__name__: None for each in Shop.setup_state().rules}
    kept = {name: getattr(Shop, name) for name in MUTANTS[broken]}
    mutant = type("Mutant", (Shop,), {**others, **kept, "mutant": broken})
    with pytest.raises(AssertionError):
        walk(mutant, 2_000, 20, database=None, print_blob=False, phases=[Phase.generate])
