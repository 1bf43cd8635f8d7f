"""Headless Chromium, as tests, pictures and figures start it."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright, *flags: str) -> Browser:
    """Debian's browser without windows: half the work for a page. `data-test` attributes are test ids."""
    program = shutil.which("chromium-headless-shell")
    assert program, "chromium-headless-shell is not installed (tests/install_packages.sh)"
    playwright.selectors.set_test_id_attribute("data-test")
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
