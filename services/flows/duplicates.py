"""The sweep: who of all members may be one person. What is sure becomes one, the rest is for a click."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.domain import identity
from services.domain.duplicates import Base, pairs
from services.domain.identity import STRONG
from services.domain.profile import CANDIDATE, HINT, PERSON, PHONE_BIRTHDAY, PHONE_NAME, SAME
from services.flows import merges
from services.flows.shop import Shop
from services.store import db, duplicates, members
from services.store.duplicates import Pair

# What sharing a key of each kind says; of a strong key, only those who proved it are SAME.
SAYS = {PHONE_NAME: SAME, PHONE_BIRTHDAY: SAME, **dict.fromkeys(identity.KINDS, CANDIDATE), PERSON: HINT}
PIECE = 10_000  # rows of one transaction
MERGES = 50  # of one transaction
MERGES_MAX = 20_000  # of one run; the next goes on
SLACK_MS = 86_400_000  # a clock may have been put back


@dataclass(slots=True)
class _Net:
    """What was read: groups of ids under a shared key, by what that says."""

    groups: defaultdict[str, list[Sequence[int]]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, int] = field(default_factory=dict)  # of ids, in the order they were met

    def catch(self, kind: str, marked: Sequence[str]) -> None:
        ids = self._numbered([each[1:] for each in marked])
        self.groups[SAYS[kind]].append(ids)
        if kind in STRONG:
            proved = [n for n, each in zip(ids, marked, strict=True) if each[0] == "1"]
            if len(proved) > 1:
                self.groups[SAME].append(proved)

    def both(self, found: Iterable[Pair]) -> list[Sequence[int]]:
        return [self._numbered(pair) for pair in found]

    def _numbered(self, ids: Sequence[str]) -> tuple[int, ...]:
        numbers = self.numbers
        return tuple([numbers.setdefault(each, len(numbers)) for each in ids])


def sweep(shop: Shop, *, whole: bool = False) -> int:
    """Find again who may be one, among all or those touched by a change since the last time; how many
    pairs were written or dropped. Killed at any moment, the next run ends the same."""
    begun_ms, since_ms = shop.now_ms(), duplicates.swept_ms()
    if whole or not since_ms:
        net, before = _all(), duplicates.found()
        merged, apart = duplicates.merged(), duplicates.apart()
    else:
        net, ids = _touched(duplicates.changed_since(since_ms - SLACK_MS))
        before = {pair: like for each in ids for pair, like in duplicates.found_with(each).items()}
        merged = [pair for pair in duplicates.merged() if pair[0] in ids]
        apart = [pair for pair in duplicates.apart() if pair[0] in ids and pair[1] in ids]
    now = _paired(net, merged, apart)
    late = sorted(pair for pair in before if pair not in now)  # in the order of the pages they stand on
    fresh = sorted((*pair, like) for pair, like in now.items() if before.get(pair) != like)
    for n in range(0, len(late), PIECE):
        with db.write():
            duplicates.drop(late[n : n + PIECE])
    for n in range(0, len(fresh), PIECE):
        with db.write():
            duplicates.put(fresh[n : n + PIECE])
    with db.write():
        duplicates.swept(begun_ms)
    return len(late) + len(fresh)


def merge_sure(shop: Shop, limit: int = MERGES_MAX) -> int:
    """Make one whoever surely is; how many. Who cannot be now (both buy, two ID cards) stays a suggestion.

    Raises MemberSealed.
    """
    done, after = 0, ("", "")
    while done < limit and (found := duplicates.sure(after, min(MERGES, limit - done))):
        with db.write():
            made = sum(merges.merge_sure(shop, pair) for pair in found)
        done, after = done + made, found[-1]
    return done


def _all() -> _Net:
    net = _Net()
    for kind in SAYS:
        for marked in duplicates.sharing(kind):
            net.catch(kind, marked)
    return net


def _touched(changed: Iterable[str]) -> tuple[_Net, set[str]]:
    """Whoever hangs together with these by any key, pair or merge: all that can have become different."""
    net, keys = _Net(), set()
    ids: set[str] = set()
    waiting = list(changed)
    while waiting:
        member_id = waiting.pop()
        if member_id in ids:
            continue
        ids.add(member_id)
        waiting += members.group(member_id)
        waiting += [each for pair in duplicates.found_with(member_id) for each in pair]
        for kind, digest, marked in duplicates.sharing_with(member_id, SAYS):
            if (kind, digest) not in keys:
                keys.add((kind, digest))
                net.catch(kind, marked)
                waiting += [each[1:] for each in marked]
    return net, ids


def _paired(net: _Net, merged: Iterable[Pair], apart: Iterable[Pair]) -> dict[Pair, str]:
    joined, parted = net.both(merged), net.both(apart)
    order = duplicates.by_age(net.numbers)
    place = [-1] * len(net.numbers)
    for n, member_id in enumerate(order):
        place[net.numbers[member_id]] = n
    net.numbers.clear()
    base = Base(
        len(order),
        _placed(joined, place),
        _placed(parted, place),
        {likeness: _placed(groups, place) for likeness, groups in net.groups.items()},
    )
    return {(order[one], order[other]): likeness for one, other, likeness in pairs(base)}


def _placed(groups: list[Sequence[int]], place: Sequence[int]) -> list[Sequence[int]]:
    """The same groups by age; ids that are no member's drop out."""
    placed = ([place[n] for n in group if place[n] >= 0] for group in groups)
    return [group for group in placed if len(group) > 1]
