"""Money in figures, with its sign, and in sums."""

from __future__ import annotations

import pytest

from services.domain.money import Money, signed, total, written


@pytest.mark.parametrize(
    ("minor", "currency", "figures", "text"),
    [
        (129_900, "CNY", "1,299.00", "¥1,299.00"),
        (-5, "CNY", "-0.05", "-¥0.05"),
        (0, "CNY", "0.00", "¥0.00"),
        (1_234_567, "JPY", "1,234,567", "¥1,234,567"),
        (-1, "KRW", "-1", "-KRW 1"),  # a receipt printer has no sign for it
        (100, "HKD", "1.00", "HK$1.00"),
        (1_500, "KWD", "1.500", "KWD 1.500"),
        (7, "XYZ", "0.07", "XYZ 0.07"),
    ],
)
def test_an_amount_is_written_as_its_currency_is(minor, currency, figures, text):
    assert (written(Money(minor, currency)), signed(Money(minor, currency))) == (figures, text)


def test_a_sum_mixes_no_currencies():
    assert total([], "CNY") == Money(0, "CNY")
    assert total([Money(1, "CNY"), Money(2, "CNY")], "CNY") == Money(3, "CNY")
    with pytest.raises(AssertionError):
        total([Money(1, "CNY"), Money(2, "USD")], "CNY")
