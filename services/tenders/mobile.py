"""A code on a telephone (Alipay, WeChat Pay, UnionPay), shown to a device that is not ours."""

from services.tenders.contract import Tender

TENDER = Tender(
    key="mobile",
    label_zh="扫码支付",
    label_en="Mobile",
    account="receivable:mobile",
    outcome="asked",
    reference=True,
    rank=51,
    icon="qr",
)
