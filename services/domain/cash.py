"""Cash in a drawer: denominations, a count by them, what ought to be there and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from services.domain.errors import CountRefused

PIECES_MAX = 9_999  # of one denomination
TOTAL_MAX_MINOR = 100_000_000_00  # of one count; more is a slip of the finger
COUNTS_MAX = 2  # of one shift: the count and one recount

# Notes and coins that a drawer holds, largest first, in minor units.
DENOMINATIONS: Mapping[str, tuple[int, ...]] = {
    "CNY": (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 10),
    "HKD": (1000_00, 500_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10),
    "MOP": (1000_00, 500_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10),
    "TWD": (2000_00, 1000_00, 500_00, 200_00, 100_00, 50_00, 10_00, 5_00, 1_00),
    "USD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 25, 10, 5, 1),
    "EUR": (200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
    "GBP": (50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5, 2, 1),
    "SGD": (1000_00, 100_00, 50_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5),
    "JPY": (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1),
    "KRW": (50_000, 10_000, 5_000, 1_000, 500, 100, 50, 10),
    "CHF": (1000_00, 200_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5),
    "CAD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 25, 10, 5),
    "AUD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10, 5),
    "NZD": (100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00, 50, 20, 10),
    "MYR": (100_00, 50_00, 20_00, 10_00, 5_00, 1_00, 50, 20, 10, 5),
    "THB": (1000_00, 500_00, 100_00, 50_00, 20_00, 10_00, 5_00, 2_00, 1_00),
    "KWD": (20_000, 10_000, 5_000, 1_000, 500, 250, 100, 50, 20, 10, 5),
}

# Of a currency that is not in the table.
_ANY = tuple(step * 10**power for power in range(5, -1, -1) for step in (5, 2, 1))

# What each kind of move does to the drawer.
MOVES: Mapping[str, int] = {"float": 1, "pay_in": 1, "loan": 1, "pay_out": -1, "drop": -1}

# Why cash moves or the drawer opens without a sale: what a cashier chooses from. The pages have the words.
REASONS: Mapping[str, tuple[str, ...]] = {
    "pay_in": ("found", "deposit", "other"),
    "loan": ("change", "other"),
    "pay_out": ("supplies", "delivery", "refreshment", "other"),
    "drop": ("safe", "bank", "other"),
    "no_sale": ("change_money", "mistake", "check", "other"),
    "variance": ("not_found", "wrong_change", "wrong_tender", "other"),
}


class CashPieces(msgspec.Struct, frozen=True, kw_only=True):
    """So many notes or coins of one denomination."""

    value_minor: int
    pieces: int


class CountedCash(msgspec.Struct, frozen=True, kw_only=True):
    """A drawer's cash of one currency as somebody counted it."""

    currency: str
    total_minor: int
    pieces: tuple[CashPieces, ...]  # largest first, without those of which there are none


class ComparedCash(msgspec.Struct, frozen=True, kw_only=True):
    """A count beside what ought to be there at that moment; the variance is negative where money lacks."""

    currency: str
    counted_minor: int
    expected_minor: int
    variance_minor: int
    pieces: tuple[CashPieces, ...]


@dataclass(slots=True)
class Drawer:
    """One currency of one shift as the journal tells it, all sums positive, in minor units."""

    currency: str
    float_minor: int = 0
    sales_minor: int = 0  # what tenders of cash covered: change given is no income
    refunds_minor: int = 0
    pay_ins_minor: int = 0
    loans_minor: int = 0
    pay_outs_minor: int = 0
    drops_minor: int = 0
    change_minor: int = 0  # given for cash of another currency

    @property
    def expected_minor(self) -> int:
        came = self.float_minor + self.sales_minor + self.pay_ins_minor + self.loans_minor
        return came - self.refunds_minor - self.pay_outs_minor - self.drops_minor - self.change_minor

    def move(self, kind: str, amount_minor: int) -> None:
        """One of MOVES. `amount_minor` is positive whichever way the money goes."""
        assert kind in MOVES and amount_minor >= 0, (kind, amount_minor)
        name = f"{kind}_minor" if kind == "float" else f"{kind}s_minor"
        setattr(self, name, getattr(self, name) + amount_minor)


def denominations(currency: str) -> tuple[int, ...]:
    """What a drawer of this currency is counted by, largest first."""
    return DENOMINATIONS.get(currency, _ANY)


def counted(currency: str, pieces: Sequence[tuple[int, int]]) -> CountedCash:
    """A count of (denomination, pieces); the same denomination twice adds up, none is left out.

    Raises CountRefused for a note or coin that the currency does not have and for more than a drawer holds.
    """
    known = denominations(currency)
    found: dict[int, int] = {}
    for value_minor, number in pieces:
        if value_minor not in known:
            raise CountRefused("no such note or coin", currency=currency, value_minor=value_minor)
        found[value_minor] = found.get(value_minor, 0) + number
    if any(not 0 <= number <= PIECES_MAX for number in found.values()):
        raise CountRefused("a count has 0 to 9,999 of each", currency=currency)
    total_minor = sum(value * number for value, number in found.items())
    if total_minor > TOTAL_MAX_MINOR:
        raise CountRefused("no drawer holds that much", currency=currency, total_minor=total_minor)
    kept = tuple(CashPieces(value_minor=v, pieces=found[v]) for v in known if found.get(v))
    return CountedCash(currency=currency, total_minor=total_minor, pieces=kept)


def stands(compared: Iterable[ComparedCash], expected: Mapping[str, int]) -> bool:
    """Whether a count still says what is in the drawer: the cash that ought to be there is what it was
    compared with. After a sale, a drop or a pay-in it does not, and the drawer is counted again."""
    told = {each.currency: each.expected_minor for each in compared}
    return all(told.get(each, 0) == expected.get(each, 0) for each in {*told, *expected})


def compared(counts: Iterable[CountedCash], expected: Mapping[str, int]) -> tuple[ComparedCash, ...]:
    """Each currency that was counted or ought to be there, by code; what nobody counted is not there."""
    found = {count.currency: count for count in counts}
    return tuple(
        ComparedCash(
            currency=currency,
            counted_minor=found[currency].total_minor if currency in found else 0,
            expected_minor=expected.get(currency, 0),
            variance_minor=(found[currency].total_minor if currency in found else 0)
            - expected.get(currency, 0),
            pieces=found[currency].pieces if currency in found else (),
        )
        for currency in sorted({*found, *expected})
    )
