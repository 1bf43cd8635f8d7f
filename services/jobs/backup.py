"""Copies the ledger and the members' keys to the second medium."""

from __future__ import annotations

from services.flows import backups
from services.jobs.contract import Arguments, Job, Refused


def _run(arguments: Arguments) -> str:
    if arguments.copies is None:
        raise Refused("no folder is set: backup.dir")
    return backups.back_up(arguments.shop(), arguments.copies)


JOB = Job(key="backup", run=_run)
