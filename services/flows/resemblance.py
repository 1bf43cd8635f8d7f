"""Look-alikes: who of all members may be one person by names, birthdays and phones a slip apart.

They are only suggested. What is opened for it stays in the memory of this run.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.domain import merging, profile
from services.domain.duplicates import Forest
from services.domain.identity import ID_CARD, PHONE
from services.domain.profile import BIRTHDAY, NAME
from services.domain.resemblance import Crowd, Likeness, Syllable, Texts
from services.flows import members as people
from services.flows.shop import Shop
from services.store import db, duplicates, members
from services.store.duplicates import Guess, Pair

PIECE = 2_000  # members opened at once
TOLD_EVERY = 100_000  # members between two words of how far it is


@dataclass(frozen=True, slots=True)
class Suggested:
    pairs: int
    changed: int  # of them, new or gone
    unreadable: int  # members whose seal does not open: they were left out


@dataclass(slots=True)
class _Read:
    crowd: Crowd
    ids: Texts
    created_ms: array[int]
    unreadable: int = 0

    def holds(self, n: int, member_id: str) -> bool:
        return n < len(self.ids) and self.ids[n] == member_id


def suggest(shop: Shop, syllable: Syllable, tell: Callable[[str], None]) -> Suggested:
    """Look at everybody again and keep what was found in place of what was; never merges anybody.

    Not suggested are those who are one already, who were told apart, and whom the exact sweep has found.
    Of those it says which a shared number or a common name makes a pair by chance. `tell` hears how far it
    is. Killed at any moment, all of it is as it was. Raises MemberSealed.
    """
    begun_ms = shop.now_ms()
    read = _everybody(syllable, tell)
    tell(f"{read.crowd.size} members read, looking for those who are alike")
    now = _suggestions(read)
    chance, held = _by_chance(read), duplicates.by_chance()
    before = duplicates.guesses()
    late = sorted(pair for pair in before if pair not in now)
    fresh = sorted((*pair, *guess) for pair, guess in now.items() if before.get(pair) != guess)
    with db.write():
        duplicates.guess(late, fresh, begun_ms)
        duplicates.put_chance(sorted(held - chance), sorted(chance - held))
    return Suggested(len(now), len(late) + len(fresh), read.unreadable)


def _everybody(syllable: Syllable, tell: Callable[[str], None]) -> _Read:
    read, after = _Read(Crowd(syllable), Texts(), array("q")), ""
    while rows := members.sealed_after(after, PIECE):
        after = rows[-1].member_id
        for row, held in zip(rows, people.opened_all(rows), strict=True):
            if held is None:
                read.unreadable += 1
                continue
            values = (profile.value(held, each) for each in (NAME, BIRTHDAY, PHONE, ID_CARD))
            read.crowd.add(*values)
            read.ids.append(row.member_id)
            read.created_ms.append(row.created_at_ms)
            if read.crowd.size % TOLD_EVERY == 0:
                tell(f"{read.crowd.size} members read")
    return read


def _suggestions(read: _Read) -> dict[Pair, Guess]:
    """The likeliest pair of any two people, by the ids of its two members."""
    found: dict[Pair, Guess] = {}
    for like in read.crowd.alike():
        pair, guess = _pair(read, like), (like.bits, " ".join(like.reasons))
        found[pair] = guess
    merged, settled = duplicates.merged(), [*duplicates.apart(), *duplicates.found()]
    people_of = _people(pair for pairs in (found, merged) for pair in pairs)
    forest = Forest(len(people_of))
    forest.join_all((people_of[one], people_of[other]) for one, other in merged)

    def both(pair: Pair) -> tuple[int, int]:
        one, other = (forest.root(people_of[each]) for each in pair)
        return min(one, other), max(one, other)

    known = {both(pair) for pair in settled if pair[0] in people_of and pair[1] in people_of}
    best: dict[tuple[int, int], tuple[int, Pair]] = {}
    for pair, (bits, _) in found.items():
        two = both(pair)
        if two[0] != two[1] and two not in known:
            best[two] = min(best.get(two, (1, pair)), (-bits, pair))
    return {pair: found[pair] for _, pair in best.values()}


def _by_chance(read: _Read) -> set[Pair]:
    """Pairs that a key suggests, and that are no more than chance; names and days were counted before."""
    found = set()
    for pair, like in duplicates.found().items():
        if like != profile.SAME:
            one, other = (bisect_left(read.ids, each) for each in pair)
            if read.holds(one, pair[0]) and read.holds(other, pair[1]) and read.crowd.strangers(one, other):
                found.add(pair)
    return found


def _pair(read: _Read, like: Likeness) -> Pair:
    one, other = read.ids[like.one], read.ids[like.other]
    return merging.edge(one, read.created_ms[like.one], other, read.created_ms[like.other])


def _people(pairs: Iterable[Pair]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for pair in pairs:
        for each in pair:
            numbers.setdefault(each, len(numbers))
    return numbers
