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
    """Debian's browser; the pages' `data-test` attributes are its test ids."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed (tests/install_packages.sh)"
    playwright.selectors.set_test_id_attribute("data-test")
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
