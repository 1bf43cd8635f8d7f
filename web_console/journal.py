"""The audit trail: every committed fact, for managers to read and to take along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response

from services.domain import days, periods
from services.domain.errors import BadRequest, NotFound
from services.domain.events import EVENTS
from services.domain.exchange import rate_written
from services.domain.money import Money, signed
from services.domain.tax import percent
from services.flows import poslog
from services.flows.shop import Shop
from services.store import staff, trail
from services.store.trail import Entry, Filter, Span
from web_console.api_journal import (
    EntryDetail,
    EntryView,
    FactView,
    JournalChoices,
    JournalPage,
    JournalQuery,
    Person,
    PoslogQuery,
)
from web_console.downloads import CSV, XML, Cell, attached, csv_file
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()

EXPORT_MAX = 100_000  # rows of one file
FACTS_MAX = 2_000  # fields of one event that are shown
# What one would ask first about an event, in this order; at most three are shown in the list.
BRIEF = (
    "foreign_currency",
    "buy_e8",
    "number",
    "total_minor",
    "amount_minor",
    "name",
    "style",
    "sku",
    "reason",
    "test",
    "role",
)
BRIEF_MAX = 3
_HEAD = ("seq", "time", "business day", "type", "who", "till", "field", "value")


@ROUTES.get("/api/office/journal/choices", MANAGER, JournalChoices, "What the journal can be filtered by")
def journal_choices(call: Call) -> JournalChoices:
    return JournalChoices(
        types=tuple(sorted(event.type for event in EVENTS)),
        people=tuple(Person(staff_id=each.staff_id, name=each.name) for each in staff.listed()),
        tills=call.shop.tills,
        today=today(call.shop),
    )


@ROUTES.get("/api/office/journal", MANAGER, JournalPage, "The journal, newest first", query=JournalQuery)
def list_journal(call: Call, query: JournalQuery) -> JournalPage:
    rows, following = trail.page(_filter(query), _span(query), query.before)
    return JournalPage(rows=tuple(_entry(call.shop, row) for row in rows), next=following)


@ROUTES.get("/api/office/journal/<int:seq>", MANAGER, EntryDetail, "One event in all its fields")
def show_journal_entry(call: Call, seq: int) -> EntryDetail:
    entry = trail.by_seq(seq)
    if entry is None:
        raise NotFound("the journal has no such row", seq=seq)
    return EntryDetail(entry=_entry(call.shop, entry), facts=tuple(_facts(call.shop, entry)))


@ROUTES.get(
    "/api/office/journal.csv",
    MANAGER,
    None,
    "The journal as CSV, a line a field",
    query=JournalQuery,
    media=CSV,
)
def export_journal(call: Call, query: JournalQuery) -> Response:
    return csv_file(f"journal-{query.day or today(call.shop)}.csv", _lines(call.shop, query, _span(query)))


@ROUTES.get(
    "/api/office/poslog", MANAGER, None, "A business day as ARTS POSLog", query=PoslogQuery, media=XML
)
def export_poslog(call: Call, query: PoslogQuery) -> Response:
    shop = call.shop
    try:
        periods.period(query.day, query.day)
        pieces = poslog.export(shop.store_id, shop.currency, query.day)
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error)) from error
    return attached(f"poslog-{shop.store_id}-{query.day}.xml", pieces, XML)


def today(shop: Shop) -> str:
    return days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)


def _filter(query: JournalQuery) -> Filter:
    return Filter(type=query.type, who=query.who, till=query.till, day=query.day)


def _span(query: JournalQuery) -> Span:
    try:
        return periods.span_ms(query.day) if query.day else None
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error)) from error


def _lines(shop: Shop, query: JournalQuery, span: Span) -> Iterator[tuple[Cell, ...]]:
    yield _HEAD
    for entry in trail.every(_filter(query), span, EXPORT_MAX):
        view = _entry(shop, entry)
        for fact in _facts(shop, entry):
            place = f"{fact.part}.{fact.group}.{fact.name}" if fact.part else fact.name
            yield (view.seq, view.time, view.day, view.type, view.who, view.till, place, fact.text)


def _entry(shop: Shop, entry: Entry) -> EntryView:
    told = [name for name in BRIEF if entry.data.get(name) not in (None, "")][:BRIEF_MAX]
    return EntryView(
        seq=entry.seq,
        at_ms=entry.at_ms,
        time=days.minute(entry.at_ms, shop.zone),
        day=entry.bizday,
        type=entry.type,
        who=staff.name_of(entry.who) if entry.who else "",
        till=entry.till,
        brief=tuple(
            FactView(name=name, text=_text(shop, name, entry.data[name], entry.data)) for name in told
        ),
    )


def _facts(shop: Shop, entry: Entry) -> Iterator[FactView]:
    """The event's own fields first, then each list's parts, at most FACTS_MAX in all."""
    left = FACTS_MAX
    lists: list[tuple[str, list[Any]]] = []
    for name, value in entry.data.items():
        if isinstance(value, list | dict):
            lists.append((name, value if isinstance(value, list) else [value]))
        elif left:
            left -= 1
            yield FactView(name=name, text=_text(shop, name, value, entry.data))
    for part, values in lists:
        for group, value in enumerate(values, 1):
            fields = _readable(shop, value) if isinstance(value, dict) else {"value": value}
            own = fields.get("currency") if "foreign_minor" not in fields else ""
            within = {**entry.data, "currency": own} if own else entry.data
            for name, each in fields.items():
                if left:
                    left -= 1
                    yield FactView(name=name, text=_text(shop, name, each, within), part=part, group=group)


def _readable(shop: Shop, part: dict[str, Any]) -> dict[str, Any]:
    """A changed amount is told as one: old_minor and new_minor. Notes are told in their own currency."""
    if part.get("foreign_minor") and part.get("currency"):
        notes = signed(Money(part["foreign_minor"], part["currency"]), shop.currency)
        return {**part, "foreign_minor": notes, "rate_e8": rate_written(part["rate_e8"])}
    if part.get("field") == "tax_bp":
        return {**part, **{name: percent(int(part[name])) for name in ("old", "new") if part.get(name)}}
    if not str(part.get("field", "")).endswith("_minor"):
        return part
    amounts = {"old": "old_minor", "new": "new_minor"}
    return {amounts.get(name, name): int(v) if name in amounts else v for name, v in part.items()}


def _text(shop: Shop, name: str, value: Any, data: dict[str, Any]) -> str:
    """As people write it: amounts with their sign, times as on the wall, people by name."""
    if name == "foreign_minor" and data.get("foreign_currency"):
        return signed(Money(int(value), str(data["foreign_currency"])), shop.currency)
    if name == "buy_e8":
        return rate_written(int(value))
    if name == "tax_bp" and isinstance(value, int):
        return percent(value)
    if name.endswith("_minor") and isinstance(value, int):
        return signed(Money(value, str(data.get("currency") or shop.currency)), shop.currency)
    if name.endswith(("at_ms", "from_ms")) and isinstance(value, int):
        return days.minute(value, shop.zone)
    if name in trail.PEOPLE and value:
        return staff.name_of(str(value))
    if name == "sealed":  # nobody can read it, and its key is not here
        return f"AES-256-GCM, {len(str(value)) * 3 // 4} bytes"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
