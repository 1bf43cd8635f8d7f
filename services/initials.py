"""How Chinese names sound: initials, by which the till searches, and syllables. It takes 57 MB."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache


def of(names: Iterable[str]) -> dict[str, str]:
    """Name -> the first letters of its syllables, with its Latin letters and digits as they are."""
    from pypinyin import Style, lazy_pinyin

    letters = {name: "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)) for name in set(names)}
    return {name: "".join(filter(str.isalnum, text)).lower() for name, text in letters.items()}


@cache
def syllable(character: str) -> str:
    """How one Chinese character sounds most often, without its tone; what is none stays as it is."""
    from pypinyin import lazy_pinyin

    return str(lazy_pinyin(character)[0])
