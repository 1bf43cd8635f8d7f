"""Tiers that a shop can begin with: one for each way of being a good customer."""

from __future__ import annotations

from services.domain.metrics import Window
from services.domain.tiers import Benefits, Need, Tier

PRESETS: tuple[Tier, ...] = (
    Tier(
        key="regular",
        rank=10,
        label_zh="常客",
        label_en="Regular",
        rule=Need("visits", 3, Window("month", 1)),
        benefits=Benefits(discount_bp=300),
        stay_days=30,
    ),
    Tier(
        key="all_round",
        rank=20,
        label_zh="全品类会员",
        label_en="All-rounder",
        rule=Need("categories", 5),
        benefits=Benefits(discount_bp=500),
        stay_days=30,
    ),
    Tier(
        key="ambassador",
        rank=30,
        label_zh="推荐大使",
        label_en="Ambassador",
        rule=Need("referrals", 3),
        benefits=Benefits(
            discount_bp=500,
            service_zh="新品优先预览，免费改衣",
            service_en="Early access to new arrivals, free alterations",
        ),
        stay_days=30,
    ),
)
