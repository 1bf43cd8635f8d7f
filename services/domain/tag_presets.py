"""Tags that a shop can begin with; its own categories and amounts take the place of these."""

from __future__ import annotations

from services.domain.metrics import Window
from services.domain.tags import Any, AverageOrder, InARow, Kind, Reaches, Season, Share, Tag

PRESETS: tuple[Tag, ...] = (
    Tag(
        key="high_value",
        label_zh="高价值",
        label_en="High value",
        rule=Any((Reaches("spend_minor", 5_000_00), AverageOrder(800_00, 3))),
    ),
    Tag(
        key="mother_baby",
        label_zh="母婴",
        label_en="Mother and baby",
        rule=Share(Kind(categories=("baby", "maternity")), 3_000),
    ),
    Tag(
        key="summer_dresses",
        label_zh="夏季裙装",
        label_en="Summer dresses",
        rule=Season(Kind(categories=("dresses",)), (6, 7, 8), window=Window("rolling_months", 24)),
    ),
    Tag(
        key="family",
        label_zh="有孩家庭",
        label_en="Family with children",
        rule=InARow(Kind(categories=("toys", "kids"))),
    ),
    Tag(
        key="office_commuter",
        label_zh="职场通勤",
        label_en="Office commuter",
        rule=Share(Kind(categories=("shirts", "suits", "trousers")), 5_000),
    ),
    Tag(
        key="casual_sport",
        label_zh="休闲运动",
        label_en="Casual sport",
        rule=Share(Kind(categories=("sport", "tops", "bottoms")), 5_000),
    ),
)
