"""The units as systemd's own tools read them: no complaint, tight sandboxes, users and names that parse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.registry import discover

SYSTEMD = Path(__file__).parents[2] / "systemd"
INSTALLED_PYTHON = "/opt/store-gateway/.venv/bin/python"
UNITS = (
    *("gateway.socket", "gateway.service", "gateway-uplink.service", "gateway-job@.service"),
    "gateway-nightly.timer",
)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    assert shutil.which(command[0]), f"{command[0]} is missing: apt-get install systemd udev"
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def unit_folder(folder: Path) -> Path:
    """The units with a Python that is there, so that the tool looks at all the rest."""
    for name in UNITS:
        text = (SYSTEMD / name).read_text("utf-8").replace(INSTALLED_PYTHON, sys.executable)
        (folder / name).write_text(text, "utf-8")
    return folder


def verify(folder: Path) -> str:
    """What `systemd-analyze verify` has to say; it returns 0 whatever it finds."""
    names = [name.replace("@.", "@demo_shop.") for name in UNITS]
    search = f"{folder}:"  # then systemd's own folders, for the targets
    done = run(
        "systemd-analyze",
        "verify",
        "--man=no",
        *(str(folder / name) for name in names),
        SYSTEMD_UNIT_PATH=search,
    )
    return done.stdout + done.stderr


def test_systemd_has_nothing_to_say_about_the_units(tmp_path):
    assert verify(unit_folder(tmp_path)) == ""


@pytest.mark.parametrize(
    "wrong", ["WachdogSec=30", "Type=notifyy", "ProtectSystem=strictly", "SystemCallFilter=@nonsense"]
)
def test_systemd_would_name_a_mistake(tmp_path, wrong):
    unit = unit_folder(tmp_path) / "gateway.service"
    unit.write_text(unit.read_text("utf-8").replace("[Service]", f"[Service]\n{wrong}", 1), "utf-8")
    assert wrong.split("=")[0] in verify(tmp_path) or wrong.split("=")[1] in verify(tmp_path)


def test_the_nightly_timer_starts_a_job_that_exists_and_the_installer_turns_it_on():
    timer = (SYSTEMD / "gateway-nightly.timer").read_text("utf-8")
    job = re.search(r"^Unit=gateway-job@(\w+)\.service$", timer, re.M)
    assert job and job[1] in discover("services.jobs", "JOB")
    when = re.search(r"^OnCalendar=(.+)$", timer, re.M)
    assert when
    done = run("systemd-analyze", "calendar", "--iterations=1", when[1])
    assert done.returncode == 0 and "Next elapse" in done.stdout, done.stdout + done.stderr
    assert re.search(
        r"systemctl enable .*gateway-nightly\.timer", (SYSTEMD / "install.sh").read_text("utf-8")
    )


@pytest.mark.parametrize(
    ("unit", "tenths"),
    [("gateway.service", 5), ("gateway-uplink.service", 10), ("gateway-job@.service", 5)],
)
def test_a_service_is_exposed_to_little(unit, tenths):
    done = run(
        "systemd-analyze",
        "security",
        "--no-pager",
        "--offline=yes",
        f"--threshold={tenths}",
        str(SYSTEMD / unit),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gateway_may_use_every_kind_of_device_a_driver_opens():
    unit = (SYSTEMD / "gateway.service").read_text("utf-8")
    allowed = set(re.findall(r"^DeviceAllow=(\S+) (\w+)$", unit, re.M))
    assert allowed == {
        ("char-input", "r"),
        ("char-ttyUSB", "rw"),
        ("char-ttyACM", "rw"),
        ("char-usb", "rw"),  # usblp's nodes; a group char-usblp does not exist
        ("char-gpiochip", "rw"),
    }
    modules = (SYSTEMD / "modules-load.conf").read_text("utf-8").split("\n")
    assert {"usbserial", "cdc_acm", "usblp"} <= set(modules)
    assert "systemd-modules-load.service" in unit


def test_the_uplink_and_jobs_get_no_device_and_the_uplink_no_folder():
    for name in ("gateway-uplink.service", "gateway-job@.service"):
        unit = (SYSTEMD / name).read_text("utf-8")
        assert "PrivateDevices=yes" in unit and "DeviceAllow=" not in unit, name
    uplink = (SYSTEMD / "gateway-uplink.service").read_text("utf-8")
    assert not re.search(r"^(StateDirectory|ReadWritePaths|CacheDirectory|BindPaths)=", uplink, re.M)


def test_users_and_groups_are_made():
    done = run("systemd-sysusers", "--dry-run", str(SYSTEMD / "sysusers.conf"))
    assert done.returncode == 0, done.stderr
    unit = (SYSTEMD / "gateway.service").read_text("utf-8")
    groups = re.search(r"^SupplementaryGroups=(.*)$", unit, re.M)
    assert groups
    made = re.findall(r"^g (\w+) ", (SYSTEMD / "sysusers.conf").read_text("utf-8"), re.M)
    assert set(groups[1].split()) == set(made), "a unit with a group that is missing does not start"


def test_the_settings_are_read_by_the_gateway_alone(tmp_path):
    etc = tmp_path / "etc"
    (etc / "store-gateway").mkdir(parents=True)
    (etc / "store-gateway/gateway.toml").write_text("")
    user, group = os.getuid(), os.getgid()
    (etc / "passwd").write_text(f"root:x:{user}:{group}::/:/bin/sh\n")
    (etc / "group").write_text(f"gateway:x:{group}:\n")
    done = run("systemd-tmpfiles", "--create", f"--root={tmp_path}", str(SYSTEMD / "tmpfiles.conf"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (etc / "store-gateway").stat().st_mode & 0o777 == 0o750
    assert (etc / "store-gateway/gateway.toml").stat().st_mode & 0o777 == 0o640


def udev_complaints(rules: Path) -> str:
    """What udev says while it reads `rules`: `udevadm verify` where there is one (254), else a dry run."""
    if run("udevadm", "verify", "--help").returncode == 0:
        done = run("udevadm", "verify", "--no-summary", str(rules))
        return done.stdout + done.stderr
    dry = (
        "mount -t tmpfs none /run && mkdir -p /run/udev/rules.d && cp $RULES /run/udev/rules.d/"
        " && udevadm test /sys/devices/virtual/mem/null 2>&1"
    )
    isolated = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    done = run(*isolated, "--propagation", "private", "sh", "-c", dry, RULES=str(rules))
    assert f"Reading rules file: /run/udev/rules.d/{rules.name}" in done.stdout, done.stdout + done.stderr
    return "\n".join(line for line in done.stdout.splitlines() if f"{rules.name}:" in line)


def test_udev_understands_every_rule():
    made = re.findall(r"^g (\w+) ", (SYSTEMD / "sysusers.conf").read_text("utf-8"), re.M)
    complaints = udev_complaints(SYSTEMD / "99-gateway.rules").splitlines()
    assert [each for each in complaints if not any(f"Unknown group '{g}'" in each for g in made)] == []


def test_udev_would_name_a_wrong_rule(tmp_path):
    rules = tmp_path / "99-wrong.rules"
    rules.write_text('SUBSYSTEM=="input", SYMLINX+="gateway/x"\n')
    assert "99-wrong.rules" in udev_complaints(rules)
