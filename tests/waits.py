"""How tests wait: for what they look at, and as long as it may take where others use the cores too."""

from __future__ import annotations

import time
from typing import Any

WAIT_S = 60.0
LOOK_S = 0.02


def until(true: Any, what: str, timeout_s: float = WAIT_S) -> Any:
    """The first true answer; fails with `what` after the time."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if answer := true():
            return answer
        time.sleep(LOOK_S)
    raise AssertionError(f"never became true: {what}")
