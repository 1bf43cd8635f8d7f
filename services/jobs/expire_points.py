"""Ends points whose month is over and lets those that were pending be used, once and for everybody.

The gateway does the same while it runs, and reading an account in passing.
"""

from __future__ import annotations

from services.flows import points
from services.jobs.contract import Arguments, Job


def _run(arguments: Arguments) -> str:
    return f"brought the points of {points.catch_up_all(arguments.shop())} members up to date"


JOB = Job(key="expire_points", run=_run)
