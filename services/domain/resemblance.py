"""Who of many resembles whom: names, birthdays and phones a slip apart, weighed in bits of evidence.

A pair counts as Fellegi and Sunter have it: each field adds the binary logarithm of how rare its agreement
is among strangers, and takes some away where it disagrees. Whoever sells to a thousand people meets fewer
look-alikes than who sells to a million, so what a pair must reach rises with the logarithm of their number.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import NamedTuple

from rapidfuzz.distance import OSA

from services.domain.identity import folded

NAME_SAME, NAME_SOUNDS, NAME_TURNED, NAME_SLIP = "name_same", "name_sounds", "name_turned", "name_slip"
DAY_SAME, DAY_TURNED, DAY_SLIP = "birthday_same", "birthday_turned", "birthday_slip"
PHONE_SAME, PHONE_SLIP, PHONE_TURNED = "phone_same", "phone_slip", "phone_turned"
REASONS = (
    *(NAME_SAME, NAME_SOUNDS, NAME_TURNED, NAME_SLIP, DAY_SAME, DAY_TURNED, DAY_SLIP),
    *(PHONE_SAME, PHONE_SLIP, PHONE_TURNED),
)

# Bits. A slip of a name is as likely among strangers as a namesake in a crowd of so many; a phone a slip
# away is rarer than that, though the shop's neighbours share the first seven digits.
NAME_BITS, DAY_BITS, SHORT_DAY_BITS = 13, 14, 8  # at most, in a small shop; without the year
_LESS = {NAME_SOUNDS: 1, NAME_TURNED: 3, DAY_TURNED: 3, DAY_SLIP: 5}
_SLIP_LONG, _SLIP_SHORT, _SLIP_LATIN = 7, 3, 10
_PHONE_BITS = {PHONE_SAME: 20, PHONE_SLIP: 18, PHONE_TURNED: 19}
_AGAINST_NAME, _AGAINST_DAY, _AGAINST_PHONE = 10, 7, 2
NEED_MIN, NEED_MORE = 16, 3  # of a pair: so many bits beyond those that count the crowd
BLOCK_MAX = 100  # more look-alikes in one place say nothing about any two of them
_FEW = 6  # so many are compared each with each
_WORD_MIN = 4  # letters: two shorter words a letter apart are two words
_YEAR = 10_000
CALLED = ("", "女士", "先生", "小姐", "太太", "阿姨", "老师", "姐", "哥", "总")  # behind a family name

Syllable = Callable[[str], str]

# A wrong digit leaves every second digit of a phone as it is, two swapped ones leave all in some order.
_LEFT: tuple[Callable[[str], str], ...] = (
    lambda digits: digits[::2],
    lambda digits: digits[1::2],
    lambda digits: "".join(sorted(digits)),
)


class Likeness(NamedTuple):
    """Two numbers of a crowd, the smaller first, what speaks for one person, and how much in bits."""

    one: int
    other: int
    bits: int
    reasons: tuple[str, ...]


class Texts:
    """Texts in one piece of memory: a list of a million would take ten times as much."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    def append(self, text: str) -> None:
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))

    def __getitem__(self, n: int) -> str:
        return self._bytes[self._ends[n] : self._ends[n + 1]].decode()


class _Heard(dict[str, str]):
    """How a Chinese character sounds, "" for any other: each is asked for once."""

    def __init__(self, syllable: Syllable) -> None:
        self._syllable = syllable

    def __missing__(self, character: str) -> str:
        self[character] = heard = _dull(self._syllable(character)) if _chinese(character) else ""
        return heard


