"""The papers a cashier asks for after the sale: for a gift, in English, and late with a reason."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.cashier import fill, pay_exactly
from tests.stack import Stack
from tests.waits import until


def papers(store: Stack) -> list[str]:
    rows = store.rows(store.database, "SELECT kind, state FROM job WHERE kind <> 'drawer' ORDER BY job_id")
    return [f"{kind} {state}" for kind, state in rows]


def events(store: Stack, kind: str) -> list[dict[str, object]]:
    rows = store.rows(store.database, f"SELECT body FROM journal WHERE type = '{kind}' ORDER BY seq")
    return [json.loads(body)["data"] for (body,) in rows]


def test_gift_receipt_english_copy_and_late_copy(till: Page, store: Stack) -> None:
    fill(till, store)
    pay_exactly(till)
    jobs = till.get_by_test_id("done-jobs")
    expect(jobs).to_contain_text("小票已打印")
    till.get_by_test_id("gift").click()
    expect(jobs).to_contain_text("礼品小票已打印")
    till.get_by_test_id("copy-language").click()
    till.get_by_test_id("paper-language-en").click()
    expect(jobs).to_contain_text("副本已打印")
    until(
        lambda: papers(store) == ["copy confirmed", "gift confirmed", "receipt confirmed"], "three papers"
    )
    assert [event["language"] for event in events(store, "receipt.copied")] == ["en"]

    with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
        database.execute("UPDATE sale SET ended_at_ms = ended_at_ms - 660000")
    till.get_by_test_id("reprint").click()
    expect(till.get_by_test_id("sheet-reason")).to_be_visible()
    till.keyboard.press("Escape")
    expect(till.get_by_test_id("reprint")).to_be_enabled()
    assert len(events(store, "receipt.copied")) == 1
    till.get_by_test_id("reprint").click()
    till.get_by_test_id("reason-expenses").click()
    until(lambda: len(events(store, "receipt.copied")) == 2, "the late copy")
    assert events(store, "receipt.copied")[-1]["reason"] == "expenses"


def test_every_choice_is_large_enough_and_on_the_screen(till: Page, store: Stack, tmp_path: Path) -> None:
    """Nothing is cut off and every target is large enough, on a tablet and on a phone."""
    fill(till, store)
    pay_exactly(till)
    expect(till.get_by_test_id("done-jobs")).to_contain_text("小票已打印")
    with closing(sqlite3.connect(store.database, timeout=10)) as database, database:
        database.execute("UPDATE sale SET ended_at_ms = ended_at_ms - 660000")
    for name, width, height in (("tablet", 1180, 820), ("phone", 390, 844)):
        till.set_viewport_size({"width": width, "height": height})
        till.screenshot(path=tmp_path / f"done-{name}.png")
        for opener, sheet in (("reprint", "reason"), ("copy-language", "paper-language")):
            till.get_by_test_id(opener).click()
            expect(till.get_by_test_id(f"sheet-{sheet}")).to_be_visible()
            till.screenshot(path=tmp_path / f"{sheet}-{name}.png")
            for button in till.get_by_test_id(f"sheet-{sheet}").get_by_role("button").all():
                box = button.bounding_box()
                assert box and box["height"] >= 48 and box["x"] >= 0 and box["x"] + box["width"] <= width
            till.keyboard.press("Escape")
            expect(till.get_by_test_id(opener)).to_be_enabled()
