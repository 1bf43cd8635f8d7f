"""The running store: how soon it sells, how much memory it takes, how fast a scan is on the page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench.figure import Figure, percentile
from tests.browser.people import sign_in
from tests.browser.tablet import TABLET
from tests.chromium import launch
from tests.stack import ROOT, Api, Stack, running
from tests.waits import until

SCANS = 60
STARTS = 3
READY_S = 3.0
MEMORY_MB = 160
SCAN_MS = 100.0


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder, running(Path(folder)) as stack:
        yield _ready(stack)
        yield _scan_to_line(stack)
        yield _memory(stack)


def _ready(stack: Stack) -> Figure:
    """From the start of the process to the first sale that it accepts."""
    took = []
    for n in range(STARTS):
        stack.kill("run")
        begun = time.perf_counter()
        stack.start("run")
        api = Api(stack)
        sku = stack.rows(stack.database, "SELECT sku FROM article LIMIT 1")[0][0]
        api.sell(f"ready-sale-{n}", sku)
        took.append(time.perf_counter() - begun)
    slowest = max(took)
    return Figure(
        "start to first paid sale, slowest of 3", f"{slowest:.2f} s", f"{READY_S} s", slowest, READY_S
    )


def _scan_to_line(stack: Stack) -> Figure:
    """From the twin's key events to the line in the page, by the page's own clock of the same machine."""
    codes = [c for (c,) in stack.rows(stack.database, f"SELECT gtin FROM article LIMIT {SCANS}")]
    names = dict(stack.rows(stack.database, "SELECT gtin, sku FROM article"))
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(viewport=TABLET, locale="zh-CN").new_page()
        sign_in(page, stack, "zhouting")
        page.evaluate(_WATCH)
        took = [_one_scan(page, stack, code) for code in codes[:SCANS]]
        browser.close()
    assert len(names) >= SCANS
    p95 = percentile(took, 95)
    return Figure("scan to line on the page, p95", f"{p95:.0f} ms", f"{SCAN_MS:.0f} ms", p95 / SCAN_MS, 1)


_WATCH = """() => {
  window.seen = [];
  new MutationObserver(() => requestAnimationFrame(() => window.seen.push(Date.now())))
    .observe(document.querySelector('[data-test=lines]'), {childList: true, subtree: true});
}"""


def _one_scan(page: Page, stack: Stack, code: str) -> float:
    page.evaluate("() => { window.seen = [] }")
    begun = time.time() * 1000
    page.request.post(
        f"{stack.url}/api/counter/scan",
        data={"twin": "scanner-1", "code": code.removeprefix("0")},
        headers={"Origin": stack.url},
    )
    seen = until(lambda: page.evaluate("() => window.seen[0]"), f"a line for {code}", 5)
    time.sleep(0.05)
    return float(seen) - begun


def _memory(stack: Stack) -> Figure:
    """Resident memory of gateway and uplink after the scans and sales above."""
    for n in range(20):
        sku = stack.rows(stack.database, "SELECT sku FROM article LIMIT 1")[0][0]
        if n == 0:
            api = Api(stack, "hemin", "2")
        api.sell(f"memory-sale-{n}", sku)
    total = sum(_resident_mb(stack.processes[name].pid) for name in ("run", "uplink"))
    return Figure(
        "gateway and uplink, resident", f"{total:.0f} MB", f"{MEMORY_MB} MB", total / MEMORY_MB, 1
    )


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no VmRSS of {pid}")
