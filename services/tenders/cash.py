"""Notes and coins."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="cash",
    label_zh="现金",
    label_en="Cash",
    account="cash:drawer",
    opens_drawer=True,
    gives_change=True,
    rounds=True,
    rank=90,
    icon="cash",
)
