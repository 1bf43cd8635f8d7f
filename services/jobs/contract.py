"""What a job declares: work that runs once and ends, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.flows.backups import Place
from services.flows.shop import Shop


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the box hands to a job. The database is open for writing while it runs."""

    words: tuple[str, ...]  # what follows the job's name on the command line
    hash_pin: Callable[[str], str]
    now_ms: Callable[[], int]  # UTC
    shop: Callable[[], Shop]  # for a job that calls flows
    folder: Path = Path()  # of the database: a file that a job makes stands beside it
    tell: Callable[[str], None] = lambda line: None  # how far a long job is, a line at a time
    copies: Place | None = None  # None: the shop has no medium for them


class Refused(Exception):
    """The job was asked for something it must not or cannot do; nothing has changed. For the operator."""


@dataclass(frozen=True, slots=True)
class Job:
    """`run` raises Refused."""

    key: str
    run: Callable[[Arguments], str]  # answers with one line of what it did
