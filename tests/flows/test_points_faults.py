"""Points wherever storage fails: each move is whole or absent, and the same step again makes it once."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.points_rules import Book, CheckIn, EarningRule, LadderStep, Reward, Terms
from services.flows import check_ins, points, rewards
from services.store import books, db
from services.store import check_ins as visits
from services.store import points as ledger
from tests.faults import each_failure
from tests.flows.points_till import V1_BONUS, Customer, rules
from tests.shop import enrol, make_shop

HEM = Reward(reward_id="hem", kind="service", label_zh="改裤脚", label_en="Hemming", points=400)
DOUBLE = EarningRule(rule_id="d", kind="multiplier", label_zh="双倍", label_en="Double", factor_bp=20_000)
STEP = LadderStep(days=1, points=5)
BOOK = Book(
    terms=Terms(points=1), earning=(DOUBLE,), rewards=(HEM,), check_in=CheckIn(points=1, ladder=(STEP,))
)


@pytest.mark.parametrize("what", ["sale", "reward", "reward_back", "check_in", "adjust"])
def test_it_is_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[Customer, str]:
        if n == 1:
            rules(shop, BOOK)
        enrol(shop, f"m-{n}")
        customer = Customer(shop, (f"m-{n}",))
        customer.give(300, "2026-12")
        customer.give(300, "2027-03")
        if what != "reward_back":
            return customer, f"key-{what}-{n}"
        return customer, _exchange(customer, f"first-{n}")

    def step(case: tuple[Customer, str]) -> None:
        customer, key = case
        if what == "sale":
            customer.buy(key, spent=500, bonus_minor=V1_BONUS)
        elif what == "reward":
            _exchange(customer, key)
        elif what == "reward_back":
            rewards.give_back(shop, key, None, operator_id="he", request_id=f"back-{key}")
        elif what == "check_in":
            check_ins.check_in(shop, customer.group[0], "", operator_id="zhou", request_id=key)
        else:
            points.adjust(
                *(shop, customer.group[0], -400),
                reason="correction",
                approval=None,
                operator_id="he",
                request_id=key,
            )

    def look() -> object:
        assert books.differences() == []
        members = db.LEDGER.execute_sql("SELECT DISTINCT member_id FROM points_row ORDER BY 1").fetchall()
        return [(one, ledger.account((one,)).held, visits.of_group((one,))) for (one,) in members]

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def _exchange(customer: Customer, key: str) -> str:
    return rewards.redeem(customer.shop, customer.group[0], "hem", operator_id="zhou", request_id=key)
