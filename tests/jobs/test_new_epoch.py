"""A new epoch only ever goes forward, and only by a number that headquarters gave out."""

from __future__ import annotations

import pytest

from services.flows.shop import Shop
from services.jobs.contract import Arguments, Refused
from services.jobs.new_epoch import JOB
from services.store import box
from tests.store.test_damage import sell


def run(*words: str) -> str:
    return JOB.run(Arguments(words, str, lambda: 0))


def test_it_goes_forward_and_says_what_follows(shop: Shop) -> None:
    for n in range(3):
        sell(shop, n)
    assert run("3") == "epoch 1 is over, epoch 3 begins: headquarters gets events 1 to 3 again"
    assert box.get("epoch") == "3"
    assert "nothing changed" in run("3")
    with pytest.raises(Refused, match="epoch 3 already"):
        run("2")
    assert box.get("epoch") == "3"


@pytest.mark.parametrize("words", [(), ("",), ("x",), ("-1",), ("0",), ("2", "3"), ("²",), ("9" * 30,)])
def test_anything_but_one_number_is_refused(shop: Shop, words: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="NUMBER"):
        run(*words)
    assert box.get("epoch", "1") == "1"
