"""Notes of other currencies at the shop's own rate; change is given in its own money."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="foreign_cash",
    label_zh="外币现金",
    label_en="Foreign cash",
    account="cash:foreign",
    opens_drawer=True,
    gives_change=True,
    outcome="exchanged",
    rank=80,
    pays_back=False,
    icon="exchange",
)
