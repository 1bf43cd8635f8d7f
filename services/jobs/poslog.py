"""Writes a business day as an ARTS POSLog file, beside the database."""

from __future__ import annotations

import os

from services.domain import periods
from services.flows.poslog import export
from services.jobs.contract import Arguments, Job, Refused

USAGE = "give one business day: poslog YYYY-MM-DD"


def _run(arguments: Arguments) -> str:
    if len(arguments.words) != 1:
        raise Refused(USAGE)
    (day,) = arguments.words
    try:
        periods.period(day, day)
        shop = arguments.shop()
        pieces = export(shop.store_id, shop.currency, day)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{USAGE} ({error})") from error
    path = arguments.folder / f"poslog-{shop.store_id}-{day}.xml"
    growing = path.with_suffix(".part")
    transactions = 0
    with growing.open("w", encoding="utf-8") as file:
        for piece in pieces:
            transactions += piece.startswith("<Transaction>")
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    growing.replace(path)  # whole or not there
    return f"wrote {transactions} transactions to {path}"


JOB = Job(key="poslog", run=_run)