class Crowd:
    """Everybody who is looked at, by number in the order they were added; nothing of it shows in a log."""

    __slots__ = ("_born", "_cards", "_days", "_heard", "_names", "_often", "_phones", "_sounds", "size")

    def __init__(self, syllable: Syllable) -> None:
        """`syllable` says how a Chinese character sounds, without its tone."""
        self._heard, self.size = _Heard(syllable), 0
        self._names = Texts()
        self._sounds, self._phones, self._cards = array("q"), array("q"), array("q")
        self._days, self._often = array("i"), array("i")  # how many names sound like this one
        self._born: Counter[int] = Counter()  # how many on each day, once it was counted

    def add(self, name: str, birthday: str, phone: str, id_card: str) -> None:
        """In their normal forms, "" for what is not known."""
        plain = " ".join(folded(name).casefold().split())
        self._names.append(plain)
        parts = self._parts(plain)
        self._sounds.append(hash(tuple(sorted(parts))) if parts else 0)
        self._days.append(int(birthday.replace("-", "") or 0))
        self._phones.append(int(phone.replace("+", "9") or 0))  # +49… is no number of the mainland's
        self._cards.append(hash(id_card) if id_card else 0)
        self._often.append(0)
        self.size += 1

    def alike(self) -> Iterator[Likeness]:
        """Pairs that reach what is needed, in no order and some of them twice.

        Only those are compared who share a name's sound, or a birthday, or where that is not told most
        digits of a phone, and something besides: whoever slipped in all of them is not found. Whoever
        shares a phone and more that is equal is no look-alike: an exact key says that they are one.
        """
        self._born = Counter(self._days)
        for members in self._together(self._sounds):
            for n in members:
                self._often[n] = len(members)
            yield from self._weighed(self._blocks(members, self._beside_name))
        for members in self._together(self._days):
            if self._days[members[0]] >= _YEAR:
                yield from self._weighed(self._blocks(members, self._beside_day))
        for left in _LEFT:
            numbers = zip(self._phones, self._days, strict=True)
            column = array(
                "q", (int(left(str(phone))) if phone and not day else 0 for phone, day in numbers)
            )
            for members in self._together(column):
                yield from self._weighed(self._blocks(members, self._beside_phone))

    def strangers(self, one: int, other: int) -> bool:
        """Whether two whom a shared key has found are no more than strangers are by chance: so many have
        this name and this birthday, or another name or birthday goes with the number they share, which was
        handed on. Asked once alike() has counted the names and days."""
        phone = near_phone(self._phones[one], self._phones[other])
        day = near_day(self._days[one], self._days[other])
        name, more = self._name(one, other)
        if self._day_bits(one, other, day) + self._phone_bits(one, other, phone) + more >= self._need():
            return False
        if phone != PHONE_SAME:
            return name == NAME_SAME and day == DAY_SAME
        other_day = not day and min(self._days[one], self._days[other]) > 0
        return other_day or (more < 0 and not _courteous(self._names[one], self._names[other]))

    def _need(self) -> int:
        return max(NEED_MIN, self.size.bit_length() + NEED_MORE)

    def _together(self, column: array[int]) -> Iterator[list[int]]:
        """Those who have the same there, of each value that several have."""
        order = sorted(range(self.size), key=column.__getitem__)
        for value, group in groupby(order, key=column.__getitem__):
            members = list(group)
            if value and len(members) > 1:
                yield members

    def _blocks(
        self, members: Sequence[int], keys: Callable[[int], Iterable[Hashable]]
    ) -> Iterator[tuple[int, int]]:
        """Pairs that share one of the keys, each once."""
        if len(members) <= _FEW:
            yield from combinations(members, 2)
            return
        blocks: defaultdict[Hashable, list[int]] = defaultdict(list)
        for n in members:
            for key in keys(n):
                blocks[key].append(n)
        seen: set[tuple[int, int]] = set()
        for block in blocks.values():
            if 1 < len(block) <= BLOCK_MAX:
                seen.update(combinations(block, 2))
        yield from seen

    def _beside_name(self, n: int) -> Iterator[Hashable]:
        if day := self._days[n]:
            yield "y", day // _YEAR
            yield "d", day % _YEAR
        yield from self._phone_keys(n)

    def _beside_day(self, n: int) -> Iterator[Hashable]:
        yield from _ends(self._parts(self._names[n]))
        yield from self._phone_keys(n)

    def _beside_phone(self, n: int) -> Iterator[Hashable]:
        yield from _ends(self._parts(self._names[n]))

    def _phone_keys(self, n: int) -> Iterator[Hashable]:
        if number := self._phones[n]:
            digits = str(number)
            for which, left in enumerate(_LEFT):
                yield which, left(digits)

    def _weighed(self, pairs: Iterable[tuple[int, int]]) -> Iterator[Likeness]:
        need = self._need()
        phones, births = self._phones, self._days
        for one, other in pairs:
            if self._settled(one, other):
                continue
            phone, day = near_phone(phones[one], phones[other]), near_day(births[one], births[other])
            if not phone and not day:
                continue
            bits = self._day_bits(one, other, day) + self._phone_bits(one, other, phone)
            if bits + self._most_of_name(one, other) < need:
                continue
            name, more = self._name(one, other)
            if phone == PHONE_SAME and name == NAME_SAME:
                continue
            reasons = tuple(filter(None, (name, day, phone)))
            if bits + more >= need and len(reasons) > 1:
                yield Likeness(min(one, other), max(one, other), bits + more, reasons)

    def _settled(self, one: int, other: int) -> bool:
        """Whether exact keys tell already: two ID cards are two people, phone and birthday are one."""
        mine, yours = self._cards[one], self._cards[other]
        if mine and yours and mine != yours:
            return True
        phone, day = self._phones[one], self._days[one]
        return bool(phone and day) and phone == self._phones[other] and day == self._days[other]

    def _day_bits(self, one: int, other: int, day: str) -> int:
        mine, yours = self._days[one], self._days[other]
        if not mine or not yours:
            return 0
        if not day:
            return -_AGAINST_DAY
        if mine < _YEAR or yours < _YEAR:
            return SHORT_DAY_BITS
        return _rare(DAY_BITS, self.size, max(self._born[mine], self._born[yours])) - _LESS.get(day, 0)

    def _phone_bits(self, one: int, other: int, phone: str) -> int:
        if not self._phones[one] or not self._phones[other]:
            return 0
        return _PHONE_BITS[phone] if phone else -_AGAINST_PHONE

    def _most_of_name(self, one: int, other: int) -> int:
        """What the name can add at best: where that is too little, nobody looks at it."""
        return max(_SLIP_LATIN, self._rarity(one, other))

    def _rarity(self, one: int, other: int) -> int:
        return _rare(NAME_BITS, self.size, max(self._often[one], self._often[other]))

    def _name(self, one: int, other: int) -> tuple[str, int]:
        mine, yours = self._names[one], self._names[other]
        if not mine or not yours:
            return "", 0
        how = near_name(mine, yours, self._parts(mine), self._parts(yours))
        if not how:
            return "", -_AGAINST_NAME
        if how != NAME_SLIP:
            return how, self._rarity(one, other) - _LESS.get(how, 0)
        if _latin(mine):
            return how, _SLIP_LATIN
        return how, _SLIP_LONG if len(self._parts(mine)) > 2 else _SLIP_SHORT

    def _parts(self, name: str) -> tuple[str, ...]:
        """How it sounds: syllables of Chinese characters, words of the others."""
        sounds = [self._heard[each] for each in name]
        if all(sounds):
            return tuple(sounds)
        parts: list[str] = []
        for word in _words(name):
            sounds = [self._heard[each] for each in word]
            if any(sounds):
                parts += (sound or each for sound, each in zip(sounds, word, strict=True))
            else:
                parts.append(_dull(word))
        return tuple(parts)


