"""A running store and real headless Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.tablet import opened
from tests.chromium import launch
from tests.stack import Stack, running


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("store")) as stack:
        yield stack


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def till(browser: Browser, store: Stack) -> Iterator[Page]:
    """A tablet on which 周婷 has signed in."""
    with opened(browser) as page:
        sign_in(page, store, "zhouting")
        yield page


def sign_in(page: Page, store: Stack, staff_id: str, path: str = "/till/1") -> None:
    page.goto(store.url + path)
    page.get_by_test_id(f"person-{staff_id}").click()
    for digit in DEMO_PINS[staff_id]:
        page.get_by_test_id(f"pin-key-{digit}").click()
    page.get_by_test_id("stat-printer").or_(page.get_by_test_id("journal-seq")).first.wait_for()


def picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png")
