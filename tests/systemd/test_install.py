"""The installer, into a folder: the whole layout, twice the same, and never over a store's settings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def install(target: Path) -> list[str]:
    done = subprocess.run(
        ["make", "-s", "install", f"DESTDIR={target}"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.splitlines()


def state(folder: Path) -> dict[str, tuple[int, int]]:
    stats = {str(p.relative_to(folder)): p.stat() for p in folder.rglob("*") if p.is_file()}
    return {name: (s.st_mode, s.st_mtime_ns) for name, s in stats.items()}


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    target = tmp_path_factory.mktemp("box")
    install(target)
    return target


def test_what_a_unit_names_is_where_it_was_put(box):
    units = sorted((box / "etc/systemd/system").iterdir())
    assert [u.name for u in units] == [
        "gateway-job@.service",
        "gateway-nightly.timer",
        "gateway-uplink.service",
        "gateway.service",
        "gateway.socket",
    ]
    for unit in units:
        for path in re.findall(r"(?:WorkingDirectory=|--config )(\S+)", unit.read_text("utf-8")):
            assert (box / path.lstrip("/")).exists(), (unit.name, path)
    assert (box / "etc/store-gateway/gateway.toml").stat().st_mode & 0o777 == 0o640


def test_the_program_runs_from_where_it_was_put(box):
    """Everything it needs was copied: the command line reads the installed settings and nothing else."""
    done = subprocess.run(
        [sys.executable, "-B", "-m", "device", "--config", "missing.toml", "check"],
        cwd=box / "opt/store-gateway",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "missing.toml" in done.stderr
    for part in ("device", "drivers", "services", "web_console"):
        mine = {p.relative_to(ROOT) for p in (ROOT / part).rglob("*") if "__pycache__" not in p.parts}
        there = (box / "opt/store-gateway" / part).rglob("*")
        copied = {p.relative_to(box / "opt/store-gateway") for p in there if "__pycache__" not in p.parts}
        assert mine == copied, part


def test_a_second_run_changes_nothing(box):
    before = state(box)
    said = install(box)
    assert state(box) == before
    assert said == [f"install: kept {box}/etc/store-gateway/gateway.toml", "install: done"]


def test_an_update_replaces_the_program_and_keeps_the_settings(tmp_path):
    install(tmp_path)
    settings = tmp_path / "etc/store-gateway/gateway.toml"
    settings.write_text("twins = true\n")
    stale = tmp_path / "opt/store-gateway/device/stale.py"
    stale.write_text("")
    install(tmp_path)
    assert settings.read_text() == "twins = true\n"
    assert not stale.exists()
