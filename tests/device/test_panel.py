"""What the pages are told of the box."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.health import COPY_LATE_MS, CopyState, Level, copy_state
from device.panel import storage_level


@pytest.mark.parametrize(
    ("failing", "disk", "told"),
    [("", "ok", "ok"), ("", "warn", "warn"), ("", "bad", "warn"), ("disk I/O error", "ok", "bad")],
)
def test_only_a_ledger_that_cannot_be_written_stops_the_tills(
    failing: str, disk: Level, told: Level
) -> None:
    assert storage_level(failing, disk) == told


@pytest.mark.parametrize(
    ("medium", "made_ms", "behind", "told"),
    [
        (None, 0, False, "off"),
        ("there", 0, False, "never"),
        ("away", 1, True, "away"),
        ("there", 1, True, "behind"),
        ("there", 1, False, "ok"),
        ("there", -COPY_LATE_MS, False, "late"),
    ],
)
def test_a_technician_is_told_how_it_stands_with_the_copies(
    tmp_path: Path, medium: str | None, made_ms: int, behind: bool, told: CopyState
) -> None:
    (tmp_path / "there").touch()
    keys = tmp_path / medium if medium else None
    assert copy_state(keys, made_ms, 2, behind=behind) == told
