"""What a member has paid in before, with the bonus that came with it: a balance that this box keeps."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="stored_value",
    label_zh="储值",
    label_en="Stored balance",
    account="liability:stored_value",
    outcome="stored",
    rank=21,
    pays_back=False,
    icon="wallet",
)
