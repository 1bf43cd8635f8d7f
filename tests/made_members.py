"""A seeded base of members with known truth: who registered twice, how, and what was mistyped."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.domain.identity import card_check

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕梅建国文博子涵梓轩雨欣浩然"
PLAIN, CHAIN, FORMAT, WIDE, TYPO, RECYCLED = "plain", "chain", "format", "wide", "typo", "recycled"
HOW = (PLAIN, CHAIN, FORMAT, WIDE, TYPO, RECYCLED)
TWICE = 0.2  # of the people


@dataclass(frozen=True, slots=True)
class Registered:
    """One registration. `person` is the truth; `how` says what makes it hard."""

    person: int
    how: str
    given: dict[str, str]
    verified: frozenset[str] = field(default_factory=frozenset)


def registrations(count: int, seed: int = 1) -> Iterator[Registered]:
    """`count` of them, in the order in which they came."""
    chance = random.Random(seed)
    person, made = 0, 0
    phones: list[str] = []
    while made < count:
        person += 1
        first = _person(chance, person)
        several = [first]
        if chance.random() < TWICE:
            several += _again(chance, first, phones)
        phones.append(first.given["phone"])
        for each in several[: count - made]:
            made += 1
            yield each


def _person(chance: random.Random, person: int) -> Registered:
    name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))
    birthday = f"{chance.randint(1950, 2007)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return Registered(person, PLAIN, {"phone": _phone(chance), "name": name, "birthday": birthday})


def _again(chance: random.Random, first: Registered, phones: list[str]) -> list[Registered]:
    person, given, how = first.person, first.given, chance.choice(HOW)
    number = given["phone"]
    if how == PLAIN:
        return [Registered(person, how, {"phone": number, "name": given["name"]})]
    if how == FORMAT:
        return [Registered(person, how, {**given, "phone": f"+86 {number[:3]}-{number[3:7]}-{number[7:]}"})]
    if how == WIDE:
        wide = number.translate({ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)})
        return [Registered(person, how, {"phone": wide, "birthday": given["birthday"]})]
    if how == TYPO:
        return [Registered(person, how, {**given, "phone": mistyped(chance, number)})]
    if how == RECYCLED:  # a stranger has somebody's number of before
        other = _person(chance, -person)
        return [Registered(-person, how, {**other.given, "phone": chance.choice(phones or [number])})]
    card = card_of(chance.randrange(10**9))
    proved = frozenset({"card"})
    return [  # the first and the last share nothing
        Registered(person, how, {**given, "card": card}, proved),
        Registered(person, how, {"phone": _phone(chance), "card": card}, proved),
    ]


def card_of(number: int) -> str:
    digits = f"270{number:09}"
    return digits + card_check(digits)


def mistyped(chance: random.Random, number: str) -> str:
    """One digit wrong, or two beside each other swapped."""
    at = chance.randrange(3, 10)
    if chance.random() < 0.5 and number[at] != number[at + 1]:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + str((int(number[at]) + chance.randint(1, 9)) % 10) + number[at + 1 :]


def _phone(chance: random.Random) -> str:
    return f"1{chance.choice('3456789')}{chance.randrange(10**9):09}"
