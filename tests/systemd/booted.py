"""Runs inside the booted system: opens a shop, sells, and puts what happened into /result.json."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.stack import Api, Stack
from tests.waits import until

LEDGER = "/var/lib/gateway/store.db"
CONFIG = "/etc/store-gateway/gateway.toml"
PYTHON = "/opt/store-gateway/.venv/bin/python"
SKU_QUERY = "SELECT sku FROM article LIMIT 1"


def systemctl(*words: str) -> str:
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, timeout=90)
    return done.stdout.strip()


def show(unit: str, key: str) -> str:
    return systemctl("show", unit, "-p", key, "--value")


def ask(sql: str) -> int | str:
    connection = sqlite3.connect(f"file:{LEDGER}?mode=ro", uri=True)
    try:
        (answer,) = connection.execute(sql).fetchone()
    finally:
        connection.close()
    return answer  # type: ignore[no-any-return]


def acknowledged() -> bool:
    head = ask("SELECT max(seq) FROM journal")
    return bool(head) and ask("SELECT coalesce(max(seq), 0) FROM cursor WHERE reader = 'uplink'") == head


def uplink_writes() -> str:
    """Try to write as the uplink sees the ledger's folder."""
    pid = show("gateway-uplink", "MainPID")
    done = subprocess.run(
        ["nsenter", "-t", pid, "-m", "touch", "/var/lib/gateway/x"], capture_output=True, text=True
    )
    return done.stderr


def main() -> dict[str, object]:
    mosquitto = Path("/mosquitto.conf")
    mosquitto.write_text("listener 1883 127.0.0.1\nallow_anonymous true\n")
    subprocess.Popen(["/usr/sbin/mosquitto", "-c", str(mosquitto)])
    subprocess.Popen([PYTHON, "-m", "device", "--config", CONFIG, "hq"], cwd="/opt/store-gateway")
    result: dict[str, object] = {}
    systemctl("start", "gateway-job@demo_shop.service")
    result["job"] = show("gateway-job@demo_shop", "Result")
    shop = Stack(Path("/"), 8080, 1883)
    until(shop.ready, "the gateway comes back after the job")
    systemctl("start", "gateway-uplink.service")
    sku = str(ask(SKU_QUERY))
    result["first"] = Api(shop).sell("first-sale-0001", sku)["number"]
    until(acknowledged, "HQ acknowledges the first sale")
    result["uplink_writes"] = uplink_writes()
    os.kill(int(show("gateway", "MainPID")), signal.SIGSTOP)
    until(lambda: show("gateway", "NRestarts") == "1", "the watchdog restarts a gateway that hangs", 40)
    begun = time.monotonic()
    until(shop.ready, "the gateway sells again")
    result["back_s"] = time.monotonic() - begun
    result["second"] = Api(shop).sell("second-sale-0001", sku)["number"]
    until(acknowledged, "HQ acknowledges the second sale")
    result["uplink_restarts"] = show("gateway-uplink", "NRestarts")
    check = subprocess.run(
        ["runuser", "-u", "gateway", "--", PYTHON, "-m", "device", "--config", CONFIG, "check"],
        cwd="/opt/store-gateway",
        capture_output=True,
        text=True,
    )
    result["check"] = check.stdout + check.stderr
    return result


if __name__ == "__main__":
    try:
        answer = main()
    except Exception as error:
        answer = {"failed": repr(error)}
    units = ("gateway.socket", "gateway", "gateway-uplink", "gateway-job@demo_shop")
    journal = ["journalctl", "--no-pager", "-o", "cat", *(f"--unit={unit}" for unit in units)]
    answer["log"] = subprocess.run(journal, capture_output=True, text=True).stdout
    Path("/result.json").write_text(json.dumps(answer))
    sys.stdout.flush()
    subprocess.run(["systemctl", "--force", "--force", "poweroff"])
