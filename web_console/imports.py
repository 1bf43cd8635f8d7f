"""Files of articles, prices, stock and members: look, take over, and take along."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, cast

from flask import Response

from services.domain import masks
from services.domain.errors import NotFound
from services.domain.imports import ARTICLES, CATALOGUE_KINDS, KINDS, MEMBERS, PRICES, Bad, Table, choices
from services.domain.money import Money, written
from services.domain.opening import MONEY
from services.domain.profile import NOTES
from services.domain.sheet import FILE_MAX
from services.domain.tax import percent
from services.flows import imports as flow
from services.flows import member_exports
from services.flows import member_imports as member_flow
from services.flows.member_exports import Wish
from services.flows.shop import Shop
from services.store import shelf
from web_console.api_imports import (
    BadRow,
    Brought,
    ChangedField,
    CreatedRow,
    ExportMembers,
    ImportPreview,
    ImportProgress,
    ImportResult,
    Kind,
    PersonRow,
    PreviewQuery,
    TakeOverQuery,
)
from web_console.downloads import CSV, XLSX, Cell, csv_file, xlsx_file
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()

SHOWN_MAX = 200  # of each list of a preview
WATCHED_MAX = 16  # pieces of work whose progress is remembered

_HEADS = {  # what an export calls its columns; an import knows them all
    ARTICLES: ("货号", "款号", "名称", "分类", "颜色", "尺码", "条码", "价格", "图样", "色块", "税率"),
    PRICES: ("货号", "条码", "品名", "价格"),
    "stock": ("货号", "条码", "品名", "库存"),
}


class _Progress:
    """How far each piece of work is, for the page that asked for it; the oldest are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def watched(self, name: str) -> Callable[[str, int], None]:
        def told(doing: str, rows: int) -> None:
            with self._lock:
                self._known[name] = (doing, rows)
                self._known.move_to_end(name)
                while len(self._known) > WATCHED_MAX:
                    self._known.popitem(last=False)

        return told if name else lambda *_: None

    def over(self, name: str) -> None:
        with self._lock:
            self._known.pop(name, None)

    def of(self, name: str) -> tuple[str, int]:
        with self._lock:
            return self._known.get(name, ("", 0))


_PROGRESS = _Progress()


@ROUTES.post(
    "/api/imports/<ident:kind>/preview",
    MANAGER,
    ImportPreview,
    "What a file would change; nothing is changed",
    query=PreviewQuery,
    upload=(CSV, XLSX),
    upload_max=FILE_MAX,
)
def preview_import(call: Call, data: bytes, query: PreviewQuery, kind: str) -> ImportPreview:
    """Needs no key: it only looks, and a repeat looks again."""
    _known(kind, KINDS)
    told, columns = _PROGRESS.watched(query.watch), _columns(query.columns)
    try:
        if kind == MEMBERS:
            return _people(call.shop, member_flow.preview(call.shop, data, told, columns))
        return _preview(call.shop, flow.preview(call.shop, kind, data, told, columns))
    finally:
        _PROGRESS.over(query.watch)


@ROUTES.post(
    "/api/imports/<ident:kind>",
    MANAGER,
    ImportResult,
    "Take the previewed file over; a repeat answers with the first result",
    query=TakeOverQuery,
    upload=(CSV, XLSX),
    upload_max=FILE_MAX,
    keyed=True,
)
def take_over_import(call: Call, data: bytes, query: TakeOverQuery, kind: str) -> ImportResult:
    _known(kind, KINDS)
    told = _PROGRESS.watched(query.watch)
    try:
        done = (_join if kind == MEMBERS else _take_over)(call, kind, data, query, told)
    finally:
        _PROGRESS.over(query.watch)
    call.box.wake_uplink()
    return done


@ROUTES.get("/api/imports/progress/<ident:watch>", MANAGER, ImportProgress, "How far a piece of work is")
def import_progress(call: Call, watch: str) -> ImportProgress:
    doing, rows = _PROGRESS.of(watch)
    return ImportProgress(doing=doing, rows=rows)


@ROUTES.get("/api/exports/<ident:kind>.csv", MANAGER, None, "Articles, prices or stock as CSV", media=CSV)
def export_file(call: Call, kind: str) -> Response:
    _known(kind, CATALOGUE_KINDS)
    return csv_file(f"{kind}-{call.shop.store_id}.csv", _lines(call.shop, kind))


@ROUTES.post(
    "/api/exports/members/csv",
    MANAGER,
    None,
    "All members as CSV, masked or in clear; a repeat gives another copy",
    body=ExportMembers,
    keyed=True,
    media=CSV,
)
def export_members_csv(call: Call, body: ExportMembers) -> Response:
    return csv_file(f"members-{call.shop.store_id}.csv", _members(call, body, "csv"))


@ROUTES.post(
    "/api/exports/members/xlsx",
    MANAGER,
    None,
    "The same for Excel; a repeat gives another copy",
    body=ExportMembers,
    keyed=True,
    media=XLSX,
)
def export_members_xlsx(call: Call, body: ExportMembers) -> Response:
    rows = _members(call, body, "xlsx")
    name = f"members-{call.shop.store_id}.xlsx"
    return xlsx_file(name, call.shop.store_name, rows, [0] * len(member_exports.HEADS), private=True)


def _members(call: Call, body: ExportMembers, form: str) -> list[tuple[str, ...]]:
    wish = Wish(form=form, clear=body.clear, reason=body.reason, approval=body.approval)
    rows = member_exports.export(call.shop, wish, operator_id=call.session.staff_id, request_id=call.key)
    call.box.wake_uplink()
    return rows


