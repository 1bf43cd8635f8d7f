"""A new epoch only ever goes forward, and only by a number that headquarters gave out."""

from __future__ import annotations

import pytest

from services.flows.shop import Shop
from services.jobs.contract import Arguments, Refused
from services.jobs.new_epoch import JOB
from services.store import books, box, sales, shifts
from tests.flows.test_shifts import begin, close, count
from tests.shop import make_shop
from tests.store.test_damage import sell


def run(*words: str) -> str:
    return JOB.run(Arguments(words, str, lambda: 0, make_shop))


def test_it_goes_forward_and_says_what_follows(shop: Shop) -> None:
    for n in range(3):
        sell(shop, n)
    assert run("3") == "epoch 1 is over, epoch 3 begins: headquarters gets events 1 to 3 again"
    assert box.get("epoch") == "3"
    assert run("3") == "this is epoch 3 already"
    with pytest.raises(Refused, match="epoch 3 already"):
        run("2")
    assert box.get("epoch") == "3"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("",),
        ("x",),
        ("-1",),
        ("0",),
        ("2", "3"),
        ("²",),
        ("9" * 30,),
        ("1=2",),
        ("2", "1=x"),
        ("2", "=5"),
        ("2/3",),
        ("2", "1=5/"),
        ("2", "1=5/x"),
        ("2", "1=5/7/7"),
        ("2", "1=5/7/7:ab:1"),
    ],
)
def test_anything_but_one_number_is_refused(shop: Shop, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="EPOCH"):
        run(*words)
    assert box.get("epoch", "1") == "1"


def test_numbers_that_an_earlier_life_gave_out_are_not_given_out_again(shop: Shop) -> None:
    sell(shop, 0)
    run("2", "1=50", "2=7")
    assert (sales.next_sequence("1")[0], sales.next_sequence("2")) == (51, (8, ""))
    sell(shop, 1)
    assert sales.next_sequence("1")[0] == 52
    run("3", "1=20")
    assert sales.next_sequence("1")[0] == 52, "never back"


def test_a_z_number_that_an_earlier_life_gave_out_is_not_given_out_again(shop: Shop) -> None:
    """Neither to the next shift nor to the one that was open in the backup: its Z was made, and lost."""
    first = begin(shop)
    count(shop, first, [(100_00, 2)])
    assert close(shop, first).z_no == 1
    lost = begin(shop)
    run("2", "1=50/7", "2=9/4")
    count(shop, lost, [(100_00, 2)])
    z = close(shop, lost)
    held = shifts.by_id(lost)
    assert held is not None and (z.z_no, held.number) == (8, 8)
    after = begin(shop)
    count(shop, after, [(100_00, 2)])
    assert close(shop, after).z_no == 9
    other = begin(shop, "2")
    found = shifts.by_id(other)
    assert found is not None and found.number == 5
    assert books.differences() == []
    run("3", "1=50/3")
    last = begin(shop)
    count(shop, last, [(100_00, 2)])
    assert close(shop, last).z_no == 10, "never back"
