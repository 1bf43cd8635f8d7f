"""Taking over a file of articles, prices or stock: look first, then all of it or nothing.

A file of stock is undone by taking its count back. Articles and prices have no way back of their own: who
wants one exports them first, and that file brings everything it names back to what it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from services.domain import stock as rules
from services.domain.errors import ImportRefused, ImportStale, ImportUnreadable
from services.domain.events import CatalogueImported
from services.domain.import_plan import Plan, plan
from services.domain.imports import Table
from services.domain.stock import Line
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stock import document_of, tell
from services.store import db, imports, prices, requests, stock

BY_FILE = "import"  # the source of the counted event
READING, COMPARING, WRITING = "reading", "comparing", "writing"

Told = Callable[[str, int], None]  # (what is being done, rows so far)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change, and the token that stands for exactly this file and this catalogue."""

    table: Table
    plan: Plan
    token: str


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has changed."""

    import_id: str
    kind: str
    rows: int
    created: int
    changed: int
    unchanged: int
    document_id: str  # of the count that a stock file becomes; "" for none


def preview(
    shop: Shop, kind: str, data: bytes, told: Told = lambda *_: None, columns: Sequence[str] = ()
) -> Preview:
    """Look at a file; nothing changes. `columns` says what each column is, "" for nothing; without it their
    heads do. Raises ImportUnreadable."""
    table, snapshot, made = _looked_at(shop, kind, data, told, columns)
    return Preview(table, made, _token(kind, data, snapshot.version, columns))


def take_over(
    shop: Shop,
    kind: str,
    data: bytes,
    *,
    token: str,
    operator_id: str,
    request_id: str,
    told: Told = lambda *_: None,
    columns: Sequence[str] = (),
) -> Imported:
    """Carry out what the preview with this `token` has shown, in one transaction.

    A file of stock says how many pieces there are from this moment on. A repeat of `request_id` answers
    with the first result. Raises ImportUnreadable, ImportRefused while a row is bad, and ImportStale for
    another file or after the catalogue has changed.
    """
    asked = requests.fingerprint("import", kind, hashlib.sha256(data).hexdigest(), token)
    if (done := requests.answer(request_id, asked)) is not None:
        return msgspec.json.decode(done, type=Imported)
    table, snapshot, made = _looked_at(shop, kind, data, told, columns)
    check_columns(table)
    if token != _token(kind, data, snapshot.version, columns):
        raise ImportStale("this is not what the preview has shown")
    if made.bad_rows:
        raise ImportRefused("rows of the file cannot be imported", bad_rows=made.bad_rows)
    told(WRITING, len(table.rows))
    import_id = shop.new_id()
    result = Imported(
        import_id=import_id,
        kind=kind,
        rows=len(table.rows),
        created=len(made.created),
        changed=len(made.changed),
        unchanged=made.unchanged,
        document_id=f"{import_id}.stock" if made.stock else "",
    )
    answer = msgspec.json.encode(result).decode()
    with db.write():
        if (done := requests.claim(request_id, asked, answer, shop.now_ms())) is not None:
            return msgspec.json.decode(done, type=Imported)
        if imports.version() != snapshot.version:
            raise ImportStale("the catalogue has changed since the preview")
        imports.put_styles(made.styles.values())
        imports.put_articles(made.articles.values())
        prices.end(made.articles, shop.now_ms())  # a file's prices count from now on
        if made.stock:
            _count(shop, result.document_id, made.stock, operator_id)
        event = CatalogueImported(
            import_id=import_id,
            kind=kind,
            file_sha256=hashlib.sha256(data).hexdigest(),
            rows=result.rows,
            created=result.created,
            changed=result.changed,
            unchanged=result.unchanged,
            operator_id=operator_id,
        )
        record(shop, event, shop.now_ms())
    return result


def check_columns(table: Table) -> None:
    """Raises ImportUnreadable (details.missing) for a file that does not say what its rows are about."""
    if table.missing:
        raise ImportUnreadable(
            "columns are missing", reason="columns_missing", line=1, missing=table.missing
        )


def _looked_at(
    shop: Shop, kind: str, data: bytes, told: Told, columns: Sequence[str]
) -> tuple[Table, imports.Snapshot, Plan]:
    told(READING, 0)
    table = shop.read_sheet(data, kind, lambda rows: told(READING, rows), columns)
    told(COMPARING, len(table.rows))
    snapshot = imports.snapshot()
    return table, snapshot, plan(table, snapshot.held, shop.currency)


def _token(kind: str, data: bytes, version: str, columns: Sequence[str]) -> str:
    said = f"{kind} {hashlib.sha256(data).hexdigest()} {version} {','.join(columns)}"
    return hashlib.sha256(said.encode()).hexdigest()


def _count(shop: Shop, document_id: str, pieces: dict[str, int], operator_id: str) -> None:
    """The file as a count of its articles: what it says is on hand from now on."""
    held = stock.on_hand(pieces)
    lines = [rules.counted(Line(sku, 0, held.get(sku, 0), found)) for sku, found in pieces.items()]
    document = document_of(shop, document_id, rules.COUNTED, operator_id, reason=BY_FILE)
    stock.create(document, lines)
    stock.add(lines)
    tell(shop, document, lines)
