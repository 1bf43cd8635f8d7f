"""Who stands before a page: by touching the PIN pad, or as if that had been done already."""

from __future__ import annotations

from playwright.sync_api import Page

from services.jobs.demo_shop import DEMO_PINS
from tests.stack import Stack

# On the till, the technician's page and in the back office.
SIGNED_IN = "[data-test=stat-printer]:visible, [data-test=journal-seq]:visible, [data-test=title]:visible"


def sign_in(page: Page, store: Stack, staff_id: str, path: str = "/till/1") -> None:
    """Touches the person and each digit of the PIN."""
    page.goto(store.url + path)
    touch_pin(page, staff_id)
    page.locator(SIGNED_IN).first.wait_for()


def touch_pin(page: Page, staff_id: str) -> None:
    page.get_by_test_id(f"person-{staff_id}").click()
    for digit in DEMO_PINS[staff_id]:
        page.get_by_test_id(f"pin-key-{digit}").click()


def enter(page: Page, store: Stack, staff_id: str, path: str = "/till/1") -> None:
    """Opens the page with a new session, at half the work: most tests begin after the pad."""
    till = path.removeprefix("/till/") if path.startswith("/till/") else "1"
    given = {"staff_id": staff_id, "pin": DEMO_PINS[staff_id], "till": till}
    answer = page.request.post(f"{store.url}/api/session", data=given, headers={"Origin": store.url})
    assert answer.ok, answer.text()
    page.goto(store.url + path)
    page.locator(SIGNED_IN).first.wait_for()
