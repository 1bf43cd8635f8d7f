"""Takes the pictures of every page against a running gateway on twins, and measures what eyes overlook.

    python -m tests.look.take http://127.0.0.1:8080 --staff zhouting --pin ... --technician tech:...

Pictures go to tests/look/<page>-<width>x<height>[-en][-dark].png. It tells of sideways scrolling, touch
targets under 48 px, cut text and console errors, and ends with status 1 when there are any.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.chromium import launch

HERE = Path(__file__).parent
SIZES = {"1180x820": (1180, 820), "820x1180": (820, 1180), "390x844": (390, 844)}
LOOKS = [  # size, language, theme
    *((size, "zh", "light") for size in SIZES),
    ("1180x820", "zh", "dark"),
    ("390x844", "zh", "dark"),
    ("1180x820", "en", "light"),
    ("390x844", "en", "light"),
]
MEMBER_CARD = "2700000000014"  # of the demo
KEPT = {
    "pin",
    "till",
    "member",
    "goods",
    "pay",
    "done",
    "trouble",
    "counter",
    "technician",
    "menu",
}  # in every look
PROBE = (HERE / "probe.js").read_text()


class Look:
    """One browser page in one size, language and theme, and the gateway behind it."""

    def __init__(self, page: Page, base: str, suffix: str) -> None:
        self.page, self.base, self.suffix = page, base, suffix
        self.found: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))

    def _console(self, message: Any) -> None:
        # The refusals the tour provokes are written to the console by the browser itself.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.found.append(f"console: {message.text}")

    def test(self, name: str) -> Any:
        return self.page.locator(f'[data-test="{name}"]')

    def picture(self, name: str) -> None:
        self.page.wait_for_timeout(350)
        if name in KEPT or self.suffix == "1180x820":
            shot = Image.open(io.BytesIO(self.page.screenshot()))
            small = shot.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            small.save(HERE / f"{name}-{self.suffix}.png", optimize=True)
        self.found += [f"{name}-{self.suffix}: {what}" for what in self.page.evaluate(PROBE)]

    def post(self, path: str, body: dict[str, object]) -> None:
        answer = self.page.request.post(self.base + path, data=body, headers={"Origin": self.base})
        assert answer.ok, f"{path} {answer.status} {answer.text()}"

    def counter(self) -> Any:
        return self.page.request.get(self.base + "/api/counter").json()

    def twin(self, kind: str) -> str:
        return str(next(twin["name"] for twin in self.counter()["twins"] if twin["kind"] == kind))

    def fault(self, kind: str, fault: str, on: bool) -> None:
        for twin in self.counter()["twins"]:
            if twin["kind"] == kind and fault in twin["faults"]:
                self.post("/api/counter/faults", {"twin": twin["name"], "fault": fault, "on": on})
                return

    def scan(self, code: str) -> None:
        self.post("/api/counter/scan", {"twin": self.twin("scanner"), "code": code})
        self.page.wait_for_timeout(250)


def sign_on(look: Look, staff: str, pin: str) -> None:
    look.test(f"person-{staff}").click()
    for digit in pin:
        look.test(f"pin-key-{digit}").click()


def skip_float(look: Look) -> None:
    """The shop asks for it where no shift is open."""
    look.page.wait_for_timeout(800)
    if look.test("shift-skip").is_visible():
        look.test("shift-skip").click()
        look.test("sheet-float").wait_for(state="detached")


def goods(look: Look, shown: bool) -> None:
    """On a phone the goods and the bag share the place."""
    tab = look.test("pane-goods" if shown else "pane-basket")
    if tab.is_visible():
        tab.click()


def tour(look: Look, till: str, staff: str, pin: str, technician: tuple[str, str]) -> None:
    page = look.page
    page.goto(f"{look.base}/till/{till}")
    look.test(f"person-{staff}").wait_for()
    for digit in pin[:4]:
        look.test(f"pin-key-{digit}").click()
    look.picture("pin")
    for digit in "00":  # no PIN ends so: this one is wrong
        look.test(f"pin-key-{digit}").click()
    page.wait_for_timeout(600)
    look.picture("pin-wrong")
    sign_on(look, staff, pin)
    skip_float(look)
    look.test("pay").wait_for()
    page.locator(".tile[data-style]").first.wait_for(state="attached")
    while look.test("line-remove").count():  # what an earlier tour left
        look.test("line-remove").first.click()
        page.wait_for_timeout(200)
    page.reload()
    look.test("pay").wait_for()
    page.wait_for_timeout(600)
    look.picture("till-empty")
    goods(look, True)
    look.picture("goods")
    page.locator(".tile[data-style]").nth(2).click()
    look.test("sheet-variants").wait_for()
    look.picture("variants")
    page.locator('[data-test^="variant-"]').nth(1).click()
    goods(look, False)
    articles = [article["code"] for article in look.counter()["articles"]]
    for code in [*articles[:3], articles[2]]:
        look.scan(code)
    look.picture("till")
    known(look)
    look.test("line-price").click()
    look.test("sheet-price").wait_for()
    look.picture("price")
    page.keyboard.press("Escape")
    look.test("line-remove").first.click()
    look.test("toast").wait_for()
    look.picture("removed")
    look.test("undo").click()
    look.scan("6901234567892")
    look.picture("unknown-code")
    look.test("menu").click()
    look.picture("menu")
    page.keyboard.press("Escape")
    look.test("stat-printer").click()
    look.picture("health")
    page.keyboard.press("Escape")
    goods(look, True)
    look.test("search").fill("zzzz")
    page.wait_for_timeout(300)
    look.picture("search-none")
    look.test("search-clear").click()
    goods(look, False)
    look.test("pay").click()
    look.test("quick-1").click()
    look.picture("pay")
    look.test("key-1").click()
    look.picture("pay-short")
    look.scan(articles[0])
    look.picture("pay-changed")
    page.locator('[data-test^="quick-"]').last.click()
    look.test("confirm").click()
    look.test("next-sale").wait_for()
    page.wait_for_timeout(1500)
    look.picture("done")
    look.test("next-sale").click()
    look.fault("printer", "paper_out", True)
    look.fault("uplink", "broker_down", True)
    look.scan(articles[1])
    pay_in_two_ways(look)
    look.test("next-sale").wait_for()
    page.wait_for_timeout(1500)
    look.picture("done-queued")
    look.test("next-sale").click()
    look.scan(articles[3 % len(articles)])
    page.wait_for_timeout(2500)
    look.picture("trouble")
    look.fault("printer", "paper_out", False)
    look.fault("uplink", "broker_down", False)
    put_aside(look)
    unsure(look, articles[0])
    again(look)
    take_back(look)
    page.goto(f"{look.base}/counter")
    page.locator(".card-head").first.wait_for()
    page.wait_for_timeout(800)
    look.picture("counter")
    page.goto(f"{look.base}/technician")
    page.wait_for_timeout(800)
    if look.test(f"person-{technician[0]}").is_visible():
        sign_on(look, *technician)
    look.test("journal-seq").wait_for()
    page.wait_for_timeout(800)
    look.picture("technician")


def known(look: Look) -> None:
    """A member buys: what the bag offers them, all about them, money onto their account."""
    look.scan(MEMBER_CARD)
    look.test("bag-best").wait_for()
    look.picture("till-member")
    look.test("member").click()
    look.test("rewards").wait_for()
    look.picture("member")
    look.test("drawer-recharge").click()
    look.test("recharge-other").wait_for()
    look.picture("recharge")
    look.page.keyboard.press("Escape")
    look.test("member-off").click()
    look.page.wait_for_timeout(400)


def pay_in_two_ways(look: Look) -> None:
    look.test("pay").click()
    look.test("tender-card").click()
    for digit in "100":
        look.test(f"key-{digit}").click()
    look.picture("pay-card")
    look.test("confirm").click()
    look.test("payment-question").wait_for()
    look.picture("pay-question")
    look.test("reference").fill("000231")
    look.test("payment-paid").click()
    look.test("split-card").wait_for()
    look.test("quick-0").click()
    look.picture("pay-split")
    look.test("confirm").click()


def put_aside(look: Look) -> None:
    look.page.keyboard.press("F4")
    look.test("park-phone_call").wait_for()
    look.picture("park")
    look.test("park-phone_call").click()
    look.test("toast").wait_for()
    look.page.keyboard.press("F6")
    look.test("parked-resume").first.wait_for()
    look.picture("parked")
    look.test("parked-give-up").first.click()
    look.test("give-up-mistake").click()
    look.page.wait_for_timeout(400)
    look.page.keyboard.press("Escape")


def unsure(look: Look, code: str) -> None:
    """A payment that nobody saw end: its bag waits, and the till is free."""
    look.scan(code)
    look.test("pay").click()
    look.test("tender-card").click()
    look.test("confirm").click()
    look.test("payment-unknown").click()
    look.test("aside-go").wait_for()
    look.page.wait_for_timeout(6_500)  # the toast leaves
    look.picture("aside")
    look.test("aside-go").click()
    look.test("payment-declined").click()
    look.test("payment-question").wait_for(state="detached")
    look.page.keyboard.press("Escape")
    look.test("line-remove").first.click()
    look.page.wait_for_timeout(400)


def again(look: Look) -> None:
    """Papers of an older sale."""
    look.test("menu").click()
    look.test("menu-receipts").click()
    look.page.locator('[data-test="past-sales"] button').first.wait_for()
    look.picture("receipts")
    look.page.locator('[data-test="past-sales"] button').first.click()
    look.test("past-copy").wait_for()
    look.picture("receipt")
    look.page.keyboard.press("Escape")


def take_back(look: Look) -> None:
    look.page.keyboard.press("F7")
    look.page.locator('[data-test="recent-sales"] button').first.wait_for()
    look.picture("returns")
    look.page.locator('[data-test="recent-sales"] button').first.click()
    look.test("return-plus").first.click()
    look.picture("return")
    look.test("return-take").click()
    look.test("sheet-returns").wait_for(state="detached")
    look.picture("returning")
    look.test("pay").click()
    look.test("parts").wait_for()
    look.picture("refund")
    look.page.keyboard.press("Escape")
    look.test("line-remove").first.click()
    look.page.wait_for_timeout(400)


def every_look(base: str, only: str, walk: Callable[[Look], None]) -> int:
    """`walk` in every look, or in those named in `only`; tells what was found. 1 when anything was."""
    found: list[str] = []
    with sync_playwright() as play:
        browser = launch(play, "--font-render-hinting=none")
        for size, lang, theme in LOOKS:
            suffix = size + ("-en" if lang == "en" else "") + ("-dark" if theme == "dark" else "")
            if only and suffix not in only.split(","):
                continue
            width, height = SIZES[size]
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale="en-GB" if lang == "en" else "zh-CN",
                color_scheme="dark" if theme == "dark" else "light",
                timezone_id="Asia/Shanghai",
            )
            context.set_default_timeout(8000)
            look = Look(context.new_page(), base, suffix)
            walk(look)
            found += look.found
            context.close()
        browser.close()
    sys.stdout.write(("\n".join(dict.fromkeys(found)) or "nothing found") + "\n")
    return 1 if found else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="http://127.0.0.1:8080")
    parser.add_argument("--till", default="1")
    parser.add_argument("--staff", default="zhouting")
    parser.add_argument("--pin", required=True)
    parser.add_argument("--technician", default="", help="staff id:PIN; the cashier's when empty")
    parser.add_argument("--only", default="", help="1180x820, 390x844-en, 1180x820-dark, ...")
    args = parser.parse_args()
    technician = tuple((args.technician or f"{args.staff}:{args.pin}").split(":"))

    def walk(look: Look) -> None:
        look.post("/api/counter/reset", {})
        tour(look, args.till, args.staff, args.pin, (technician[0], technician[1]))

    return every_look(args.base, args.only, walk)


if __name__ == "__main__":
    sys.exit(main())
