"""By instalments: a claim on a provider, or on the customer, month by month."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="instalment",
    label_zh="分期付款",
    label_en="Instalments",
    account="receivable:instalment",
    outcome="planned",
    rank=60,
    pays_back=False,
    icon="calendar",
)
