"""The fold of a shift: the same events give the same report, whatever stands between them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import msgspec
import pytest

from services.domain import cash
from services.domain.errors import CountRefused
from services.domain.events import DeviceTested, Event, SaleCompleted, SoldAdjustment, SoldLine, SoldTender
from services.domain.points_events import PointsMoved
from services.domain.shift import OPEN, Shift, worst_minor
from services.domain.shift_events import CashMoved, DrawerReleased, ShiftOpened
from services.domain.stored_value_events import StoredValueMoved
from services.domain.z import Z, written
from services.domain.z_fold import Fold, belongs
from services.domain.z_report import report

EVENTS = Path(__file__).parents[1] / "golden" / "events"
SHIFT = Shift(
    shift_id="one",
    till="1",
    number=7,
    state=OPEN,
    business_day="2026-11-22",
    operator_id="zhou",
    opened_at_ms=1,
    first_seq=1,
    unknown_float=False,
)


def sale(rng: random.Random, n: int, till: str = "1") -> SaleCompleted:
    """One sale, exchange or return, with discounts and one or two tenders; the figures agree."""
    kind = rng.choice(("sale", "sale", "sale", "exchange", "return"))
    lines, adjustments = [], []
    for number in range(1, rng.randrange(1, 5) + 1):
        sign = {"sale": 1, "return": -1, "exchange": rng.choice((1, -1))}[kind]
        extended = sign * rng.randrange(100, 90_000)
        off = -sign * rng.randrange(0, abs(extended)) if rng.random() < 0.5 else 0
        if off:
            adjustments.append(
                SoldAdjustment(
                    line_number=number,
                    layer=rng.randrange(1, 7),
                    source="p",
                    source_version=1,
                    amount_minor=off,
                    label_zh="",
                    label_en="",
                )
            )
        lines.append(
            SoldLine(
                line_number=number,
                item_id="i",
                gtin="",
                description="",
                variant="",
                entry_method="keyed",
                quantity=sign,
                unit_price_minor=abs(extended),
                extended_minor=extended,
                void_flag=False,
                net_minor=extended + off,
            )
        )
    total = sum(line.net_minor or 0 for line in lines)
    rounding = -(abs(total) % 10) if total >= 0 else abs(total) % 10
    card = rng.choice((0, total // 2))
    tenders = (
        [SoldTender(tender_type="card", amount_minor=card, tendered_minor=card, change_minor=0)]
        if card
        else []
    )
    due = total + rounding - card
    tenders.append(SoldTender(tender_type="cash", amount_minor=due, tendered_minor=due, change_minor=0))
    return SaleCompleted(
        sale_id=f"{till}-{n}",
        number=f"S-{till}-{n}",
        retail_store_id="S",
        workstation_id=till,
        sequence_number=n,
        business_day="2026-11-22",
        operator_id=rng.choice(("zhou", "he")),
        currency="CNY",
        begun_at_ms=n,
        ended_at_ms=n,
        line_items=tuple(lines),
        tenders=tuple(tenders),
        total_minor=total,
        kind=kind,
        rounding_minor=rounding,
        adjustments=tuple(adjustments),
    )


def day(seed: int) -> list[Event]:
    rng = random.Random(seed)
    events: list[Event] = [
        ShiftOpened(
            shift_id="one",
            number=7,
            workstation_id="1",
            business_day="2026-11-22",
            operator_id="zhou",
            opened_at_ms=1,
            first_seq=1,
            unknown_float=False,
            float_counted=(cash.counted("CNY", [(100_00, 2)]),),
        )
    ]
    for n in range(1, 60):
        what = rng.random()
        if what < 0.8:
            events.append(sale(rng, n))
        elif what < 0.9:
            events.append(
                CashMoved(
                    move_id=str(n),
                    shift_id=rng.choice(("one", "another")),
                    workstation_id="1",
                    operator_id="zhou",
                    kind=rng.choice(("pay_in", "pay_out", "drop", "loan")),
                    currency="CNY",
                    amount_minor=rng.randrange(1, 50_000),
                    reason="other",
                    note="",
                    approver_id="",
                    moved_at_ms=n,
                )
            )
        else:
            events.append(
                DrawerReleased(
                    workstation_id="1",
                    operator_id="he",
                    reason="check",
                    note="",
                    approver_id="",
                    released_at_ms=n,
                )
            )
    return events


def folded(events: list[Event]) -> Z:
    fold = Fold("1", "one", "CNY", ["cash"])
    for event in events:
        if belongs(event, "1"):
            fold.add(event)
    return report(fold, SHIFT, (), first_hash="", last_hash="", grand_before_minor=1_000)


def value_moved(rng: random.Random, n: int, till: str = "1") -> StoredValueMoved:
    """A recharge, or one that is paid out, by any tender."""
    minor = rng.randrange(1, 90_000)
    out = rng.random() < 0.3
    return StoredValueMoved(
        move_id=str(n),
        member_id="m",
        kind="cashed_out" if out else "recharged",
        principal_minor=-minor if out else minor,
        bonus_minor=0,
        principal_balance_minor=0,
        bonus_balance_minor=0,
        currency="CNY",
        retail_store_id="S",
        business_day="2026-11-22",
        moved_at_ms=n,
        lots=(),
        operator_id=rng.choice(("zhou", "he")),
        tender_type=rng.choice(("cash", "card", "mobile")),
        pays_minor=rng.randrange(0, minor) if out else 0,
        workstation_id=till,
    )


def points_moved(rng: random.Random, n: int, till: str = "1") -> PointsMoved:
    return PointsMoved(
        member_id="m",
        program="main",
        kind=rng.choice(("earned", "spent", "clawed", "expired", "settled")),
        state="active",
        expires="",
        pending_until="",
        delta=rng.randrange(-500, 500),
        credited=0,
        debited=0,
        balance=0,
        reason="purchase",
        args={},
        sale_id=f"{till}-{n}",
        workstation_id=till,
    )


@pytest.mark.parametrize("seed", range(20))
def test_what_members_do_changes_no_sales_figure_and_its_money_is_in_the_tenders(seed: int) -> None:
    rng, events = random.Random(seed), day(seed)
    mixed: list[Event] = []
    for n, event in enumerate(events):
        make = rng.choice((value_moved, points_moved))
        mixed += [event, make(rng, n, rng.choice(("1", "1", "2")))]
    z, before = folded(mixed), folded(events)
    moves = [e for e in mixed if isinstance(e, StoredValueMoved) and e.workstation_id == "1"]
    money = sum(e.principal_minor if e.principal_minor > 0 else -e.pays_minor for e in moves)
    assert (
        z.net_minor == before.net_minor and z.cash == before.cash
    )  # its cash is moved by events of its own
    taken = sum(t.amount_minor - t.refunds_minor for t in z.tenders)
    assert z.net_minor + z.rounding_minor + money == taken
    told = z.members
    assert told is not None and before.members is not None
    value, points = told.stored_value, told.points
    assert value is not None and points is not None
    assert value.recharged_minor - value.paid_out_minor == money
    out = [e for e in moves if e.kind == "cashed_out"]
    assert value.paid_out_minor + value.kept_minor == -sum(e.principal_minor for e in out)
    cash_minor = sum(each.cash_minor for each in z.operators)
    assert cash_minor == sum(each.cash_minor for each in before.operators) + value.cash_minor
    earned = [
        e for e in mixed if isinstance(e, PointsMoved) and (e.workstation_id, e.kind) == ("1", "earned")
    ]
    assert points.earned == sum(abs(e.delta) for e in earned)
    assert (told.customers, told.member_sales) == (before.members.customers, 0)
    assert folded(mixed) == z


@pytest.mark.parametrize("seed", range(20))
def test_the_figures_of_a_z_agree_with_one_another(seed: int) -> None:
    z = folded(day(seed))
    sales = [event for event in day(seed) if isinstance(event, SaleCompleted)]
    assert z.net_minor == sum(each.total_minor for each in sales)
    assert z.gross_minor + sum(d.amount_minor for d in z.discounts) + z.returned_minor == z.net_minor
    assert z.net_minor + z.rounding_minor == sum(t.amount_minor - t.refunds_minor for t in z.tenders)
    assert sum(each.net_minor for each in z.operators) == z.net_minor
    assert z.grand_total_minor == 1_000 + z.net_minor
    (drawer,) = z.cash
    moves = [event for event in day(seed) if isinstance(event, CashMoved) and event.shift_id == "one"]
    moved = sum(cash.MOVES[move.kind] * move.amount_minor for move in moves)
    taken = sum(t.amount_minor for each in sales for t in each.tenders if t.tender_type == "cash")
    assert drawer.expected_minor == 200_00 + taken + moved
    assert sum(each.cash_minor for each in z.operators) == taken


def notes(n: int, count: int) -> SaleCompleted:
    """A sale of 428.00 for so many dollars at 7.0812; below zero the undoing of one."""
    sign, worth = (1 if count > 0 else -1), count * 7_08
    change = worth - sign * 428_00
    tender = SoldTender(
        tender_type="foreign_cash",
        amount_minor=sign * 428_00,
        tendered_minor=worth,
        change_minor=change,
        currency="USD",
        foreign_minor=count * 100,
        rate_e8=708_120_000,
        rate_id="r",
    )
    return msgspec.structs.replace(
        sale(random.Random(n), n),
        kind="sale" if count > 0 else "void",
        line_items=(),
        adjustments=(),
        tenders=(tender,),
        total_minor=sign * 428_00,
        rounding_minor=0,
    )


@pytest.mark.parametrize("seed", range(10))
def test_notes_lie_in_a_drawer_of_their_own_and_their_change_comes_from_the_shops(seed: int) -> None:
    counts = [61, 100, -61, 70]
    events = day(seed)
    for n, count in enumerate(counts):
        events.insert(random.Random(seed + n).randrange(1, len(events)), notes(1_000 + n, count))
    z, before = folded(events), folded(day(seed))
    drawers = {each.currency: each for each in z.cash}
    assert drawers["USD"].expected_minor == sum(counts) * 100
    change = sum(abs(count) * 7_08 - 428_00 for count in counts if count > 0) - (61 * 7_08 - 428_00)
    assert drawers["CNY"].change_minor == change
    assert drawers["CNY"].expected_minor == before.cash[0].expected_minor - change
    (usd,) = z.foreign
    assert (usd.count, usd.foreign_minor, usd.worth_minor) == (3, 231_00, 231 * 7_08)
    assert (usd.refunds, usd.refunds_foreign_minor, usd.refunds_worth_minor) == (1, 61_00, 61 * 7_08)
    assert z.net_minor + z.rounding_minor == sum(t.amount_minor - t.refunds_minor for t in z.tenders)
    cash_minor = sum(each.cash_minor for each in z.operators)
    assert cash_minor == sum(each.cash_minor for each in before.operators) - change


def test_a_z_of_before_there_were_notes_is_written_as_it_was() -> None:
    """Its hash is of these very bytes."""
    kept = json.loads((EVENTS / "shift.closed-1.0.json").read_bytes())["data"]
    body = written(msgspec.convert(kept["z"], Z))
    assert json.loads(body) == kept["z"] and list(json.loads(body)) == list(kept["z"])
    assert b"foreign" not in body and b"change_minor" not in body


@pytest.mark.parametrize("seed", range(5))
def test_what_other_tills_and_other_kinds_of_events_do_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    mixed: list[Event] = []
    for event in day(seed):
        if rng.random() < 0.5:
            mixed.append(sale(rng, rng.randrange(1_000), "2"))
        if rng.random() < 0.5:
            mixed.append(DeviceTested(workstation_id="1", test="drawer", operator_id="tech"))
        mixed.append(event)
    assert folded(mixed) == folded(day(seed))


@pytest.mark.parametrize("currency", [*cash.DENOMINATIONS, "THB"])
def test_every_amount_of_a_currency_s_coins_can_be_counted(currency: str) -> None:
    known = cash.denominations(currency)
    assert list(known) == sorted(known, reverse=True) and len(set(known)) == len(known)
    count = cash.counted(currency, [(value, 3) for value in known] + [(known[0], 1)])
    assert count.total_minor == 3 * sum(known) + known[0]
    assert count.pieces[0].pieces == 4
    with pytest.raises(CountRefused):
        cash.counted(currency, [(known[-1] * 3, 1)])


def test_a_currency_that_nobody_counted_lacks_wholly() -> None:
    compared = cash.compared([cash.counted("CNY", [(1_00, 5)])], {"CNY": 4_00, "USD": 20_00})
    assert [(each.currency, each.variance_minor) for each in compared] == [("CNY", 1_00), ("USD", -20_00)]
    assert worst_minor(compared) == 20_00 and worst_minor(()) == 0
