"""Finds members who are one person: makes one of who surely is, and lists the others for a click.

Whoever is only alike, by a name that sounds the same or a digit that is wrong, is suggested, never merged.
"""

from __future__ import annotations

from services import initials
from services.flows import duplicates, resemblance
from services.jobs.contract import Arguments, Job, Refused

USAGE = "give nothing, or `all` to look at every member again: find_duplicates all"


def _run(arguments: Arguments) -> str:
    if arguments.words not in ((), ("all",)):
        raise Refused(USAGE)
    shop = arguments.shop()
    changed = duplicates.sweep(shop, whole=bool(arguments.words))
    merged = duplicates.merge_sure(shop)
    alike = resemblance.suggest(shop, initials.syllable, arguments.tell)
    said = f"{changed} pairs are new or gone, {merged} were made one; {alike.pairs} look alike"
    return f"{said}; {alike.unreadable} cannot be read" if alike.unreadable else said


JOB = Job(key="find_duplicates", run=_run)