def near_name(one: str, other: str, mine: Sequence[str], yours: Sequence[str]) -> str:
    """How two names are alike, given their sounds; "" for two that are not."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return NAME_SAME
    if mine == yours:
        return NAME_SOUNDS
    if len(mine) == len(yours) and sorted(mine) == sorted(yours):
        return NAME_TURNED
    if _latin(one) and _latin(other):
        mine, yours = " ".join(mine), " ".join(yours)
        least = _WORD_MIN
    else:
        least = 2
    close = min(len(mine), len(yours)) >= least and OSA.distance(mine, yours, score_cutoff=1) == 1
    return NAME_SLIP if close else ""


def near_day(one: int, other: int) -> str:
    """As YYYYMMDD, or MMDD of somebody who does not tell the year; 0 is like nothing."""
    if not one or not other:
        return ""
    if one < _YEAR or other < _YEAR:
        return DAY_SAME if one % _YEAR == other % _YEAR else ""
    if one == other:
        return DAY_SAME
    mine, yours = str(one), str(other)
    if mine[:4] == yours[:4] and mine[4:] == yours[6:] + yours[4:6]:
        return DAY_TURNED
    return DAY_SLIP if OSA.distance(mine, yours, score_cutoff=1) == 1 else ""


def near_phone(one: int, other: int) -> str:
    """One digit wrong, or two beside each other swapped; 0 is like nothing."""
    if not one or not other:
        return ""
    if one == other:
        return PHONE_SAME
    mine, yours = str(one), str(other)
    if len(mine) != len(yours) or OSA.distance(mine, yours, score_cutoff=1) != 1:
        return ""
    return PHONE_TURNED if sorted(mine) == sorted(yours) else PHONE_SLIP


def _courteous(one: str, other: str) -> bool:
    """Whether one of them is no more than the other's family name, with what people are called by it."""
    return one[:1] == other[:1] != "" and any(each[1:] in CALLED for each in (one, other))


def _rare(bits: int, size: int, often: int) -> int:
    """Bits of sharing what `often` of `size` have; no more than `bits` where too few were counted."""
    return ((size + (1 << bits)) // max(2, often)).bit_length() - 1


def _ends(parts: Sequence[str]) -> set[str]:
    """What of a name is left by one slip, wherever it is."""
    return {end for part in parts for end in ((part[:3], part[-3:]) if len(part) > 6 else (part,))}


def _words(name: str) -> list[str]:
    return name.replace("-", " ").replace("'", "").replace("·", " ").split()


def _latin(name: str) -> bool:
    """Written in letters, of any alphabet."""
    return name.isascii() or not any(map(_chinese, name))


def _chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _dull(part: str) -> str:
    """As ears in half of China have it: zh like z, ch like c, sh like s, -ng like -n; without accents."""
    if not part.isascii():
        part = "".join(c for c in unicodedata.normalize("NFKD", part) if not unicodedata.combining(c))
    for sharp, dull in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if part.startswith(sharp):
            part = dull + part[2:]
    return part[:-1] if part.endswith("ng") else part
