"""A receipt's QR code: where its customer asks for a tax invoice, or the number in a shop without that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.contracts import Barcode, Qr
from drivers.escpos_encoder import Encoder, Sheet
from services.domain.invoicing import Invoicing
from services.flows import copies, spool
from services.flows.shop import Shop
from services.store import gift_cards as stored
from services.store import jobs
from services.store.jobs import Job
from services.store.sales import Sale
from tests.flows.test_gift_cards import CARD, fill, put_card, redeem, settle, take_back
from tests.shop import TEE

KEY = "a key of some length"


@pytest.fixture
def shop(shop: Shop) -> Shop:
    put_card()
    return replace(shop, invoicing=Invoicing("https://hq.example.com/fp", KEY))


def qr(shop: Shop, sale: Sale, job: Job | None = None) -> str:
    paper = spool.receipt_ops(shop, sale, job)
    assert [op.data for op in paper if isinstance(op, Barcode)][-1] == sale.number
    (code,) = [op.data for op in paper if isinstance(op, Qr)]
    return code


def test_a_sale_s_qr_asks_for_an_invoice_of_what_was_paid(shop: Shop) -> None:
    fill(shop, TEE)
    sale = settle(shop, 200_00)
    told = f"s=S0001&t={sale.number}&a=9900&d={sale.business_day.replace('-', '')}"
    assert qr(shop, sale) == f"https://hq.example.com/fp?{told}&k={shop.invoicing.seal(told)}"
    for width in (48, 32):
        assert Encoder(Sheet(width=width)).encode(spool.receipt_ops(shop, sale))


def test_what_a_gift_card_paid_was_invoiced_when_the_card_was_sold(shop: Shop) -> None:
    fill(shop, CARD)
    card = settle(shop, 200_00)
    assert "&a=20000&" in qr(shop, card)
    code = stored.moves(card.sale_id)[0].code
    fill(shop, TEE)
    redeem(shop, code, 60_00)
    assert "&a=3900&" in qr(shop, settle(shop, 39_00))
    fill(shop, TEE)
    redeem(shop, code)
    whole = settle(shop)
    assert qr(shop, whole) == whole.number


def test_goods_that_come_back_gifts_and_a_shop_without_the_setting_keep_the_number(shop: Shop) -> None:
    fill(shop, TEE)
    sale = settle(shop, 99_00)
    copies.gift_receipt(shop, sale.sale_id, operator_id="zhou", till="1", request_id="gift-0001")
    (gift,) = [job for job in jobs.of_sale(sale.sale_id) if job.kind == jobs.GIFT]
    assert qr(shop, sale, gift) == sale.number, "a gift receipt says nothing of money"
    assert qr(replace(shop, invoicing=Invoicing()), sale) == sale.number
    take_back(shop, sale, (1, 1))
    back = settle(shop)
    assert qr(shop, back) == back.number
