"""Look-alikes of a made base: how many are found and how many wrong, stage by stage and beside Splink and
recordlinkage; and what a million members cost.

The others are given names, sounds and phones in clear, in their normal forms, and blocks, levels and
thresholds with which they do well; beside them stands the finding alone. Opening the seals is measured
with the whole sweep. Each has a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from services import initials
from services.domain import profile
from services.domain.resemblance import Crowd
from services.flows import duplicates as sweeping
from services.flows import resemblance
from services.store import duplicates
from tests.bench.figure import Figure, peak_mb
from tests.bench.members_base import filled, number
from tests.found_links import Links, staged
from tests.made_slips import registrations
from tests.shop import make_shop, open_store
from tests.stack import ROOT

MEMBERS, MANY = 50_000, 1_000_000
MEMORY_MB, SECONDS = 400, 60
LINEAR = 1.75  # twenty times as many: sorting alone makes 1.3 of it, and small groups need no blocks
PRECISION, RECALL = 0.9, 0.9  # of the fuzzy stage; after it
REFERENCES = ("splink", "recordlinkage")
FIELDS = ("name", "birthday", "phone", "id_card")
COLUMNS = ["n", "name", "sound", "birthday", "year", "month_day", "phone", "card"]
Said = dict[str, Any]


def figures(count: int = MEMBERS, many: int = MANY) -> Iterator[Figure]:
    """Some five minutes, half of them to make and seal a million members."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        few, large = Path(folder) / "few.db", Path(folder) / "many.db"
        filled(few, registrations(count), seal=True)
        ours, finding = _child("ours", count, few), _child("finding", count)
        yield from _stages(ours, count)
        for who in REFERENCES:
            yield from _beside(who, _child(who, count), ours, finding)
        filled(large, registrations(many), seal=True)
        grown = _child("ours", many, large)
    yield from _stages(grown, many)
    yield _figure(f"{many:,} members, all stages, CPU", grown["cpu_s"], SECONDS, "s")
    yield _figure("the same, most memory", grown["mb"], MEMORY_MB, "MB")
    times = grown["cpu_s"] / ours["cpu_s"] / (many / count)
    yield Figure(
        f"CPU of a member, {many:,} to {count:,}",
        f"{grown['cpu_s'] / many * 1e6:.0f} us",
        f"{ours['cpu_s'] / count * 1e6:.0f} us",
        times,
        LINEAR,
    )


def _figure(name: str, value: float, bound: float, unit: str) -> Figure:
    return Figure(name, f"{value:.1f} {unit}", f"{bound:g} {unit}", value, bound)


def _stages(ours: Said, count: int) -> Iterator[Figure]:
    """Pairs that are made one must all be right; what is for a click may be wrong now and then."""
    least = {"exact": 1.0, "chained": 1.0, "for a click": PRECISION, "fuzzy": PRECISION}
    for name, (right, wrong, recall) in ours["stages"].items():
        precision = right / max(1, right + wrong)
        yield Figure(
            f"{count:,} members, {name}: precision",
            f"{precision:.4f}",
            f"{right} right, {wrong} wrong",
            precision,
            least[name],
            at_most=False,
        )
        yield Figure(
            f"  recall after {name}",
            f"{recall:.4f}",
            "",
            recall,
            RECALL if name == "fuzzy" else 0,
            at_most=False,
        )


def _beside(who: str, theirs: Said, ours: Said, finding: Said) -> Iterator[Figure]:
    for what, least in (("precision", 0.98), ("recall", 1.0)):
        yield Figure(
            f"all stages beside {who}, {what}",
            f"{ours[what]:.4f}",
            f"{theirs[what]:.4f}",
            ours[what] / theirs[what],
            least,
            at_most=False,
        )
    for what, unit in (("cpu_s", "s"), ("mb", "MB")):
        yield Figure(
            f"  finding them, {unit if unit == 'MB' else 'CPU'}",
            f"{finding[what]:.2f} {unit}",
            f"{theirs[what]:.2f} {unit}",
            finding[what] / theirs[what],
            1.0,
        )


def _child(who: str, count: int, path: Path | None = None) -> Said:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.resemblance", who, str(count), str(path or "")],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    said: Said = json.loads(run.stdout.splitlines()[-1])
    return said


def _ours(path: Path, count: int) -> Said:
    open_store(path)
    shop, begun = make_shop(), time.process_time()
    sweeping.sweep(shop, whole=True)
    resemblance.suggest(shop, initials.syllable, lambda _: None)
    said: Said = {"cpu_s": time.process_time() - begun, "mb": peak_mb()}
    made = list(registrations(count))
    chance = duplicates.by_chance()
    shown = {pair: like for pair, like in duplicates.found().items() if pair not in chance}
    pairs = {
        (number(one), number(other)): like
        for found in (shown, dict.fromkeys(duplicates.guesses(), "fuzzy"))
        for (one, other), like in found.items()
    }
    stages = staged(made, pairs)
    said["stages"] = {name: (each.right, each.wrong, each.recall) for name, each in stages.items()}
    return {**said, **_all([each.person for each in made], pairs)}


def _finding(count: int) -> Said:
    """From values in memory to pairs, as the others do."""
    values = [profile.normalised(each.given) for each in registrations(count)]
    initials.syllable("王")  # the others are given the sounds
    begun = time.process_time()
    crowd = Crowd(initials.syllable)
    for each in values:
        crowd.add(*(each.get(field, "") for field in FIELDS))
    found = sum(1 for _ in crowd.alike())
    return {"cpu_s": time.process_time() - begun, "mb": peak_mb(), "found": found}


def _reference(who: str, count: int) -> Said:
    from pandas import DataFrame

    rows, person = [], []
    for n, each in enumerate(registrations(count)):
        given = profile.normalised(each.given)
        name, day = given.get("name"), given.get("birthday")
        rows.append((n, name, name and _sound(name), day, day and day[:4], day and day[5:]))
        rows[-1] += (given.get("phone"), given.get("card"))
        person.append(each.person)
    people = DataFrame(
        rows, columns=["n", "name", "sound", "birthday", "year", "month_day", "phone", "card"]
    )
    reference = import_module(f"tests.bench.resemblance_{who}")
    begun = time.process_time()
    found = {(min(pair), max(pair)) for pair in reference.pairs(people)}
    return {"cpu_s": time.process_time() - begun, "mb": peak_mb(), **_all(person, found)}


def _sound(name: str) -> str:
    words = name.lower().split() if name.isascii() else map(initials.syllable, name)
    return " ".join(sorted(words))


def _all(person: list[int], pairs: Any) -> Said:
    found = Links(person).found(pairs)
    return {"precision": found.precision, "recall": found.recall}


def _main(who: str, count: int, path: Path) -> None:
    said = (
        _ours(path, count)
        if who == "ours"
        else _finding(count)
        if who == "finding"
        else _reference(who, count)
    )
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
