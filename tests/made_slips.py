"""A seeded base in which people slipped: homophones, a character or letter wrong, turned names and days,
wrong digits; and twins, who are nearly alike. Names and numbers crowd as they do in life.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from tests.made_members import CHAIN, FORMAT, PLAIN, Registered, card_of, mistyped

SURNAMES = (
    *("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗", "郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡"),
    "余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾",
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕梅建国文博子涵梓轩雨欣浩然佳琪思远嘉怡"
    "晨曦诗雅婷宇航俊豪欢乐志鹏晓东海波春兰秋菊冬雪少华小红大伟立新永康宏福成功学友爱民为国利群瑞祥"
)
# What an input method offers in its place.
SAME_SOUND = (
    *("王汪", "张章", "陈程成", "于余", "许徐", "江姜蒋", "伟玮纬", "芳方", "静婧晶", "丽莉利立", "艳燕"),
    *("娟涓", "英瑛", "玉钰裕", "萍平苹", "红宏洪", "玲琳铃", "梅美", "婷亭", "怡仪", "佳嘉家", "琪奇"),
    *("思诗", "欣新心", "浩昊", "明铭", "军君钧", "霞侠", "洁杰捷", "雪学", "晨辰臣", "志智", "波博"),
)
FIRST = (
    *("anna", "maria", "david", "james", "laura", "peter", "sofia", "lucas", "elena", "thomas", "julia"),
    *("martin", "sarah", "daniel", "emma", "victor", "clara", "oscar", "irene", "felix"),
)
LAST = (
    *("weber", "schmidt", "garcia", "lopez", "johnson", "williams", "dubois", "rossi", "novak", "kowalski"),
    *(
        "jensen",
        "ivanova",
        "tanaka",
        "petrov",
        "andersson",
        "murphy",
        "costa",
        "santos",
        "fischer",
        "moreau",
    ),
)
SOUND, CHARACTER, LETTER, TURNED = "homophone", "character", "letter", "turned"
DAY, DIGITS, MOVED = "day", "digits", "moved"
SLIPS = (SOUND, CHARACTER, LETTER, TURNED, DAY, DIGITS, MOVED)
TWICE, TWINS, LATIN = 0.2, 0.01, 0.1  # of the people
EASY = 0.5  # of those who registered twice: an exact key tells
WRONG = 0.6  # of those who slipped: their phone too; the others have another one
NO_BIRTHDAY, NO_NAME = 0.3, 0.05
PREFIXES = 2_000  # of phones: a shop's neighbours


def registrations(count: int, seed: int = 1) -> Iterator[Registered]:
    """`count` of them, in the order in which they came. Whoever is near and another has another person."""
    chance = random.Random(seed)
    prefixes = [f"1{chance.choice('3456789')}{chance.randrange(10**5):05}" for _ in range(PREFIXES)]
    made = person = 0
    while made < count:
        person += 1
        first = _person(chance, person, prefixes)
        several = [first]
        if chance.random() < TWICE:
            several += (
                _exact(chance, first) if chance.random() < EASY else _slipped(chance, first, prefixes)
            )
        elif chance.random() < TWINS:
            several.append(_twin(chance, first, prefixes))
        for each in several[: count - made]:
            made += 1
            yield each


def _person(chance: random.Random, person: int, prefixes: list[str]) -> Registered:
    given = {"phone": _phone(chance, prefixes), "name": _name(chance), "birthday": _birthday(chance)}
    if chance.random() < NO_BIRTHDAY:
        del given["birthday"]
    elif chance.random() < NO_NAME:
        del given["name"]
    return Registered(person, PLAIN, given)


def _exact(chance: random.Random, first: Registered) -> list[Registered]:
    """As an exact key finds them."""
    how, number = chance.choice((PLAIN, FORMAT, CHAIN)), first.given["phone"]
    if how == PLAIN:
        return [replace(first, how=how)]
    if how == FORMAT:
        return [replace(first, how=how, given={**first.given, "phone": f"+86 {number[:3]} {number[3:]}"})]
    card = card_of(chance.randrange(10**9))
    proved = frozenset({"card"})
    return [
        replace(first, how=how, given={**first.given, "card": card}, verified=proved),
        Registered(first.person, how, {"phone": _phone(chance, [number[:7]]), "card": card}, proved),
    ]


def _slipped(chance: random.Random, first: Registered, prefixes: list[str]) -> list[Registered]:
    """Somebody registers again with another number or a wrong one, and with a slip or none."""
    how, given = chance.choice(SLIPS), dict(first.given)
    name, born = given.get("name", ""), given.get("birthday", "")
    given["phone"] = mistyped(chance, given["phone"]) if chance.random() < 0.6 else _phone(chance, prefixes)
    if how == SOUND and name:
        given["name"] = _homophone(chance, name)
    elif how == CHARACTER and len(name) > 1 and not name.isascii():
        at = chance.randrange(len(name))
        given["name"] = name[:at] + chance.choice(GIVEN) + name[at + 1 :]
    elif how == LETTER and name.isascii() and name:
        given["name"] = _letters(chance, name)
    elif how == TURNED and name:
        given["name"] = " ".join(reversed(name.split())) if name.isascii() else name[1:] + name[0]
    elif how == DAY and born:
        given["birthday"] = _other_day(chance, born)
    elif how == MOVED:
        given["phone"] = _phone(chance, prefixes)
    else:
        how, given["phone"] = DIGITS, mistyped(chance, first.given["phone"])
    return [Registered(first.person, how, given)]


def _twin(chance: random.Random, first: Registered, prefixes: list[str]) -> Registered:
    given, name = dict(first.given), first.given.get("name", "")
    given["phone"] = _phone(chance, prefixes)
    if name:
        given["name"] = name[0] + "".join(chance.choices(GIVEN, k=1)) + name[2:]
    return Registered(-first.person, "twin", given)


def _name(chance: random.Random) -> str:
    if chance.random() < LATIN:
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}".title()
    surname = chance.choices(SURNAMES, (60, 25, 15))[0]
    return chance.choice(surname) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2, 2))))


def _birthday(chance: random.Random) -> str:
    return f"{chance.randint(1950, 2007)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def _phone(chance: random.Random, prefixes: list[str]) -> str:
    return f"{chance.choice(prefixes)}{chance.randrange(10**4):04}"


def _homophone(chance: random.Random, name: str) -> str:
    for at in chance.sample(range(len(name)), len(name)):
        for group in SAME_SOUND:
            if name[at] in group:
                other = chance.choice(group.replace(name[at], ""))
                return name[:at] + other + name[at + 1 :]
    return name


def _letters(chance: random.Random, name: str) -> str:
    at = chance.randrange(1, len(name) - 1)
    return (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        if chance.random() < 0.5
        else name[:at] + name[at + 1 :]
    )


def _other_day(chance: random.Random, born: str) -> str:
    year, month, day = born.split("-")
    if int(day) <= 12 and day != month and chance.random() < 0.5:
        return f"{year}-{day}-{month}"
    return f"{year[:3]}{(int(year[3]) + chance.randint(1, 9)) % 10}-{month}-{day}"
