"""What pages ask of the printer."""

from __future__ import annotations

from web_console.api import Request


class JobAnswer(Request, frozen=True, kw_only=True):
    """Did the receipt come out? `true` settles the job, `false` prints a copy marked as such."""

    came_out: bool


# Health
