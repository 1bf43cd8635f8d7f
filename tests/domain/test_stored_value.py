"""Principal and bonus: taken together, ended together, and paid out by the rule of the day."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from services.domain import stored_value as rules
from services.domain.stored_value import BONUS, PRINCIPAL, CashOut, Draw, Lot, Parts, Recharged

CHAINS = 20_000  # ten times as many were run once; this is what the suite has time for
DAY = "2026-11-22"


def lot(n: int, kind: str, left: int, expires: str = "") -> Lot:
    return Lot(
        lot_id=f"l{n}",
        member_id="m",
        recharge_id=f"r{n}",
        kind=kind,
        amount_minor=left,
        left_minor=left,
        expires=expires,
    )


def recharge(paid: int, bonus: int, spend: int, listed: int = 0) -> Recharged:
    """After one payment of `spend`."""
    part = rules.spent(spend, Parts(paid, bonus), "proportional")
    return Recharged(
        paid_minor=paid,
        bonus_minor=bonus,
        principal_left_minor=paid - part.principal,
        bonus_left_minor=bonus - part.bonus,
        bonus_used_minor=part.bonus,
        bought_minor=spend,
        listed_minor=listed or spend,
    )


def test_a_payment_takes_both_in_their_proportion() -> None:
    assert rules.spent(200_00, Parts(300_00, 60_00), "proportional") == (166_67, 33_33)
    assert rules.spent(200_00, Parts(300_00, 60_00), "principal_first") == (200_00, 0)
    assert rules.spent(200_00, Parts(300_00, 60_00), "bonus_first") == (140_00, 60_00)
    assert rules.spent(0, Parts(0, 0), "proportional") == (0, 0)
    assert rules.spent(1, Parts(0, 1), "proportional") == (0, 1)


@pytest.mark.parametrize("rule", ["proportional", "principal_first", "bonus_first"])
def test_both_end_at_nothing_together(rule: rules.SpendRule) -> None:
    chance = random.Random(9)
    for _ in range(CHAINS):
        has = Parts(chance.randint(0, 600_00), chance.choice((0, 1, chance.randint(0, 90_00))))
        while has.total:
            minor = chance.randint(1, has.total)
            took = rules.spent(minor, has, rule)
            has = Parts(has.principal - took.principal, has.bonus - took.bonus)
            assert took.total == minor and min(*took, *has) >= 0
        assert has == (0, 0)


def test_refunds_go_back_as_they_were_taken_to_the_fen() -> None:
    """The returns of the test vector, one after the other."""
    open_ = Parts(166_67, 33_33)
    told = []
    for minor in (102_32, 81_36, 16_32):
        back = rules.refunded(minor, open_)
        open_ = Parts(open_.principal - back.principal, open_.bonus - back.bonus)
        told.append((*back, *open_))
    assert told == [
        (85_27, 17_05, 81_40, 16_28),
        (67_80, 13_56, 13_60, 2_72),
        (13_60, 2_72, 0, 0),
    ]


def test_refunds_in_any_pieces_give_back_exactly_what_was_taken() -> None:
    chance = random.Random(4)
    for _ in range(CHAINS):
        open_ = Parts(chance.randint(0, 300_00), chance.randint(0, 60_00))
        while open_.total:
            back = rules.refunded(chance.randint(1, open_.total), open_)
            open_ = Parts(open_.principal - back.principal, open_.bonus - back.bonus)
            assert min(*back, *open_) >= 0


def test_the_oldest_principal_goes_first_and_the_bonus_that_ends_first() -> None:
    lots = [
        lot(3, BONUS, 10, "2026-12-31"),
        lot(2, PRINCIPAL, 100),
        lot(1, PRINCIPAL, 50),
        lot(4, BONUS, 10, "2026-11-22"),
        lot(5, BONUS, 10),
        lot(6, BONUS, 99, "2026-11-21"),
    ]
    assert rules.left(lots, DAY) == (150, 30)
    taken = rules.draws(lots, Parts(60, 25), DAY)
    assert [(int(draw.lot.lot_id[1:]), draw.minor) for draw in taken] == [
        (1, 50),
        (2, 10),
        (4, 10),
        (3, 10),
        (5, 5),
    ]
    assert rules.draws(lots, Parts(0, 0), DAY) == []
    with pytest.raises(AssertionError):
        rules.draws(lots, Parts(0, 31), DAY)


def test_a_refund_goes_back_to_the_lot_that_was_drawn_last() -> None:
    first, second, bonus = lot(1, PRINCIPAL, 0), lot(2, PRINCIPAL, 0), lot(3, BONUS, 0)
    taken = [Draw(first, 50), Draw(second, 10), Draw(bonus, 6)]
    assert rules.back(taken, Parts(30, 6)) == [Draw(second, 10), Draw(first, 20), Draw(bonus, 6)]
    with pytest.raises(AssertionError):
        rules.back(taken, Parts(61, 0))


def test_bonus_that_comes_back_after_its_end_is_good_for_a_while() -> None:
    assert rules.extended("", DAY, 30) == ""
    assert rules.extended("2027-01-31", DAY, 30) == "2027-01-31"
    assert rules.extended("2026-11-01", DAY, 30) == "2026-12-22"


def test_the_list_price_is_spread_over_the_draws_and_adds_up() -> None:
    assert rules.spread(120_00, [166_67, 33_33]) == [100_00, 20_00]
    chance = random.Random(2)
    for _ in range(1_000):
        pieces = [chance.randint(1, 100) for _ in range(chance.randint(1, 6))]
        listed = chance.randint(0, 1_000)
        parts = rules.spread(listed, pieces)
        assert sum(parts) == listed and min(parts) >= 0


@pytest.mark.parametrize(
    ("reason", "deduct_bonus", "listed", "pays", "deducted"),
    [
        ("customer", True, 100_00, 400_00, 10_71),  # all that was bought comes off what was paid
        ("customer", False, 100_00, 410_71, 0),
        ("customer", True, 120_00, 380_00, 30_71),  # and at its list price
        ("customer", False, 120_00, 392_85, 17_86),
        ("shop", True, 120_00, 410_71, 0),
        ("cooling_off", True, 120_00, 410_71, 0),
    ],
)
def test_paying_out_500_and_60_after_100_were_spent(
    reason: rules.Reason, deduct_bonus: bool, listed: int, pays: int, deducted: int
) -> None:
    stands = recharge(500_00, 60_00, 100_00, listed)
    assert (stands.principal_left_minor, stands.bonus_used_minor) == (410_71, 10_71)
    out = rules.cash_out(stands, reason, deduct_bonus=deduct_bonus)
    assert out == CashOut(pays_minor=pays, deducted_minor=deducted, cancelled_minor=49_29)


def test_nothing_is_paid_out_below_zero_or_beyond_the_principal_left() -> None:
    spent = recharge(500_00, 60_00, 555_00, 2_000_00)
    out = rules.cash_out(spent, "customer", deduct_bonus=True)
    assert (out.pays_minor, out.deducted_minor) == (0, spent.principal_left_minor)
    untouched = recharge(500_00, 60_00, 0)
    for reason in ("customer", "shop", "cooling_off"):
        assert rules.cash_out(untouched, reason, deduct_bonus=True).pays_minor == 500_00
    given = Recharged(
        paid_minor=0,
        bonus_minor=0,
        principal_left_minor=0,
        bonus_left_minor=0,
        bonus_used_minor=0,
        bought_minor=0,
        listed_minor=9,
    )
    assert rules.cash_out(given, "customer", deduct_bonus=False).pays_minor == 0


def test_the_last_day_of_what_is_good_for_some_days() -> None:
    assert rules.last_day("2026-11-22", 0) == ""
    days = [rules.last_day("2028-02-28", n) for n in (1, 2)]
    assert days == ["2028-02-29", "2028-03-01"]
    assert all(a < b for a, b in pairwise(days))
    assert Draw(lot(1, BONUS, 5), 5).lot.gone("2026-11-22") is False
