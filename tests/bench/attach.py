"""A member comes to a bag of thirty lines: how long a till waits for the new prices, at the real gateway.

Fifty promotions are live, the member has a tier with its own price, coupons and points. Each answer is the
whole bag as the tablet gets it, and no bag was priced before; a connection is made for each, which a tablet
keeps.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.domain.offers import LINE, ORDER, UNIT
from tests.bench.figure import Figure, percentile
from tests.ports import free_port
from tests.stack import ROOT, Api, Stack

LINES, LIVE, MEMBERS, COUPONS = 30, 50, 8, 3
TURNS, REQUESTS = 100, 6  # that members take, of each
P95, MS = 95, 50.0
CATEGORIES = ("tops", "bottoms", "dresses", "outerwear", "accessories", "new")
Took = dict[str, list[float]]


def figures() -> Iterator[Figure]:
    """Of a gateway in a process of its own."""
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        stack = Stack(Path(folder), free_port(), free_port())
        stack.configure()
        for job in ("demo_shop", "demo_loyalty"):
            command = stack.command("job", job)
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        stack.start("run")
        try:
            took, cpu_ms = _took(stack)
        finally:
            stack.stop()
    for name, each in took.items():
        p95 = percentile(each, P95)
        spread = ", ".join(f"p{percent} {percentile(each, percent):.1f} ms" for percent in (10, 50, 90))
        parts = f"{spread}; the gateway's processor {cpu_ms:.1f} ms for each request"
        yield Figure(f"{name}, {LINES} lines, p95", f"{p95:.1f} ms", f"{MS:g} ms", p95, MS, parts=parts)


def _cpu_ms(stack: Stack) -> float:
    """That the gateway has used so far, all its threads."""
    fields = Path(f"/proc/{stack.processes['run'].pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1e3 / os.sysconf("SC_CLK_TCK")


def _took(stack: Stack) -> tuple[Took, float]:
    """Milliseconds of each step, and processor time of all requests by their number."""
    manager, cashier = Api(stack, "hemin"), Api(stack, "zhouting")
    styles = [row[0] for row in stack.rows(stack.database, "SELECT style FROM style ORDER BY rank")]
    for n in range(LIVE):
        manager.send("POST", "/api/office/promotions", _promotion(n, styles), key=f"promotion-{n}")
    template = {"kind": "amount", "label_zh": "30 元券", "label_en": "30 off", "face_minor": 30_00}
    kind = manager.send("POST", "/api/coupons/templates", {**template, "days": 30}, key="template")
    members = [_member(stack, manager, cashier, kind["template_id"], n) for n in range(MEMBERS)]
    bag = _filled(stack, cashier)
    took: Took = {"attach and reprice": [], "a coupon on top": [], "points on top": []}
    where, before_ms = {"basket_id": bag["basket_id"]}, _cpu_ms(stack)
    for turn in range(TURNS):
        member_id, coupon_id = members[turn % MEMBERS]
        line, quantity = bag["lines"][turn % LINES]["line_id"], 1 + turn % 3 + turn // LINES
        cashier.send("PUT", f"/api/till/lines/{line}", {**where, "quantity": quantity})  # another bag
        steps = (
            ("member", {"member_id": member_id}),
            ("coupon", {"coupon_id": coupon_id, "wanted": True}),
            ("points", {"points": 500}),
        )
        for name, (path, body) in zip(took, steps, strict=True):
            begun = time.perf_counter()
            shown = cashier.send("PUT", f"/api/till/{path}", {**where, **body})
            took[name].append((time.perf_counter() - begun) * 1e3)
        assert shown["customer"]["points_used"] == 500 and shown["coupons"], "all of it counts"
        cashier.send("PUT", "/api/till/coupon", {**where, "coupon_id": coupon_id, "wanted": False})
        cashier.send("PUT", "/api/till/member", {**where, "member_id": ""})
    return took, (_cpu_ms(stack) - before_ms) / (TURNS * REQUESTS)


def _member(stack: Stack, manager: Api, cashier: Api, template_id: str, n: int) -> tuple[str, str]:
    """(id, one of their coupons) of somebody whom what they bought has made golden."""
    given = {"phone": f"1381234{n:04}", "name": f"王{n}", "birthday": "1990-05-21"}
    member = cashier.send("POST", "/api/members", {"fields": given}, key=f"new-member-{n}")["member_id"]
    line = {"sku": _skus(stack)[0], "quantity": 9}
    bag = cashier.send("POST", "/api/till/lines", line, key=f"first-line-{n}")
    bag = cashier.send("PUT", "/api/till/member", {"basket_id": bag["basket_id"], "member_id": member})
    cashier.pay(bag, f"first-sale-{n}")
    adjust = {"points": 10_000, "reason": "goodwill"}
    manager.send("POST", f"/api/members/{member}/points", adjust, key=f"goodwill-{n}")
    give = {"template_id": template_id, "reason": "gift"}
    coupons = [
        manager.send("POST", f"/api/members/{member}/coupons", give, key=f"coupon-{n}-{each}")
        for each in range(COUPONS)
    ]
    return member, coupons[0]["coupon_id"]


def _filled(stack: Stack, cashier: Api) -> Any:
    for n, sku in enumerate(_skus(stack)[:LINES]):
        bag = cashier.send(
            "POST", "/api/till/lines", {"sku": sku, "quantity": 1 + n % 2}, key=f"bag-line-{n}"
        )
    assert len(bag["lines"]) == LINES
    return bag


def _skus(stack: Stack) -> list[str]:
    """One article of each style, best sellers first; no gift cards, on which nothing is reduced."""
    rows = stack.rows(
        stack.database,
        "SELECT MIN(sku) FROM article JOIN style s USING (style) WHERE s.category <> 'gift_cards'"
        " GROUP BY style ORDER BY s.rank",
    )
    return [str(sku) for (sku,) in rows]


def _promotion(n: int, styles: list[str]) -> dict[str, Any]:
    """As a busy season has them: most on some styles or a category, several on the order, some for members
    alone."""
    chance = random.Random(n)
    some = {"styles": chance.sample(styles, 6)}
    category = {"categories": [chance.choice(CATEGORIES)]}
    order = 900_00 + 300_00 * (n % 5)
    both = [{"goods": category}, {"goods": some}]
    steps = [{"threshold_minor": order, "amount_minor": 80_00}]
    kinds: tuple[tuple[str, int, dict[str, Any], dict[str, Any]], ...] = (
        ("percentage", LINE, category, {"basis_points": 500 + 100 * (n % 7)}),
        ("percentage", LINE, some, {"basis_points": 2_000}),
        ("special_price", LINE, some, {"amount_minor": 10_00}),
        ("nth_item", UNIT, category, {"nth": 2, "basis_points": 5_000}),
        ("bundle", UNIT, {}, {"made_of": both, "price_minor": 399_00}),
        ("buy_x_get_y", UNIT, {}, {"buy": some, "get": category, "basis_points": 5_000}),
        ("spend_and_save", ORDER, {}, {"steps": steps}),
    )
    key, layer, goods, params = kinds[n % len(kinds)]
    terms = {"goods": goods, "members_only": n % 5 == 4}
    labels = {"label_zh": f"活动 {n}", "label_en": f"Offer {n}"}
    return {"kind": key, "layer": layer, **labels, "terms": terms, "params": params}
