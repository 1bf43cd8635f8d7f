"""What the back office says and hears of imported and exported files."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Answer, Id, Request

Kind = Literal["articles", "prices", "stock"]
Watch = Annotated[str, Meta(pattern="^[A-Za-z0-9]{0,64}$")]


class PreviewQuery(Request, frozen=True, kw_only=True):
    watch: Watch = ""  # a name of the page's own, under which it asks how far the work is


class TakeOverQuery(Request, frozen=True, kw_only=True):
    token: Id  # the preview's
    watch: Watch = ""


class BadRow(Answer, frozen=True, kw_only=True):
    """`reason`: a code; the pages have the words of import.bad.<reason>."""

    line: int
    column: str
    reason: str
    value: str
    other: str


class CreatedRow(Answer, frozen=True, kw_only=True):
    line: int
    sku: str
    name: str
    variant: str
    price: str


class ChangedField(Answer, frozen=True, kw_only=True):
    line: int
    sku: str
    name: str
    field: str
    old: str
    new: str


class ImportPreview(Answer, frozen=True, kw_only=True):
    """Everything is counted; of each list the first 200 are shown."""

    kind: Kind
    token: str  # "" while a row is bad: then there is nothing to confirm
    encoding: str
    separator: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: int
    created: int
    changed: int
    unchanged: int
    bad: int
    created_rows: tuple[CreatedRow, ...]
    changed_fields: tuple[ChangedField, ...]
    bad_rows: tuple[BadRow, ...]


class ImportResult(Answer, frozen=True, kw_only=True):
    import_id: str
    kind: Kind
    rows: int
    created: int
    changed: int
    unchanged: int
    document_id: str  # the count a stock file has become; taking it back undoes the import


class ImportProgress(Answer, frozen=True, kw_only=True):
    """`doing`: "" for work that is unknown or over, reading, comparing, writing."""

    doing: str
    rows: int
