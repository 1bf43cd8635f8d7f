"""Takes the pictures of the back office against a running gateway, as tests.look.take does of the others.

    python -m tests.look.office http://127.0.0.1:8080 --manager hemin:...

Each place of PLACES is one picture, in every look unless it is of ONCE; a section that is added gets its
line there.
"""

from __future__ import annotations

import argparse
import sys

from tests.look.take import KEPT, Look, every_look, sign_on

# picture -> the address, then what is done there: an element to press, or one and the text it gets
PLACES: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "office-reports": ("#/reports/days?period=last7", ()),
    "office-ranking": ("#/reports/styles?period=last7", ()),
    "office-promotions": ("#/promotions", ()),
    "office-promotion": (
        "#/promotions/new",
        (("kind-spend_and_save",), ("input-threshold_minor", "800"), ("input-amount_minor", "80")),
    ),
    "office-coupons": ("#/coupons", ()),
    "office-coupon": (
        "#/coupons/new",
        (("input-face_minor", "50"), ("input-min_spend_minor", "300"), ("coupon-label_zh", "满 300 减 50")),
    ),
    "office-plans": ("#/plans", ()),
    "office-plan": ("#/plans/new", (("input-pays_minor", "500"), ("input-bonus_minor", "60"))),
    "office-articles": ("#/articles", ()),
    "office-style": ("#/articles/T1002", ()),
    "office-new-style": ("#/articles/new", (("colours", "黑, 米白, 雾蓝"), ("sizes", "S, M, L"))),
    "office-labels": ("#/articles/W4005/labels", ()),
    "office-stock": ("#/stock", ()),
    "office-members": ("#/members", (("member-search", "13800138001"), ("member-find",))),
    "office-member": (
        "#/members",
        (("member-search", "13800138001"), ("member-find",), ("member-hit",), ("around-points",)),
    ),
    "office-member-points": (
        "#/members",
        (("member-search", "13800138001"), ("member-find",), ("member-hit",), ("points-adjust",)),
    ),
    "office-member-edit": (
        "#/members",
        (("member-search", "13800138001"), ("member-find",), ("member-hit",), ("member-edit",)),
    ),
    "office-account": (
        "#/members",
        (("member-search", "13800138001"), ("member-find",), ("member-hit",), ("account-figure",)),
    ),
    "office-review": ("#/members", (("member-pair",),)),
    "office-member-note": (
        "#/members",
        (("member-search", "13800138001"), ("member-find",), ("member-hit",), ("note-add",)),
    ),
    "office-tiers": ("#/loyalty/tiers", ()),
    "office-tier": ("#/loyalty/tiers/new?preset=regular", (("add-condition",),)),
    "office-tags": ("#/loyalty/tags", ()),
    "office-stages": ("#/loyalty/tags", (("group-core",),)),
    "office-tag": ("#/loyalty/tags/new?preset=summer_dresses", ()),
    "office-wearers": ("#/loyalty/tags/members?tag=new_friend", ()),
    "office-points": ("#/loyalty/points", ()),
    "office-points-rule": ("#/loyalty/points", (("double",),)),
    "office-staff": ("#/staff", ()),
    "office-journal": ("#/journal", ()),
    "office-record": ("#/journal/2", ()),
    "office-menu": ("#/journal", (("menu",),)),
}
# kept once, on a tablet: what the others of its kind show already
ONCE = {
    *("office-coupons", "office-coupon", "office-plans", "office-plan", "office-member-points"),
    *("office-member-edit", "office-member-note", "office-tiers", "office-tags", "office-stages"),
    *("office-tag", "office-wearers", "office-points-rule"),
}


def tour(look: Look, manager: tuple[str, str]) -> None:
    look.page.goto(f"{look.base}/office")
    sign_on(look, *manager)
    look.test("title").wait_for()
    for name, (place, steps) in PLACES.items():
        look.page.goto(f"{look.base}/office{place}")
        look.test("title").wait_for()
        look.page.wait_for_timeout(500)
        for element, *text in steps:
            look.test(element).first.fill(text[0]) if text else look.test(element).first.click()
        look.page.wait_for_timeout(400)
        look.picture(name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="http://127.0.0.1:8080")
    parser.add_argument("--manager", required=True, help="staff id:PIN")
    parser.add_argument("--only", default="", help="1180x820, 390x844-en, 1180x820-dark, ...")
    args = parser.parse_args()
    staff, _, pin = args.manager.partition(":")
    KEPT.update(PLACES.keys() - ONCE)
    return every_look(args.base, args.only, lambda look: tour(look, (staff, pin)))


if __name__ == "__main__":
    sys.exit(main())
