"""Plays the twins of a running store from a test: scans, faults, the drawer."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from tests.stack import Stack
from tests.waits import WAIT_S


def post(stack: Stack, path: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"{stack.url}/api/counter/{path}",
        method="POST",
        data=json.dumps(body).encode(),
        headers={"Origin": stack.url, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        return json.load(answer)


def scan(stack: Stack, code: str, twin: str = "scanner-1") -> None:
    post(stack, "scan", {"twin": twin, "code": code})


def fault(stack: Stack, twin: str, name: str, on: bool = True) -> None:
    post(stack, "faults", {"twin": twin, "fault": name, "on": on})


def reset(stack: Stack) -> None:
    post(stack, "reset", {})


def counter(stack: Stack) -> Any:
    with urllib.request.urlopen(f"{stack.url}/api/counter", timeout=WAIT_S) as answer:
        return json.load(answer)


def twin(stack: Stack, name: str) -> Any:
    """What hangs out of, or is open at, this twin now."""
    return next(each for each in counter(stack)["twins"] if each["name"] == name)


def codes(stack: Stack, count: int) -> list[str]:
    """Barcodes of so many different styles, as a scanner reads them."""
    rows = stack.rows(
        stack.database,
        f"SELECT gtin FROM article WHERE gtin <> '' GROUP BY style ORDER BY style LIMIT {count}",
    )
    return [gtin.removeprefix("0") for (gtin,) in rows]