def _take_over(call: Call, kind: str, data: bytes, query: TakeOverQuery, told: flow.Told) -> ImportResult:
    done = flow.take_over(
        call.shop,
        kind,
        data,
        token=query.token,
        operator_id=call.session.staff_id,
        request_id=call.key,
        told=told,
        columns=_columns(query.columns),
    )
    return ImportResult(
        import_id=done.import_id,
        kind=cast(Kind, done.kind),
        rows=done.rows,
        created=done.created,
        changed=done.changed,
        unchanged=done.unchanged,
        document_id=done.document_id,
    )


def _join(call: Call, kind: str, data: bytes, query: TakeOverQuery, told: flow.Told) -> ImportResult:
    done = member_flow.take_over(
        call.shop,
        data,
        token=query.token,
        operator_id=call.session.staff_id,
        request_id=call.key,
        told=told,
        columns=_columns(query.columns),
    )
    return ImportResult(
        import_id=done.import_id,
        kind=cast(Kind, kind),
        rows=done.rows,
        created=done.joined,
        changed=done.given,
        unchanged=done.known,
        doubtful=done.doubtful,
        bad=done.bad,
        document_id="",
    )


def _columns(said: str) -> tuple[str, ...]:
    return tuple(said.split(",")) if said else ()


def _mapped(table: Table) -> dict[str, Any]:
    return {
        "columns": tuple(table.columns),
        "ignored": tuple(table.ignored),
        "heads": tuple(table.heads),
        "fields": tuple(table.fields),
        "choices": choices(table.kind),
        "missing": tuple(table.missing),
    }


def _known(kind: str, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise NotFound("no such kind of file", kind=kind)


def _preview(shop: Shop, seen: flow.Preview) -> ImportPreview:
    table, plan = seen.table, seen.plan
    return ImportPreview(
        kind=cast(Kind, table.kind),
        token="" if plan.bad_rows or table.missing else seen.token,
        encoding=table.encoding,
        separator={"\t": "tab"}.get(table.separator, table.separator),
        **_mapped(table),
        rows=len(table.rows) + table.bad_rows,
        created=len(plan.created),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        bad=plan.bad_rows,
        created_rows=tuple(
            CreatedRow(
                line=each.line,
                sku=each.sku,
                name=each.name,
                variant=each.variant,
                price=written(Money(each.price_minor, shop.currency)),
            )
            for each in plan.created[:SHOWN_MAX]
        ),
        changed_fields=tuple(
            ChangedField(
                line=each.line, sku=each.sku, name=each.name, field=each.field, old=each.old, new=each.new
            )
            for each in plan.changed[:SHOWN_MAX]
        ),
        bad_rows=_bad(plan.bad),
    )


def _people(shop: Shop, seen: member_flow.Preview) -> ImportPreview:
    table = seen.table
    shown: list[PersonRow] = []
    for state in (member_flow.DOUBTFUL, member_flow.NEW, member_flow.KNOWN):
        alike = [each for each in seen.people if each.state == state]
        shown += [_person(shop, each) for each in alike[:SHOWN_MAX]]
    return ImportPreview(
        kind="members",
        token="" if table.missing else seen.token,
        encoding=table.encoding,
        separator={"\t": "tab"}.get(table.separator, table.separator),
        **_mapped(table),
        rows=len(table.rows) + table.bad_rows,
        created=seen.count(member_flow.NEW),
        changed=sum(each.state == member_flow.KNOWN and bool(each.gets) for each in seen.people),
        unchanged=seen.count(member_flow.KNOWN),
        doubtful=seen.count(member_flow.DOUBTFUL),
        bad=table.bad_rows,
        created_rows=(),
        changed_fields=(),
        bad_rows=_bad(table.bad),
        brought=Brought(
            points=seen.opening.points,
            principal=written(Money(seen.opening.principal_minor, shop.currency)),
            bonus=written(Money(seen.opening.bonus_minor, shop.currency)),
            tiers=seen.opening.tiers,
        ),
        people=tuple(shown),
    )


def _person(shop: Shop, each: member_flow.Seen) -> PersonRow:
    """Masked for everybody: nobody needs more to compare a file with what it came from."""
    return PersonRow(
        line=each.line,
        state=cast(Literal["new", "known", "doubtful"], each.state),
        fields={field: masks.masked(field, text) for field, text in each.person.items() if field != NOTES},
        by=each.by,
        member_id=each.member_id,
        brings={
            field: written(Money(int(said), shop.currency)) if field in MONEY else said
            for field, said in each.gets.items()
        },
        brings_not=each.gets_not,
    )


def _bad(rows: Sequence[Bad]) -> tuple[BadRow, ...]:
    return tuple(
        BadRow(line=each.line, column=each.column, reason=each.reason, value=each.value, other=each.other)
        for each in rows[:SHOWN_MAX]
    )


def _lines(shop: Shop, kind: str) -> Iterator[tuple[Cell, ...]]:
    """Codes are written as texts that Excel would shorten otherwise; an import reads them back."""
    yield _HEADS[kind]
    for each in shelf.everything():
        gtin = each.gtin.removeprefix("0") if each.gtin else ""
        price = written(Money(each.price_minor, shop.currency)).replace(",", "")
        name = " ".join(part for part in (each.name, each.colour, each.size) if part)
        if kind == ARTICLES:
            yield (
                *(each.sku, each.style, each.name, each.category, each.colour, each.size, gtin, price),
                *(each.garment, each.swatch, "" if each.tax_bp is None else percent(each.tax_bp)),
            )
        elif kind == PRICES:
            yield (each.sku, gtin, name, price)
        elif each.on_hand is not None:
            yield (each.sku, gtin, name, each.on_hand)
