"""What the pages are told of the box."""

from __future__ import annotations

import pytest

from device.health import Level
from device.panel import storage_level


@pytest.mark.parametrize(
    ("failing", "disk", "told"),
    [("", "ok", "ok"), ("", "warn", "warn"), ("", "bad", "warn"), ("disk I/O error", "ok", "bad")],
)
def test_only_a_ledger_that_cannot_be_written_stops_the_tills(
    failing: str, disk: Level, told: Level
) -> None:
    assert storage_level(failing, disk) == told
