"""A browser window of a test: it ends with no script error and with every request answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize

from tests.waits import WAIT_S

TABLET = ViewportSize(width=1180, height=820)
# For whatever a page is to show, or to let be done.
WAIT_MS = WAIT_S * 1000


@contextmanager
def opened(browser: Browser, size: ViewportSize = TABLET, locale: str = "zh-CN") -> Iterator[Page]:
    """A page in a context of its own.

    A request that a test took with `route` and never answered is a task that waits for ever. The
    collector would find it in the middle of some later test, and fail that one.
    """
    context = browser.new_context(viewport=size, locale=locale)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield page
    finally:
        page.unroute_all(behavior="ignoreErrors")
        left = _unanswered(page)
        context.close()
    assert not errors, errors
    assert not left, f"{left}: answer, abort or continue each request that is taken"


def _unanswered(page: Page) -> list[str]:
    tasks = asyncio.all_tasks(page._impl_obj._loop)
    names = (getattr(task.get_coro(), "__qualname__", "") for task in tasks)
    return [name for name in names if name.endswith("._on_route")]
