"""The units under a real systemd, in a container over this machine's root: installed, booted, sold with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BOOT_S = 240

# $1: the checkout, $2: the virtual environment, $3: its Python, $4: where the result goes.
# Everything happens on an overlay in memory; there a Python in somebody's home is opened to the gateway.
CONTAINER = r"""
set -eu
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay none -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd "$1"
DESTDIR=/mnt/root sh systemd/install.sh >/dev/null
systemd-sysusers --root=/mnt/root /mnt/root/etc/sysusers.d/gateway.conf
systemd-tmpfiles --root=/mnt/root --create /mnt/root/etc/tmpfiles.d/gateway.conf
cd /mnt/root
sed -i 's/^twins = false/twins = true/; s|"/var/lib/gateway/hq"|"/hq"|' etc/store-gateway/gateway.toml
mkdir opt/store-gateway/.venv
folder=$3
while [ "$folder" != / ]; do chmod a+rx ".$folder"; folder=$(dirname "$folder"); done
for unit in gateway gateway-uplink gateway-job@; do
    mkdir "etc/systemd/system/$unit.service.d"
    printf '[Service]\nProtectHome=read-only\n' >"etc/systemd/system/$unit.service.d/test.conf"
done
echo WatchdogSec=4 >>etc/systemd/system/gateway.service.d/test.conf
for unit in mosquitto systemd-timesyncd; do ln -sf /dev/null "etc/systemd/system/$unit.service"; done
cat >etc/systemd/system/shop.service <<END
[Unit]
Wants=basic.target
After=basic.target
[Service]
Type=oneshot
Environment=PYTHONDONTWRITEBYTECODE=1
WorkingDirectory=/checkout
ExecStart=/opt/store-gateway/.venv/bin/python -m tests.systemd.booted
END
mkdir -p checkout
mount -t tmpfs none /run
mkdir /run/systemd
systemd-nspawn -q -D /mnt/root --register=no --keep-unit --private-network \
    --bind-ro="$1:/checkout" --bind-ro="$2:/opt/store-gateway/.venv" -b systemd.unit=shop.service </dev/null
cat result.json >"$4"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    if os.getuid():
        pytest.skip("booting the units needs root")
    assert shutil.which("systemd-nspawn"), "systemd-nspawn is missing: apt-get install systemd-container"
    folder = tmp_path_factory.mktemp("boot")
    words = (str(ROOT), sys.prefix, sys.base_prefix, str(folder / "result"))
    with (folder / "console").open("w") as console:
        subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", CONTAINER, "-", *words],
            stdout=console,
            stderr=console,
            timeout=BOOT_S,
        )
    assert (folder / "result").exists(), (folder / "console").read_text()[-4000:]
    answer: dict[str, Any] = json.loads((folder / "result").read_text())
    assert "failed" not in answer, answer["failed"] + "\n" + answer["log"]
    return answer


def test_a_job_runs_and_hands_the_till_back(shop):
    assert shop["job"] == "success"


def test_a_sealed_off_gateway_sells_and_its_uplink_delivers(shop):
    assert shop["first"] == "S0001-1-000001"


def test_the_uplink_can_write_nothing(shop):
    assert "Read-only file system" in shop["uplink_writes"]


def test_a_gateway_that_hangs_is_restarted_and_loses_nothing(shop):
    assert "Watchdog timeout" in shop["log"]
    assert shop["second"] == "S0001-1-000002"
    assert shop["back_s"] < 10
    assert shop["uplink_restarts"] == "0"


def test_the_books_agree_afterwards(shop):
    assert shop["check"].splitlines() == [
        "settings: ok",
        "file: whole",
        "journal: intact",
        "books: agree with the journal",
    ]


def test_nothing_was_refused_by_the_sandbox(shop):
    for complaint in ("Operation not permitted", "Permission denied", "Read-only file", "Traceback"):
        assert complaint not in shop["log"], shop["log"]
