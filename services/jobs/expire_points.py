"""Ends points whose month is over and lets those that were pending be used. Reading an account does the
same in passing; the job sees to members whom nobody looks at."""

from __future__ import annotations

from services.flows import points as flow
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Job
from services.store import db, members, points

PIECE = 100  # members of one transaction
PIECES_MAX = 100_000  # of one run


def expire(shop: Shop) -> int:
    """How many accounts were brought up to date."""
    done, after = 0, ("", "")
    for _ in range(PIECES_MAX):
        found = points.due(flow.day(shop, shop.now_ms()), PIECE, after)
        if not found:
            break
        with db.write():
            for member_id, program in found:
                flow.caught_up(shop, members.group(member_id), shop.now_ms(), program)
        done, after = done + len(found), found[-1]
    return done


def _run(arguments: Arguments) -> str:
    return f"brought the points of {expire(arguments.shop())} members up to date"


JOB = Job(key="expire_points", run=_run)
