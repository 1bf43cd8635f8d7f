"""What people are known by: one form of each, masks that hide enough, and what was typed."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.domain import identity, masks, profile
from services.domain.identity import Known, recognised
from services.domain.member_errors import MemberRefused
from services.domain.profile import CANDIDATE, HINT, SAME, Field

PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
WIDE = str.maketrans("0123456789+", "０１２３４５６７８９＋")  # noqa: RUF100
DIGITS = st.text("0123456789", min_size=12, max_size=12)


@given(
    PHONES, st.sampled_from(("", "+86", "0086", "86", "+86 ", "0086-", "(+86)")), st.booleans(), st.data()
)
def test_every_way_of_writing_a_phone_is_one(
    number: str, country: str, wide: bool, data: st.DataObject
) -> None:
    gap = data.draw(st.sampled_from(("", " ", "-", "\u3000")))
    text = f" {country}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]} "
    assert identity.phone(text.translate(WIDE) if wide else text) == number
    assert identity.phone(number) == number, "normal is normal"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("+852 5123 4567", "+85251234567"),
        ("0081 90-1234-5678", "+819012345678"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("02112345678", ""),  # a landline
        ("12812345678", ""),
        ("1381234567", ""),
        ("138123456789", ""),
        ("+999123456789", ""),
        ("١٣٨١٢٣٤٥٦٧٨", ""),  # digits of another script
        ("13812345620'; DROP TABLE member; --", ""),
        ("1" * 5_000, ""),
        ("", ""),
    ],
)
def test_a_foreign_phone_has_its_country_and_what_is_no_phone_has_none(text: str, normal: str) -> None:
    assert identity.phone(text) == normal
    assert identity.phone(normal) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),  # as it was until 1999
        ("110105194912310021", ""),
        ("11010519491331002X", ""),  # no such month
        ("X1010519491231002X", ""),
        ("", ""),
    ],
)
def test_an_id_card_has_eighteen_characters_and_a_true_check(text: str, normal: str) -> None:
    assert identity.id_card(text) == normal


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_an_id_card_is_found(place: int, by: int) -> None:
    right = "110105199003071234"[:17]
    right += identity._check(right)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    assert identity.id_card(right) == right and identity.id_card(wrong) == ""


@given(DIGITS, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_of_a_card_is_found(digits: str, place: int, by: int) -> None:
    number = identity.CARD_PREFIX + digits[2:]
    number += identity.card_check(number)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert identity.card(f" {number} ") == number and identity.card(wrong) == ""


def test_addresses_openids_and_wechat_names() -> None:
    assert identity.email(" Wang.Fang@Example.COM ") == "wang.fang@example.com"
    assert [identity.email(text) for text in ("a@b", "@x.cn", "a b@x.cn", "x" * 300 + "@a.cn")] == [""] * 4
    openid = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
    assert identity.wechat(f" {openid}") == openid
    assert identity.wechat(openid.lower() + "x") == ""
    assert identity.wechat(" Ｗxid_9k2Lm ") == "wxid_9k2lm"
    assert [identity.wechat(text) for text in ("wang5", "5wangfang", "王芳wangfang", "w" * 21)] == [""] * 4


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("5620", ("last4",)),
        ("５６２０", ("last4",)),
        ("13812345620", ("phone",)),
        ("2700000000014", ("card",)),
        ("11010519491231002X", ("id_card",)),
        ("a@b.cn", ("email",)),
        ("SGM1.0190-ab.0123456789ab", ("qr",)),
        ("o6_bmjrPTlm6_2sgVt7hMZOPfL2M", ("wechat",)),
        ("WangFang-1990", ("wechat",)),
        ("王芳", ()),
        ("6901028020947", ()),  # goods
        ("", ()),
    ],
)
def test_what_was_typed_or_scanned_is_known_for_what_it_is(text: str, kinds: tuple[str, ...]) -> None:
    assert tuple(known.kind for known in recognised(text)) == kinds
    assert not any(known.value and known.value in repr(known) for known in recognised(text))


@given(st.text(max_size=250))
def test_no_text_whatever_breaks_it(text: str) -> None:
    for known in recognised(text):
        assert isinstance(known, Known) and known.value
    for normal in identity.NORMAL.values():
        assert (kept := normal(text)) == "" or normal(kept) == kept


@given(PHONES, st.text(string.ascii_letters + "王芳欧阳", min_size=1, max_size=8))
def test_masks_hide_the_middle_and_the_name(number: str, name: str) -> None:
    assert masks.masked("phone", number) == f"{number[:3]}****{number[7:]}"
    assert masks.masked("name", name) == f"{name[0]}*"
    assert masks.masked("phone", "+85251234567") == "+85*****4567"


def test_masks_of_the_rest() -> None:
    assert masks.masked("id_card", "110105199003071234") == "1101**********1234"
    assert masks.masked("email", "wangfang@example.com") == "w***@example.com"
    assert masks.masked("birthday", "1990-05-21") == "****-05-21"
    assert masks.masked("birthday", "05-21") == "*****"
    assert masks.masked("card", "2700000000014") == "27*******0014"
    assert masks.masked("phone", "1234567") == "*******"
    assert masks.masked("gender", "f") == "f" and masks.masked("name", "") == ""


def of(**values: str) -> dict[str, Field]:
    return {name: Field(text, 1, name in ("card", "wechat")) for name, text in values.items()}


def test_how_sure_it_is_that_two_are_one() -> None:
    phone, name, born = "13812345620", "王芳", "1990-05-21"
    one = of(phone=phone, name=name, birthday=born, card="2700000000014")
    assert profile.likeness(one, of(card="2700000000014")) == SAME
    assert profile.likeness(one, {"card": Field("2700000000014", 1)}) == CANDIDATE, "typed, not shown"
    assert profile.likeness(one, of(phone=phone, name="王 芳")) == SAME
    assert profile.likeness(one, of(phone=phone, birthday=born)) == SAME
    assert profile.likeness(one, of(phone=phone)) == CANDIDATE
    assert profile.likeness(one, of(phone=phone, name="李娜")) == CANDIDATE
    assert profile.likeness(one, of(name=name, birthday=born)) == HINT
    assert profile.likeness(one, of(name=name)) == ""
    assert profile.likeness({}, {}) == ""
    assert profile.evidence(one, of(phone=phone, name="王 芳", gender="f")) == ("name", "phone")


FIELD = st.builds(Field, st.sampled_from("abc"), st.integers(1, 3), st.booleans())
PROFILE = st.dictionaries(st.sampled_from(profile.FIELDS), FIELD)


@given(st.dictionaries(st.sampled_from("xyz"), PROFILE))
def test_one_person_s_profiles_become_one_in_any_order(held: dict[str, dict[str, Field]]) -> None:
    united = profile.united(held)
    assert united == profile.united(dict(reversed(held.items())))
    for field, kept in united.items():
        others = [each[field] for each in held.values() if field in each]
        assert kept in others and kept.verified == any(each.verified for each in others)
        assert kept.at_ms == max(each.at_ms for each in others if each.verified == kept.verified)


@given(PROFILE)
def test_a_profile_is_written_in_one_way_and_read_again(held: dict[str, Field]) -> None:
    text = profile.written(held)
    assert profile.read(text) == held
    assert profile.written(dict(reversed(held.items()))) == text


def test_what_is_malformed_is_refused_without_being_repeated() -> None:
    wrong = (
        *(("phone", "123"), ("id_card", "1" * 18), ("email", "x"), ("birthday", "1990-02-30")),
        *(("birthday", "13-01"), ("gender", "x"), ("name", "王" * 41), ("name", "a\x00b")),
    )
    for field, text in wrong:
        with pytest.raises(MemberRefused) as refused:
            profile.normalised({field: text})
        assert refused.value.details["field"] == field
        assert text not in str(refused.value)
    with pytest.raises(MemberRefused) as refused:
        profile.normalised({"13812345620": "王芳"})
    assert refused.value.details == {"why": "unknown"}
    given = {"name": "  欧阳   娜 ", "birthday": "05-21", "phone": "", "gender": "f"}
    assert profile.normalised(given) == {"name": "欧阳 娜", "birthday": "05-21", "phone": "", "gender": "f"}


@given(PROFILE, st.integers(10, 20))
def test_what_stays_the_same_keeps_its_age(held: dict[str, Field], at_ms: int) -> None:
    assume(held)
    assert profile.changed(held, profile.values(held), (), at_ms) == held
    emptied = profile.changed(held, dict.fromkeys(held, ""), held, at_ms)
    assert emptied == {}


def test_age_counts_birthdays() -> None:
    born = of(birthday="2012-11-23")
    assert (profile.age(born, "2026-11-22"), profile.age(born, "2026-11-23")) == (13, 14)
    assert profile.age(of(birthday="11-23"), "2026-11-22") is None


@pytest.mark.parametrize(
    "text",
    [
        "\u202d138 1234 5620\u202c",
        "\ufeff13812345620",
        "138\u200b1234\u00ad5620",
        "\u2066+86\u206913812345620",
    ],
)
def test_marks_that_a_phone_book_copies_along_are_no_part_of_a_number(text: str) -> None:
    assert identity.phone(text) == "13812345620"
    assert identity.recognised(text) == identity.recognised("13812345620")


def test_what_turns_directions_or_takes_no_place_is_in_no_name_and_no_note() -> None:
    given = {"name": "\u202e王\u200b芳\u2069", "notes": "喜欢\u202e红色", "email": "\u202dw@x.cn"}
    assert profile.normalised(given) == {"name": "王芳", "notes": "喜欢红色", "email": "w@x.cn"}
    with pytest.raises(MemberRefused):
        profile.normalised({"name": "\u200b\u202e"})


@pytest.mark.parametrize("text", ["013812345620", "+86 (0)138-1234-5620", "0086 0138 1234 5620"])
def test_the_zero_that_was_dialled_before_a_number_of_another_town_is_no_part_of_it(text: str) -> None:
    assert identity.phone(text) == "13812345620"
    assert identity.phone("010 8123 4562") == identity.phone("0755 8123 4562") == "", "landlines are shared"
