"""Finds members who are one person: makes one of who surely is, and lists the others for a click."""

from __future__ import annotations

from services.flows import duplicates
from services.jobs.contract import Arguments, Job, Refused

USAGE = "give nothing, or `all` to look at every member again: find_duplicates all"


def _run(arguments: Arguments) -> str:
    if arguments.words not in ((), ("all",)):
        raise Refused(USAGE)
    shop = arguments.shop()
    changed = duplicates.sweep(shop, whole=bool(arguments.words))
    merged = duplicates.merge_sure(shop)
    return f"{changed} pairs are new or gone, {merged} were made one"


JOB = Job(key="find_duplicates", run=_run)
