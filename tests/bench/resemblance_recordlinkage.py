"""Look-alikes as one would find them with recordlinkage: blocks, comparisons and a score of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import recordlinkage
from pandas import DataFrame

BLOCKS = (
    ("phone",),
    ("card",),
    ("sound", "year"),
    ("sound", "month_day"),
    ("birthday", "first"),
    ("birthday", "rest"),
    ("sound", "prefix"),
    ("sound", "suffix"),
    ("birthday", "prefix"),
    ("birthday", "suffix"),
)
NEED = 2  # fields that are alike


def pairs(people: DataFrame) -> Iterator[tuple[int, int]]:
    """Of a frame with n, name, sound, phone, birthday, year, month_day, card; None for the unknown."""
    people = people.set_index("n")
    people["first"], people["rest"] = people["name"].str[:1], people["name"].str[1:]
    people["prefix"], people["suffix"] = people["phone"].str[:7], people["phone"].str[7:]
    found = None
    for block in BLOCKS:  # whoever does not tell something is in no block of it
        blocked = recordlinkage.index.Block(list(block)).index(people.dropna(subset=list(block)))
        found = blocked if found is None else found.union(blocked)
    compare = recordlinkage.Compare()
    for field in ("sound", "card"):
        compare.exact(field, field, label=field)
    for field, least in (("name", 0.6), ("phone", 0.9), ("birthday", 0.8)):
        compare.string(field, field, method="damerau_levenshtein", threshold=least, label=field)
    told = compare.compute(found, people)
    name = told[["name", "sound"]].max(axis=1)
    alike = told["card"].gt(0) | (name + told["phone"] + told["birthday"]).ge(NEED)
    yield from told.index[alike].tolist()
