"""A round of coupons goes on by itself, also where a restart found it half-way."""

from __future__ import annotations

import logging
import threading

import pytest

from device.rounds import Rounds
from services.domain.coupon_rounds import Audience
from services.domain.errors import OutcomeUnknown
from services.domain.rfm import Life
from services.flows import coupon_rounds
from services.flows.shop import Shop
from services.store import db, lives
from tests.flows.test_coupons import kind
from tests.flows.test_customers import joined

CORE = Audience("group", "core")
PEOPLE = (
    ("13812345620", "2700000000014"),
    ("13987654321", "2700000000021"),
    ("13612345629", "2700000000038"),
)


def begun(shop: Shop) -> str:
    """A round of three people."""
    for phone, card in PEOPLE:
        member_id = joined(shop, phone, card)
        with db.write():
            lives.put((member_id,), Life("active", "core", "2026-01-01", "2026-11-01", 9, 9, 9_000_00))
    made = coupon_rounds.begin(shop, kind(shop), CORE, version=1, operator_id="he", request_id="round-one")
    return made.held.round_id


def test_it_goes_on_where_a_restart_found_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupon_rounds, "PIECE", 1)
    round_id = begun(shop)
    assert Rounds(shop).look()
    assert coupon_rounds.view(round_id).held.given == 1
    stop = threading.Event()
    thread = threading.Thread(target=Rounds(shop).run, args=(stop,))
    thread.start()
    while coupon_rounds.view(round_id).busy:
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert coupon_rounds.view(round_id).states == {"issued": 3}
    assert not Rounds(shop).look()


def test_a_disk_in_trouble_is_told_of_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def trouble(shop: Shop) -> bool:
        raise OutcomeUnknown("the disk failed")

    rounds = Rounds(shop)
    for _ in range(2):
        with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
            patch.setattr(coupon_rounds, "go_on", trouble)
            assert not rounds.look()
            assert not rounds.look()
        assert not rounds.look()
    assert len(caplog.records) == 2
