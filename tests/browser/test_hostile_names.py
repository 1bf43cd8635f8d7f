"""Articles whose names would like to be something else: markup, control bytes, the other direction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cashier import pay_exactly
from tests.browser.counter import reset, scan, twin
from tests.browser.people import enter
from tests.browser.tablet import opened
from tests.stack import Stack, running
from tests.waits import until

NAMES = (
    "<img src=x onerror=\"window.ran='img'\">",
    "</span><script>window.ran='script'</script>",
    '"onmouseover="window.ran=\'attribute\'" x="',
    "{{7*7}}${window.ran='template'}{name}{n|a|b}",
    "javascript:window.ran='url'",
    "\u202e衬衫长亚麻\u202d \u2066\u200f¥0.01",  # right to left, and never ended
    "超长的名字" * 60,
    "Wwwwwwwwww" * 40,
    "Z\u0301\u0300\u0302\u0304\u0306\u0307\u0308\u030a\u030c" * 8 + "algo",
    "\x1b@\x1bp\x00\x19\xfa\x1dV\x00\x10\x14\x01\x00\x01\x05 切纸开箱",  # reset, kick, cut, DLE DC4
    "\x07\x08\x0b\x0c\r\n\t\x7f\x85\u2028第二行",
    "👩‍👩‍👧‍👦🏳️‍🌈 𠮷野家 \ufffd\ufeff",
)
BORN = """[...document.body.querySelectorAll("img, script, [onerror], [onmouseover]")]
  .filter((node) => !node.src?.includes("/static/")).map((node) => node.outerHTML)"""
PROBE = (Path(__file__).parents[1] / "look" / "probe.js").read_text("utf-8")


def spoil(stack: Stack) -> None:
    """The worst that a catalogue from HQ could hold, under the names of the best sellers."""
    with closing(sqlite3.connect(stack.database)) as connection, connection:
        styles = [row[0] for row in connection.execute("SELECT style FROM style ORDER BY rank")]
        for style, name in zip(styles, NAMES, strict=False):
            connection.execute("UPDATE style SET name = ? WHERE style = ?", (name, style))
            connection.execute(
                "UPDATE article SET colour = ? || colour WHERE style = ?", (name[:60], style)
            )


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("spoiled"), prepare=spoil) as stack:
        yield stack


def layout(page: Page) -> list[str]:
    """What does not fit, and every element that a name became."""
    born = page.evaluate(BORN)
    return [str(found) for found in (*page.evaluate(PROBE), *born)]


def one_of_each(stack: Stack) -> list[str]:
    rows = stack.rows(
        stack.database,
        "SELECT a.gtin FROM article a JOIN style s USING (style) WHERE a.gtin <> ''"
        f" GROUP BY style ORDER BY s.rank LIMIT {len(NAMES)}",
    )
    return [gtin.removeprefix("0") for (gtin,) in rows]


@pytest.mark.parametrize("size", [(1180, 820), (390, 844)])
def test_names_stay_names_on_the_screen_and_on_paper(
    browser: Browser, spoiled: Stack, size: tuple[int, int]
) -> None:
    wrong: list[str] = []
    with opened(browser, {"width": size[0], "height": size[1]}) as page:
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on(
            "request", lambda sent: wrong.append(sent.url) if not sent.url.startswith(spoiled.url) else None
        )
        enter(page, spoiled, "zhouting")
        reset(spoiled)
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        kicks, papers = (
            twin(spoiled, "drawer-1")["drawer_opened_count"],
            twin(spoiled, "printer-1")["papers"],
        )

        found = one_of_each(spoiled)
        assert len(found) == len(NAMES)
        for code in found:
            scan(spoiled, code)
        expect(page.get_by_test_id("pieces")).to_have_text(f"{len(NAMES)} 件")
        wrong += layout(page)
        if size[0] > 640:
            expect(page.get_by_test_id("grid").locator(".tile").first).to_contain_text("<img")
        expect(page.get_by_test_id("lines")).to_contain_text(NAMES[0])
        page.get_by_test_id("line-remove").click()
        page.get_by_test_id("undo").click()
        page.get_by_test_id("pay").click()
        expect(page.get_by_test_id("due")).to_contain_text("¥")
        wrong += layout(page)
        page.get_by_test_id("sheet-close").click()
        pay_exactly(page)
        expect(page.get_by_test_id("done-total")).to_be_visible()
        wrong += layout(page)

        until(lambda: twin(spoiled, "printer-1")["papers"] > papers, "the receipt is printed")
        after = twin(spoiled, "printer-1")
        assert after["papers"] == papers + 1
        assert twin(spoiled, "drawer-1")["drawer_opened_count"] == kicks + 1
        marks = {mark for line in after["lines"] for mark in line}
        assert not {
            mark for mark in marks if mark < " " or "\x7f" <= mark <= "\x9f" or mark in "\u202d\u202e\u2066"
        }
        assert page.evaluate("window.ran") is None
        assert wrong == []
