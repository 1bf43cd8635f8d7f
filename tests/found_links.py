"""How much of the truth of a made base was found: which pairs are right, who was led to their person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.domain import profile
from services.domain.duplicates import Forest
from services.domain.profile import SAME
from tests.made_members import Registered

STAGES = ("exact", "chained", "for a click", "fuzzy")


@dataclass(frozen=True, slots=True)
class Found:
    """`recall`: of those who registered again, how many this and all before lead to their person."""

    right: int
    wrong: int
    recall: float

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    def line(self, name: str) -> str:
        return (
            f"{name:<14} right {self.right:>6} wrong {self.wrong:>5} precision {self.precision:.4f}"
            f" recall so far {self.recall:.4f}"
        )


class Links:
    """Counts one stage after the other. `person` is who each registration is, by number."""

    def __init__(self, person: Sequence[int]) -> None:
        self._person, self._forest, self._led = person, Forest(len(person)), 0
        self._again = len(person) - len(set(person))

    def found(self, pairs: Iterable[tuple[int, int]]) -> Found:
        right = wrong = 0
        for one, other in pairs:
            if self._person[one] != self._person[other]:
                wrong += 1
                continue
            right += 1
            if self._forest.root(one) != self._forest.root(other):
                self._forest.join(one, other)
                self._led += 1
        return Found(right, wrong, self._led / self._again)


def staged(made: Sequence[Registered], likeness: Mapping[tuple[int, int], str]) -> dict[str, Found]:
    """By stage, of pairs and how alike they were found to be: pairs that share a sure key themselves, those
    that somebody between them makes one, those an exact key suggests, and look-alikes ("fuzzy")."""
    stages: dict[str, list[tuple[int, int]]] = {name: [] for name in STAGES}
    for pair, like in likeness.items():
        if like == SAME:
            one, other = (
                profile.changed({}, profile.normalised(made[n].given), made[n].verified, 0) for n in pair
            )
            stages["exact" if profile.likeness(one, other) == SAME else "chained"].append(pair)
        else:
            stages["fuzzy" if like == "fuzzy" else "for a click"].append(pair)
    links = Links([each.person for each in made])
    return {name: links.found(pairs) for name, pairs in stages.items()}
