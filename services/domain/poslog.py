"""Facts of the journal as ARTS POSLog transactions, one XML element each.

SequenceNumber is the journal's own number: with store, workstation and business day it names every kind of
transaction once. The till's gapless number is in ReceiptNumber.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import msgspec
from msgspec.structs import replace

from services.domain.events import SaleCompleted, SoldAdjustment, SoldLine, SoldTender
from services.domain.exchange import rate_written
from services.domain.gift_cards import CATEGORY
from services.domain.money import minor_digits
from services.domain.stored_value_events import StoredValueMoved
from services.domain.tax import RateTax, percent
from services.domain.z_loyalty import money

NAMESPACE = "http://www.nrf-arts.org/IXRetail/namespace/"
VERSION = "6.0.0"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way
_ENTRY = {"scanned": "Scanned", "keyed": "Keyed", "picked": "Keyed"}  # picked on the screen: by hand
_KINDS = {"sale": "Sale", "return": "Return", "exchange": "Exchange", "void": "Void"}
_CONTROLS = {
    "operator.signed_on": "SignOn",
    "operator.signed_off": "SignOff",
    "drawer.released": "NoSale",
    "shift.opened": "POSSOD",
    "shift.closed": "POSEOD",
}
_MOVES = {
    "float": "TenderLoan",
    "loan": "TenderLoan",
    "pay_in": "PaidIn",
    "pay_out": "PaidOut",
    "drop": "TenderPickup",
}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the journal, as far as POSLog asks."""

    seq: int
    type: str
    time: str  # RFC 3339 with the store's offset
    bizday: str
    data: dict[str, Any]


Original = Callable[[str], tuple[str, str, int, str] | None]  # sale -> (store, till, journal seq, day)


def transaction(fact: Fact, store_id: str, currency: str, original: Original) -> Element | None:
    """None where POSLog has no word for it. `original` finds the sale that goods come back from."""
    if fact.type == SaleCompleted.type:
        return _sale(fact, msgspec.convert(fact.data, SaleCompleted), original)
    if fact.type in _CONTROLS:
        return _control(fact, store_id, _CONTROLS[fact.type])
    if fact.type == "cash.moved":
        return _cash_moved(fact, store_id)
    if fact.type == StoredValueMoved.type:
        return _value_moved(fact, store_id)
    if fact.type == "cash.counted":
        return _cash_counted(fact, store_id, currency)
    return None


def _sale(fact: Fact, sale: SaleCompleted, original: Original) -> Element:
    zone = _zone(fact)
    begin, end = _at(sale.begun_at_ms, zone), _at(sale.ended_at_ms, zone)
    root = _root(fact, sale.retail_store_id, sale.workstation_id, sale.operator_id, begin, end)
    _text(root, "CurrencyCode", sale.currency)
    retail = SubElement(
        root, "RetailTransaction", Version=VERSION, TransactionType=_KINDS.get(sale.kind, "Sale")
    )
    _text(retail, "ReceiptNumber", sale.number)
    _text(retail, "ReceiptDateTime", end)
    for line in sale.line_items:
        modifiers = [each for each in sale.adjustments if each.line_number == line.line_number]
        _line(retail, line, modifiers, sale.currency, original)
    if sale.member_id:
        _text(SubElement(retail, "Customer"), "CustomerID", sale.member_id)
    last = max((line.line_number for line in sale.line_items), default=0)
    for number, each in enumerate(sale.taxes, last + 1):
        item = SubElement(retail, "LineItem", EntryMethod="Keyed", VoidFlag="false")
        _text(item, "SequenceNumber", str(number))
        _tax(item, each, sale.currency)
    apart = [part for tender in sale.tenders for part in _principal_and_bonus(tender)]
    for number, tender in enumerate(apart, last + len(sale.taxes) + 1):
        _tender(retail, number, tender, sale.currency)
    gross = sum(line.extended_minor for line in sale.line_items if line.category != CATEGORY)
    cards = [line for line in sale.line_items if line.category == CATEGORY]
    owed = sum(line.extended_minor if line.net_minor is None else line.net_minor for line in cards)
    for kind, minor in (
        ("TransactionGrossAmount", gross),
        ("TransactionNetAmount", sale.total_minor - owed),
        *([("TransactionNonSalesAmount", owed)] if cards else []),
        *([("TransactionTaxAmount", sum(each.tax_minor for each in sale.taxes))] if sale.taxes else []),
        ("TransactionRoundingAmount", sale.rounding_minor),
        ("TransactionGrandAmount", sale.total_minor + sale.rounding_minor),
    ):
        _text(retail, "Total", _amount(minor, sale.currency), TotalType=kind)
    if sale.original_id:
        _link(retail, _KINDS.get(sale.kind, "Return"), original(sale.original_id))
    if sale.reason:
        _text(retail, "ReasonCode", sale.reason)
    if sale.approver_id:
        approval = SubElement(retail, "OperatorBypassApproval")
        _text(approval, "ApproverID", sale.approver_id)
    return root


