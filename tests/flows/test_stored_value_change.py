"""Change that goes onto an account, and the papers of stored value: once, and never more than was there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.contracts import Op
from services.domain.errors import ApprovalNeeded, SaleUnknown
from services.domain.tender_errors import StoredValueRefused
from services.flows import business_day, rights, spool, stored_value, stored_value_change, voids
from services.flows.shop import Shop
from services.store import books, db, jobs, shifts
from services.store.sales import Sale
from services.store.stored_value import Move
from tests.faults import each_failure
from tests.flows.loyal import MANAGER, Till
from tests.flows.test_shifts import close, count, drawer
from tests.flows.test_stored_value import has
from tests.shop import TEE, Clock

DAY_MS = 86_400_000
RACES = 50
TABLETS = 8


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def sold(till: Till, cash: int = 100_00, *, known: bool = True) -> Sale:
    till.fill(TEE, known=known)
    return till.settle(cash)


def keep(till: Till, sale: Sale, key: str = "keep") -> Move:
    return stored_value_change.keep(till.shop, sale.sale_id, operator_id="zhou", request_id=key)


def printed(shop: Shop, kind: str) -> list[str]:
    (job,) = [each for each in jobs.open_jobs("1") if each.kind == kind]
    ops = spool.paper(shop, job, ())
    return [" ".join(_words(op)) for op in ops]


def _words(op: Op) -> list[str]:
    return [word for name in ("text", "left", "right") if (word := getattr(op, name, ""))]


def test_the_change_stands_on_the_account_and_in_the_drawer(till: Till) -> None:
    sale = sold(till)
    assert stored_value_change.can_keep(till.shop, sale)
    move = keep(till, sale)
    assert (move.principal_minor, move.reason, move.sale_id) == (1_00, "change", sale.sale_id)
    assert has(till.shop, (till.member,)) == (1_00, 0)
    (moved,) = shifts.moves_of(move_shift(till))
    assert (moved.kind, moved.amount_minor, moved.reason) == ("pay_in", 1_00, "recharge")
    assert not stored_value_change.can_keep(till.shop, sale)
    assert books.differences() == []


def move_shift(till: Till) -> str:
    shift = shifts.open_of(till.till)
    assert shift is not None
    return shift.shift_id


def test_the_drawer_is_not_opened_again_for_money_that_stays_in_it(till: Till) -> None:
    sale = sold(till)
    kicks = [job.job_id for job in jobs.open_jobs("1") if job.kind == jobs.DRAWER]
    keep(till, sale)
    assert [job.job_id for job in jobs.open_jobs("1") if job.kind == jobs.DRAWER] == kicks


def test_it_is_kept_once_whoever_asks_and_however_often(till: Till) -> None:
    sale = sold(till)
    first = keep(till, sale, "one")
    assert keep(till, sale, "one") == keep(till, sale, "two") == first
    assert has(till.shop, (till.member,)) == (1_00, 0)


def test_many_tablets_at_once_keep_it_once(till: Till) -> None:
    for n in range(RACES):
        sale = sold(till)
        with ThreadPoolExecutor(TABLETS) as tablets:
            told = list(
                tablets.map(
                    lambda key, sale=sale: keep(till, sale, key), (f"{n}-{each}" for each in range(TABLETS))
                )
            )
        assert len({each.move_id for each in told}) == 1
    assert has(till.shop, (till.member,)) == (RACES * 1_00, 0)


@pytest.mark.parametrize(("cash", "known", "why"), [(99_00, True, "change"), (100_00, False, "change")])
def test_no_change_or_nobody_known_is_refused(till: Till, cash: int, known: bool, why: str) -> None:
    sale = sold(till, cash, known=known)
    assert not stored_value_change.can_keep(till.shop, sale)
    with pytest.raises(StoredValueRefused) as refused:
        keep(till, sale)
    assert refused.value.details["why"] == why


def test_a_till_that_has_sold_since_has_given_the_change_away(till: Till) -> None:
    sale = sold(till)
    sold(till, known=False)
    with pytest.raises(StoredValueRefused) as refused:
        keep(till, sale)
    assert refused.value.details["why"] == "late"
    assert not stored_value_change.can_keep(till.shop, sale)
    with pytest.raises(SaleUnknown):
        stored_value_change.keep(till.shop, "forged", operator_id="zhou", request_id="x")


@pytest.mark.parametrize("forgotten", [False, True])
def test_change_that_was_counted_for_a_z_is_not_put_into_the_next(
    till: Till, clock: Clock, forgotten: bool
) -> None:
    sale = sold(till)
    if forgotten:
        clock.at_ms += DAY_MS
    else:
        with db.write():
            shift = business_day.caught_up(till.shop, till.till)
        assert shift is not None
        count(till.shop, shift.shift_id, [(100_00, 1)])  # 99 of the sale, and the change
        assert drawer(close(till.shop, shift.shift_id)).variance_minor == 1_00
        assert not stored_value_change.can_keep(till.shop, sale)
    with pytest.raises(StoredValueRefused) as refused:
        keep(till, sale)
    assert refused.value.details["why"] == "late"
    assert has(till.shop, (till.member,)) == (0, 0)


def test_a_sale_that_was_undone_has_no_change_to_keep(till: Till) -> None:
    sale = sold(till)
    voids.void(
        *(till.shop, till.till, sale.sale_id),
        reason="slip",
        approval=MANAGER,
        operator_id="zhou",
        request_id="void",
    )
    with pytest.raises(StoredValueRefused):
        keep(till, sale)


def test_the_receipt_of_the_sale_stays_as_it_was(till: Till) -> None:
    sale = sold(till)
    before = spool.receipt_ops(till.shop, sale)
    keep(till, sale)
    assert spool.receipt_ops(till.shop, sale) == before


def test_a_recharge_prints_what_came_in_and_what_is_there(till: Till) -> None:
    till.recharge(500_00, 60_00)
    lines = printed(till.shop, jobs.VALUE)
    assert "储值充值" in lines
    assert "会员 138****5620" in lines
    for line in ("本金 ¥500.00", "赠送 ¥60.00", "现金 ¥500.00", "储值余额 ¥560.00"):
        assert line in lines, lines


def test_change_prints_its_own_slip(till: Till) -> None:
    keep(till, sold(till))
    assert "储值余额 ¥1.00" in printed(till.shop, jobs.VALUE)


def test_a_failure_at_any_statement_leaves_it_kept_or_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_till: list[Till] = []

    def prepare(n: int) -> tuple[Till, Sale]:
        if not with_till:
            with_till.append(Till(shop))
        return with_till[0], sold(with_till[0])

    def look() -> object:
        shift = shifts.open_of("1")
        return has(shop, (with_till[0].member,)), shifts.moves_of(shift.shift_id) if shift else ()

    each_failure(monkeypatch, tmp_path, prepare, lambda case: keep(*case, f"keep-{case[1].sale_id}"), look)


def test_whoever_may_recharge_so_much_only_needs_somebody_for_change_too(till: Till) -> None:
    limits = {"cashier": 50, "manager": None}
    rights.change(till.shop, stored_value.IN, four_eyes=False, limits=limits, operator_id="he")
    sale = sold(till)
    with pytest.raises(ApprovalNeeded):
        keep(till, sale)
    move = stored_value_change.keep(
        till.shop, sale.sale_id, approval=MANAGER, operator_id="zhou", request_id="keep"
    )
    assert move.principal_minor == 1_00 and books.differences() == []
