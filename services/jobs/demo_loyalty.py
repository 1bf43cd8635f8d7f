"""What the demo shop gives its members: tiers, tags, points, recharge plans, coupons by themselves."""

from __future__ import annotations

from dataclasses import replace

from services.domain import tag_presets
from services.domain.coupons import Template
from services.domain.metrics import Window
from services.domain.points_rules import Book, Discount, EarningRule, Reward, Terms
from services.domain.tags import Book as Tags
from services.domain.tags import Kind, Reaches, Share, Tag
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import coupon_templates, points_rules, stored_value_plans, tags, tiers
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.jobs.contract import Arguments, Job

_MANAGER = "hemin"
_DAYS_BEFORE, _DAY_MS = 16, 86_400_000
_TIERS = (("silver", "银卡", "Silver", 500_00, 300), ("gold", "金卡", "Gold", 2_000_00, 500))
_LADDER = Program(
    tiers=tuple(
        Tier(
            key=key,
            rank=rank,
            label_zh=zh,
            label_en=en,
            rule=Need("spend_minor", least_minor),
            benefits=Benefits(discount_bp=discount_bp),
            stay_days=30,
        )
        for rank, (key, zh, en, least_minor, discount_bp) in enumerate(_TIERS, 1)
    )
)
_BOOK = Book(
    terms=Terms(points=1, per_minor=1_00),
    earning=(
        EarningRule(
            rule_id="birthday",
            kind="multiplier",
            label_zh="生日月双倍积分",
            label_en="Double points in the birthday month",
            factor_bp=20_000,
            birthday="month",
        ),
    ),
    discount=Discount(points=100, minor=1_00, least=100, share_bp=5_000),
    rewards=(
        Reward(
            reward_id="hemming",
            kind="service",
            label_zh="免费改裤脚",
            label_en="Hemming",
            points=200,
        ),
        Reward(
            reward_id="wash",
            kind="service",
            label_zh="羊毛衫洗护一次",
            label_en="One wash of a woollen",
            points=600,
        ),
    ),
)
_TAGS = Tags(
    tags=(
        next(each for each in tag_presets.PRESETS if each.key == "high_value"),
        Tag(
            key="dressy",
            label_zh="爱穿裙装",
            label_en="Likes dresses",
            rule=Share(Kind(categories=("dresses",)), 3_000, least_pieces=2),
        ),
        Tag(
            key="new_friend",
            label_zh="近来常来",
            label_en="Here often lately",
            rule=Reaches("visits", 2, Window("rolling_days", 30)),
        ),
        Tag(key="linen", label_zh="喜欢亚麻", label_en="Likes linen"),
    )
)
_PLANS = ((200_00, 10_00), (500_00, 60_00), (1_000_00, 150_00))
_COUPONS = (
    Template(
        template_id="",
        version=1,
        number=1,
        kind="amount",
        label_zh="下次立减 5 元",
        label_en="5 off next time",
        face_minor=5_00,
        days=30,
        wait_days=1,
        occasion="receipt",
        occasion_min_minor=100_00,
    ),
    Template(
        template_id="",
        version=1,
        number=1,
        kind="amount",
        label_zh="生日券 20 元",
        label_en="Birthday: 20 off",
        face_minor=20_00,
        min_spend_minor=100_00,
        days=31,
        occasion="birthday",
    ),
)


def make(shop: Shop) -> int:
    """Publish all of it, as of before the trade that demo_history makes; how many things. A repeat changes
    nothing."""
    at_ms = shop.now_ms() - _DAYS_BEFORE * _DAY_MS
    shop = replace(shop, now_ms=lambda: at_ms)
    points_rules.change(shop, _BOOK, seen_version=0, operator_id=_MANAGER)
    tiers.publish(shop, _LADDER, seen_version=0, operator_id=_MANAGER)
    tags.publish(shop, _TAGS, seen_version=0, operator_id=_MANAGER)
    for n, (pays_minor, bonus_minor) in enumerate(_PLANS):
        draft = PlanDraft(
            label_zh=f"充 {pays_minor // 100} 送 {bonus_minor // 100}",
            label_en=f"Pay {pays_minor // 100}, get {bonus_minor // 100} more",
            pays_minor=pays_minor,
            bonus_minor=bonus_minor,
        )
        stored_value_plans.publish(shop, draft, operator_id=_MANAGER, request_id=f"demo-plan-{n}")
    for n, template in enumerate(_COUPONS):
        coupon_templates.publish(shop, template, operator_id=_MANAGER, request_id=f"demo-coupon-{n}")
    return 3 + len(_PLANS) + len(_COUPONS)


def _run(arguments: Arguments) -> str:
    return f"published {make(arguments.shop())} things for members"


JOB = Job(key="demo_loyalty", run=_run)
