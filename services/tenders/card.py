"""Bank cards on a terminal of their own, which prints its own slip."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="card",
    label_zh="银行卡",
    label_en="Card",
    account="receivable:card",
    outcome="asked",
    reference=True,
    icon="card",
)
