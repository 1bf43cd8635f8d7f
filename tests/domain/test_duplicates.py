"""Chains find their oldest in any order, and whoever was parted stays apart."""

from __future__ import annotations

import random
from collections.abc import Sequence

from services.domain.duplicates import Base, Forest, pairs
from services.domain.profile import CANDIDATE, HINT, SAME


def found(size: int, **groups: Sequence[Sequence[int]]) -> set[tuple[int, int, str]]:
    merged, apart = groups.pop("merged", ()), groups.pop("apart", ())
    return set(pairs(Base(size, merged, apart, groups)))


def test_the_smallest_is_the_root_in_any_order() -> None:
    chance = random.Random(7)
    edges = [(chance.randrange(60), chance.randrange(60)) for _ in range(45)]
    roots = []
    for _ in range(500):
        chance.shuffle(edges)
        forest = Forest(60)
        forest.join_all(edge if chance.random() < 0.5 else edge[::-1] for edge in edges)
        roots.append([forest.root(n) for n in range(60)])
    assert all(each == roots[0] for each in roots) and all(root <= n for n, root in enumerate(roots[0]))


def test_a_chain_has_one_who_stands_for_all() -> None:
    assert found(5, same=[(3, 4), (1, 3)], candidate=[(0, 4), (0, 1)], hint=[(0, 3), (2, 4)]) == {
        (3, 1, SAME),
        (4, 1, SAME),
        (1, 0, CANDIDATE),
        (2, 1, HINT),
    }


def test_who_is_one_already_is_not_found_again() -> None:
    assert found(4, merged=[(2, 0)], same=[(2, 0), (3, 2)], hint=[(0, 2)]) == {(3, 0, SAME)}


def test_who_was_parted_is_neither_made_one_nor_suggested() -> None:
    assert found(2, apart=[(1, 0)], same=[(0, 1)], candidate=[(1, 0)]) == set()
    chained = found(3, apart=[(2, 0)], same=[(0, 1), (1, 2)])
    assert chained == {(1, 0, CANDIDATE)}, "somebody between them is for a click"