def _line(
    retail: Element,
    line: SoldLine,
    modifiers: Iterable[SoldAdjustment],
    currency: str,
    original: Original,
) -> None:
    void = "true" if line.void_flag else "false"
    item = SubElement(retail, "LineItem", EntryMethod=_ENTRY.get(line.entry_method, "Keyed"), VoidFlag=void)
    _text(item, "SequenceNumber", str(line.line_number))
    back = line.quantity < 0
    kind = "GiftCertificate" if line.category == CATEGORY else "Stock"
    sold = SubElement(item, "Return" if back else "Sale", ItemType=kind)
    net = line.extended_minor if line.net_minor is None else line.net_minor
    sign = -1 if back else 1  # inside a Return POSLog's amounts are positive
    if line.gtin:
        identity = SubElement(sold, "POSIdentity", POSIDType="GTIN")
        _text(identity, "POSItemID", line.gtin)
    _text(sold, "ItemID", line.item_id)
    if line.category:
        _text(sold, "MerchandiseHierarchy", line.category, Level="Category")
    _text(sold, "Description", f"{line.description} {line.variant}".strip())
    regular = line.unit_price_minor if line.list_price_minor is None else line.list_price_minor
    _text(sold, "RegularSalesUnitPrice", _amount(regular, currency))
    _text(sold, "ActualSalesUnitPrice", _amount(line.unit_price_minor, currency))
    _text(sold, "ExtendedAmount", _amount(sign * net, currency))
    _text(sold, "ExtendedDiscountAmount", _amount(sign * (line.extended_minor - net), currency))
    _text(sold, "Quantity", str(abs(line.quantity)))
    for n, modifier in enumerate(modifiers, 1):
        _modifier(sold, n, modifier, currency)
    if line.tax_bp and not line.void_flag:
        taxed = RateTax(
            tax_bp=line.tax_bp,
            net_minor=net,
            tax_minor=line.tax_minor,
            bonus_minor=line.bonus_minor,
        )
        _tax(sold, taxed, currency)
    if line.seller_id:
        associate = SubElement(sold, "Associate")
        _text(associate, "AssociateID", line.seller_id)
    if line.return_of:
        _link(sold, "Return", original(line.return_of), line.return_line)


def _modifier(sold: Element, number: int, held: SoldAdjustment, currency: str) -> None:
    node = SubElement(
        sold, "RetailPriceModifier", MethodCode="Promotion" if held.source != "manual" else "Manual"
    )
    _text(node, "SequenceNumber", str(number))
    action = "Subtract" if held.amount_minor <= 0 else "Add"
    _text(node, "Amount", _amount(abs(held.amount_minor), currency), Action=action)
    _text(node, "PromotionID", f"{held.source}/{held.source_version}")
    _text(node, "ReasonCode", held.label_zh)


def _tax(parent: Element, held: RateTax, currency: str) -> None:
    """Of one line, or of all lines of a rate; of goods that come back the amounts are positive too."""
    node = SubElement(parent, "Tax", TaxType="VAT", TypeCode="Refund" if held.back else "Sale")
    sign = -1 if held.back else 1
    taxable = _amount(sign * (held.net_minor - held.bonus_minor), currency)
    _text(node, "TaxableAmount", taxable, TaxIncludedInTaxableAmountFlag="true")
    _text(node, "Amount", _amount(sign * held.tax_minor, currency))
    _text(node, "Percent", percent(held.tax_bp).removesuffix("%"))


def _principal_and_bonus(tender: SoldTender) -> list[SoldTender]:
    """What stored value paid that was paid in, and what was given for nothing: no tax is in that."""
    bonus_minor = tender.bonus_minor
    if not bonus_minor:
        return [tender]
    left_minor = tender.amount_minor - bonus_minor
    bonus = SoldTender(
        tender_type=f"{tender.tender_type}_bonus",
        amount_minor=bonus_minor,
        tendered_minor=bonus_minor,
        change_minor=0,
        reference=tender.reference,
    )
    return [replace(tender, amount_minor=left_minor, tendered_minor=left_minor), bonus]


def _tender(retail: Element, number: int, tender: SoldTender, currency: str) -> None:
    item = SubElement(retail, "LineItem", EntryMethod="Keyed", VoidFlag="false")
    _text(item, "SequenceNumber", str(number))
    code = "Refund" if tender.amount_minor < 0 else "Sale"
    node = SubElement(item, "Tender", TenderType=_printable(tender.tender_type), TypeCode=code)
    _text(node, "Amount", _amount(abs(tender.amount_minor + tender.change_minor), currency))
    if tender.change_minor:
        change = SubElement(node, "TenderChange")
        _text(change, "Amount", _amount(abs(tender.change_minor), currency))
    if tender.currency:
        notes = SubElement(node, "ForeignCurrency")
        _text(notes, "CurrencyCode", tender.currency)
        _text(notes, "OriginalFaceAmount", _amount(abs(tender.foreign_minor), tender.currency))
        _text(notes, "ExchangeRate", rate_written(tender.rate_e8))
    if tender.reference:
        authorization = SubElement(node, "Authorization")
        _text(authorization, "ReferenceNumber", tender.reference)


