"""Cash without a sale: what goes in or out has a reason, what goes out of the shop a second person."""

from __future__ import annotations

import pytest

from services.domain.errors import (
    ApprovalNeeded,
    CountRefused,
    DeviceAbsent,
    ReasonNeeded,
    RequestReused,
)
from services.domain.shift_events import CashMoved
from services.flows import cash_moves, shifts
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import books, jobs, journal
from services.store import shifts as store
from tests.flows.test_shifts import FLOAT, begin, close, count, drawer
from tests.shop import Clock, make_shop

HE = Approval(approver_id="he", pin="735290", reason="seen")
REASONS = {"pay_in": "found", "loan": "change", "pay_out": "supplies", "drop": "safe"}


def move(shop: Shop, kind: str, minor: int, key: str = "", **more: object) -> CashMoved:
    asked: dict[str, object] = dict(
        kind=kind, currency="CNY", amount_minor=minor, reason=REASONS[kind], operator_id="zhou"
    )
    return cash_moves.move(shop, "1", request_id=key or shop.new_id(), **{**asked, **more})  # type: ignore[arg-type]


def release(shop: Shop, key: str = "", reason: str = "change_money", till: str = "1") -> jobs.Job:
    return cash_moves.open_drawer(
        shop, till, reason=reason, operator_id="zhou", request_id=key or shop.new_id()
    )


def test_each_kind_moves_what_is_expected_its_own_way(shop: Shop) -> None:
    shift_id = begin(shop)
    move(shop, "pay_in", 10_00)
    move(shop, "loan", 100_00)
    move(shop, "drop", 200_00)
    paid = move(shop, "pay_out", 30_00, approval=HE)
    assert paid.approver_id == "he"
    _, fold = shifts.look(shop, "1")
    assert fold.expected == {"CNY": 80_00}
    count(shop, shift_id, [(50_00, 1), (20_00, 1), (10_00, 1)])
    cash = drawer(close(shop, shift_id, ""))
    assert (cash.float_minor, cash.pay_ins_minor, cash.loans_minor) == (200_00, 10_00, 100_00)
    assert (cash.pay_outs_minor, cash.drops_minor, cash.variance_minor) == (30_00, 200_00, 0)
    assert [each.kind for each in store.moves_of(shift_id)] == ["pay_in", "loan", "drop", "pay_out"]
    assert books.differences() == []


def test_cash_leaves_the_shop_only_with_a_second_person(shop: Shop) -> None:
    begin(shop)
    before = journal.head()
    with pytest.raises(ApprovalNeeded):
        move(shop, "pay_out", 1)
    assert journal.head() == before
    assert move(shop, "pay_out", 1, operator_id="he").approver_id == ""


def test_a_move_opens_the_drawer_once_however_often_it_is_asked_for(shop: Shop) -> None:
    begin(shop)
    first = move(shop, "drop", 50_00, "the-drop")
    assert move(shop, "drop", 50_00, "the-drop") == first
    with pytest.raises(RequestReused):
        move(shop, "drop", 60_00, "the-drop")
    assert [job.kind for job in jobs.open_jobs("1")] == ["drawer"]
    assert len(store.moves_of(first.shift_id)) == 1


def test_a_till_without_a_shift_begins_one_with_its_first_move(shop: Shop) -> None:
    moved = move(shop, "loan", 100_00)
    opened = store.open_of("1")
    assert opened is not None and opened.shift_id == moved.shift_id
    assert opened.unknown_float and opened.operator_id == "zhou"
    assert begin(shop, counts=FLOAT) == moved.shift_id
    assert shifts.look(shop, "1")[1].expected == {"CNY": 300_00}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"reason": ""}, ReasonNeeded),
        ({"reason": "supplies"}, ReasonNeeded),
        ({"currency": "XXX"}, CountRefused),
        ({"amount_minor": 0}, CountRefused),
        ({"amount_minor": -1}, CountRefused),
        ({"amount_minor": 10**13}, CountRefused),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    shop: Shop, change: dict[str, object], refusal: type[Exception]
) -> None:
    before = journal.head()
    with pytest.raises(refusal):
        move(shop, "drop", 1_00, **change)
    assert (journal.head(), store.last_of("1")) == (before, None)


def test_an_opening_without_a_sale_has_a_reason_and_is_counted_on_the_z(shop: Shop) -> None:
    shift_id = begin(shop)
    first = release(shop, "once")
    assert release(shop, "once") == first
    assert first.kind == jobs.DRAWER
    with pytest.raises(ReasonNeeded):
        release(shop, reason="boredom")
    release(shop)
    count(shop, shift_id, [(100_00, 2)])
    z = close(shop, shift_id, "")
    assert (z.no_sales, [(each.operator_id, each.no_sales) for each in z.operators]) == (2, [("zhou", 2)])


def test_a_till_without_a_drawer_moves_cash_and_opens_none(shop: Shop, clock: Clock) -> None:
    bare = make_shop(clock, drawers=frozenset(), new_id=shop.new_id)
    with pytest.raises(DeviceAbsent):
        release(bare)
    move(bare, "drop", 1_00)
    assert jobs.open_jobs("1") == []
