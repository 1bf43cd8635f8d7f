"""Sells in processes that are traced and may be killed: says ACK and the key after each sale.

`python -m tests.crash.seller` reads runs, a line each, and answers with its exit code. A run is a fork of
what was imported once: hundreds of them, each at a fault of its own, cost little more than their sales.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import traceback
from itertools import count
from pathlib import Path

import msgspec

from services.flows import baskets, checkout
from tests.shop import JEANS, TEE, make_shop, open_store

CALLS = "pwrite64,fdatasync,fsync,ftruncate"
LOOK_S = 0.001


class Run(msgspec.Struct, frozen=True):
    """What is said and the trace come into `folder`; `inject` is strace's expression."""

    folder: str
    inject: str
    sales: int
    first: int  # sale's number


def main() -> None:
    for line in sys.stdin:
        print(traced(msgspec.json.decode(line, type=Run)), flush=True)  # noqa: T201


def traced(run: Run) -> int:
    """The exit code of a process that did `run` with strace on the database's files alone."""
    ear, mouth = os.pipe()
    child = os.fork()
    if not child:
        os.close(mouth)
        os.read(ear, 1)  # ends when strace is there
        os._exit(_said(run))
    os.close(ear)
    database = f"{run.folder}/shop.db"
    watched = [part for suffix in ("", "-wal") for part in ("-P", f"{database}{suffix}")]
    strace = subprocess.Popen([
        "strace", "-f", "-qq", "-o", f"{run.folder}/trace", *watched,
        "-e", f"trace={CALLS}", *(["-e", f"inject={run.inject}"] if run.inject else []), "-p", str(child),
    ])  # fmt: skip
    while "TracerPid:\t0\n" in Path(f"/proc/{child}/status").read_text():
        assert strace.poll() is None, "strace did not stay"
        time.sleep(LOOK_S)
    os.close(mouth)
    _, status = os.waitpid(child, 0)
    strace.wait()
    return os.waitstatus_to_exitcode(status)


def _said(run: Run) -> int:
    for number, name in ((1, "said"), (2, "trouble")):
        os.dup2(os.open(f"{run.folder}/{name}", os.O_WRONLY | os.O_CREAT), number)
    try:
        _sell(run)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _sell(run: Run) -> None:
    open_store(Path(run.folder, "shop.db"))
    numbers = count(run.first * 1_000)
    shop = make_shop(new_id=lambda: f"id-{next(numbers):012d}")
    for n in range(run.first, run.first + run.sales):
        for sku in (TEE, JEANS):
            baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=f"add-{n}-{sku}")
        basket = baskets.current(shop, "1")
        os.write(1, b"SETTLE\n")
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("cash", 500_00)],
            operator_id="zhou",
            request_id=f"sale-{n}",
        )
        os.write(1, f"ACK sale-{n}\n".encode())


if __name__ == "__main__":
    main()