def _control(fact: Fact, store_id: str, kind: str) -> Element:
    root = _plain(fact, store_id)
    control = SubElement(root, "ControlTransaction", Version=VERSION)
    SubElement(control, kind)
    if reason := fact.data.get("reason"):
        _text(control, "ReasonCode", str(reason))
    return root


def _cash_moved(fact: Fact, store_id: str) -> Element:
    data = fact.data
    kind = _MOVES.get(str(data["kind"]), "PaidIn")
    return _moved(fact, store_id, kind, "cash", int(data["amount_minor"]), str(data.get("reason", "")))


def _value_moved(fact: Fact, store_id: str) -> Element | None:
    """Money for stored value, in and out, that is no cash: a move of the drawer tells that. What pays for
    goods is a tender of the sale."""
    told = msgspec.convert(fact.data, StoredValueMoved)
    minor = money(told)
    if not minor or told.tender_type == "cash":
        return None
    kind, reason = ("PaidIn", "recharge") if minor > 0 else ("PaidOut", "stored_value")
    return _moved(fact, store_id, kind, told.tender_type, abs(minor), reason)


def _moved(fact: Fact, store_id: str, kind: str, tender: str, minor: int, reason: str) -> Element:
    root = _plain(fact, store_id)
    currency = str(fact.data["currency"])
    _text(root, "CurrencyCode", currency)
    control = SubElement(root, "TenderControlTransaction", Version=VERSION)
    move = SubElement(control, kind, TenderType=_printable(tender))
    _text(move, "Amount", _amount(minor, currency))
    if reason:
        _text(move, "Reason", reason)
    return root


def _cash_counted(fact: Fact, store_id: str, currency: str) -> Element:
    root = _plain(fact, store_id)
    control = SubElement(root, "TenderControlTransaction", Version=VERSION)
    settle = SubElement(control, "TillSettle")
    for cash in fact.data["cash"]:
        counted = SubElement(settle, "TenderSummary", TenderType="cash")
        of = str(cash.get("currency") or currency)
        _text(
            counted,
            "Over" if cash["counted_minor"] >= cash["expected_minor"] else "Short",
            _amount(abs(cash["counted_minor"] - cash["expected_minor"]), of),
        )
        _text(counted, "Ending", _amount(cash["counted_minor"], of), Currency=of)
    return root


def _plain(fact: Fact, store_id: str) -> Element:
    """Of what took no time."""
    data = fact.data
    return _root(
        fact,
        store_id,
        str(data.get("workstation_id", "")),
        str(data.get("operator_id", "")),
        fact.time,
        fact.time,
    )


def _root(fact: Fact, store_id: str, till: str, operator_id: str, begin: str, end: str) -> Element:
    root = Element("Transaction")
    _text(root, "RetailStoreID", store_id)
    _text(root, "WorkstationID", till)
    _text(root, "SequenceNumber", str(fact.seq))
    _text(root, "BusinessDayDate", fact.bizday)
    _text(root, "BeginDateTime", begin)
    _text(root, "EndDateTime", end)
    _text(root, "OperatorID", operator_id)
    return root


def _link(parent: Element, reason: str, to: tuple[str, str, int, str] | None, line: int = 0) -> None:
    """To a sale of this store; one that is not here is left out, for its names are not known."""
    if to is None:
        return
    link = SubElement(parent, "TransactionLink", ReasonCode=reason)
    store, till, seq, day = to
    _text(link, "RetailStoreID", store)
    _text(link, "WorkstationID", till)
    _text(link, "SequenceNumber", str(seq))
    _text(link, "BusinessDayDate", day)
    if line:
        _text(link, "LineItemSequenceNumber", str(line))


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _printable(text)


def _printable(text: str) -> str:
    """Without what XML 1.0 cannot say at all."""
    return _UNPRINTABLE.sub("\ufffd", text)


def _amount(minor: int, currency: str) -> str:
    """Decimal figures with as many places as the currency has: -1299.00."""
    digits = minor_digits(currency)
    whole, part = divmod(abs(minor), 10**digits)
    figures = f"{whole}.{part:0{digits}d}" if digits else str(whole)
    return f"-{figures}" if minor < 0 else figures


def _zone(fact: Fact) -> tzinfo:
    found = datetime.fromisoformat(fact.time).tzinfo
    assert found is not None, fact.time
    return found


def _at(at_ms: int, zone: tzinfo) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).isoformat(timespec="milliseconds")
