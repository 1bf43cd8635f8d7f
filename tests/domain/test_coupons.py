"""Coupons: codes that only the chain makes, days, and the promotion to which each is the key."""

from __future__ import annotations

import random

import msgspec
import pytest

from services.domain import coupon_codes as codes
from services.domain import coupons as rules
from services.domain.coupon_codes import Genuine
from services.domain.coupons import Fault, Template
from services.domain.errors import CodeMalformed
from services.domain.offers import COUPON, Goods

KEY, OTHER = bytes(range(32)), bytes(32)
DAY = "2026-11-22"
TWENTY = Template(
    template_id="t",
    version=1,
    number=7,
    kind="amount",
    label_zh="20 元券",
    label_en="20 off",
    face_minor=20_00,
    days=30,
)


def made(serial: int, holder: str = "m-1", last_day: str = "2026-12-21", number: int = 7) -> str:
    return codes.code(KEY, Genuine(number, serial, holder, last_day))


def test_a_code_is_told_genuine_without_asking_anybody() -> None:
    code = made(12_345)
    assert codes.read(codes.grouped(code).lower().replace("0", "o")) == code
    days = rules.last_days(TWENTY, DAY)
    found = codes.genuine(KEY, code, ("m-9", "m-1", ""), days)
    assert found == Genuine(7, 12_345, "m-1", "2026-12-21")
    assert codes.number(KEY, code) == 7
    assert codes.genuine(KEY, code, ("m-9", ""), days) is None  # somebody else's
    assert codes.genuine(KEY, code, ("m-1",), rules.last_days(TWENTY, "2026-12-22")) is None  # it is over
    assert codes.genuine(OTHER, code, ("m-1",), days) is None


def test_every_code_comes_back_as_it_was_made() -> None:
    chance = random.Random(1)
    for _ in range(500):
        said = Genuine(chance.randint(1, codes.TEMPLATES_MAX), chance.getrandbits(26), "", DAY)
        code = codes.code(KEY, said)
        assert len(code) == 13 and codes.genuine(KEY, code, ("",), (DAY,)) == said


def test_codes_that_follow_each_other_have_nothing_in_common() -> None:
    pairs = [(made(n), made(n + 1)) for n in range(300)]
    alike = sum(a == b for one, other in pairs for a, b in zip(one[:12], other[:12], strict=True))
    assert alike < 300 * 12 / 32 * 1.6
    assert len({code for pair in pairs for code in pair}) == 301


def test_an_invented_code_is_not_genuine() -> None:
    chance = random.Random(2)
    days = tuple(rules.last_days(TWENTY, DAY))
    for _ in range(2_000):
        body = "".join(chance.choice(codes.ALPHABET) for _ in range(12))
        check = next(c for c in codes.ALPHABET if _reads(body + c))
        assert codes.genuine(KEY, body + check, ("",), days) is None


def _reads(text: str) -> bool:
    try:
        return codes.read(text) == text
    except CodeMalformed:
        return False


def test_one_wrong_character_or_two_exchanged_are_no_code() -> None:
    code = made(99)
    for place in range(13):
        for wrong in codes.ALPHABET:
            if wrong != code[place]:
                assert not _reads(code[:place] + wrong + code[place + 1 :])
    swapped = [
        code[:n] + code[n + 1] + code[n] + code[n + 2 :] for n in range(12) if code[n] != code[n + 1]
    ]
    assert sum(map(_reads, swapped)) <= 1  # 0 and Z next to each other
    assert codes.masked(code) == f"****{code[-4:]}"


def test_a_code_is_told_from_a_number_of_goods_by_its_form() -> None:
    code = codes.code(KEY, Genuine(7, 1, "", ""))
    assert codes.is_one(code) and codes.is_one(codes.grouped(code).lower())
    for other in ("6901234567892", "0" * 13, "T1002-BS-M", code[:-1], ""):
        assert not codes.is_one(other), other


def test_a_coupon_is_good_from_its_first_day_for_so_many() -> None:
    good = rules.validity(TWENTY, DAY)
    assert (good.first_day, good.last_day) == (DAY, "2026-12-21")
    tomorrow = msgspec.structs.replace(TWENTY, wait_days=1, days=1)
    good = rules.validity(tomorrow, "2026-12-31")
    assert (good.first_day, good.last_day) == ("2027-01-01", "2027-01-01")
    fixed = msgspec.structs.replace(TWENTY, days=0, from_day="2026-12-01", to_day="2026-12-24")
    good = rules.validity(fixed, DAY)
    assert (good.first_day, good.last_day) == ("2026-12-01", "2026-12-24")
    assert rules.last_days(fixed, DAY) == ("2026-12-24",)
    for issued in ("2026-10-24", "2026-11-01", DAY):
        assert rules.validity(TWENTY, issued).last_day in rules.last_days(TWENTY, DAY)


def test_what_takes_the_place_of_a_coupon_lasts_as_long_as_that_one_had_left() -> None:
    assert rules.remaining("2026-11-30", "2026-11-20", "2027-02-01") == "2027-02-11"
    assert rules.ended_within("2026-11-30", "2026-12-30", 30)
    assert not rules.ended_within("2026-11-30", "2026-12-31", 30)
    assert rules.ended_within("", "2099-01-01", 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"face_minor": 0}, "face_minor"),
        ({"kind": "percent"}, "face_bp"),
        ({"kind": "gift"}, "goods"),
        ({"kind": "gift", "goods": Goods(skus=("A",)), "min_spend_minor": 1}, "min_spend_minor"),
        ({"days": 0}, "days"),
        ({"to_day": DAY}, "days"),
        ({"days": 0, "from_day": "2026-12-01", "to_day": DAY}, "to_day"),
        ({"bearer": True, "transferable": True}, "transferable"),
    ],
)
def test_a_template_that_cannot_be_names_its_field(changes: dict[str, object], field: str) -> None:
    rules.check(TWENTY)
    with pytest.raises(Fault, match=f"^{field}:"):
        rules.check(msgspec.structs.replace(TWENTY, **changes))


def test_a_template_is_a_promotion_that_needs_its_coupon() -> None:
    amount = rules.definition(msgspec.structs.replace(TWENTY, min_spend_minor=100_00))
    assert (amount.layer, amount.terms.needs_coupon, amount.terms.group) == (COUPON, True, "")
    assert amount.params == {"steps": [{"threshold_minor": 100_00, "amount_minor": 20_00}]}
    gift = msgspec.structs.replace(TWENTY, kind="gift", goods=Goods(skus=("A",)), stackable=True)
    promotion = rules.definition(gift)
    assert (promotion.kind, promotion.terms.cap_minor) == ("order_percentage", 20_00)
    assert promotion.terms.group == "coupon 7"
    percent = rules.definition(msgspec.structs.replace(TWENTY, kind="percent", face_bp=1_000))
    assert percent.params == {"steps": [{"threshold_minor": 0, "basis_points": 1_000}]}
