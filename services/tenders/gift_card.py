"""The shop's own gift cards: a balance that this box keeps, named by the code on the card."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="gift_card",
    label_zh="礼品卡",
    label_en="Gift card",
    account="liability:gift_cards",
    outcome="stored",
    rank=20,
    pays_back=False,
    icon="gift",
)
