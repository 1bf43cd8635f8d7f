"""What the back office says and hears of imported and exported files."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from services.flows.approvals import Approval, Reason
from web_console.api import Answer, Id, Request

Kind = Literal["articles", "prices", "stock", "members"]
Watch = Annotated[str, Meta(pattern="^[A-Za-z0-9]{0,64}$")]


# What each column of the file is, in their order, "" for nothing; none at all: as their heads say.
Columns = Annotated[str, Meta(pattern="^[a-z_,]{0,900}$")]


class PreviewQuery(Request, frozen=True, kw_only=True):
    columns: Columns = ""
    watch: Watch = ""  # a name of the page's own, under which it asks how far the work is


class TakeOverQuery(Request, frozen=True, kw_only=True):
    token: Id  # the preview's
    columns: Columns = ""  # as previewed
    watch: Watch = ""


class ExportMembers(Request, frozen=True, kw_only=True):
    """`clear`: unmasked, which needs the right to see hidden data too."""

    reason: Reason
    clear: bool = False
    approval: Approval | None = None


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


class PersonRow(Answer, frozen=True, kw_only=True):
    """A row of members, masked. `by`: the fields that a known, or perhaps known, member has too."""

    line: int
    state: Literal["new", "known", "doubtful"]
    fields: dict[str, str]
    by: tuple[str, ...]
    member_id: str
    brings: dict[str, str]  # points, stored value and a tier from before, that become theirs now
    brings_not: dict[str, str]  # of a known one: what does not, and why: "had", "limit", "lower"


class Brought(Answer, frozen=True, kw_only=True):
    """What the members of a file bring along, and have from then on."""

    points: int
    principal: str
    bonus: str
    tiers: int  # members who have one


class ImportPreview(Answer, frozen=True, kw_only=True):
    """Everything is counted; of each list the first 200 are shown."""

    kind: Kind
    token: str  # "" while a row is bad: then there is nothing to confirm. Members leave bad rows out
    encoding: str
    separator: str
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    heads: tuple[str, ...]  # the first row of the file
    fields: tuple[str, ...]  # what each of its columns is taken for, "" for nothing
    choices: tuple[str, ...]  # what one may be
    missing: tuple[str, ...]  # without these no row was read
    rows: int
    created: int
    changed: int
    unchanged: int
    doubtful: int = 0  # members only: left out, as bad rows are
    bad: int
    created_rows: tuple[CreatedRow, ...]
    changed_fields: tuple[ChangedField, ...]
    bad_rows: tuple[BadRow, ...]
    brought: Brought | None = None  # members only
    people: tuple[PersonRow, ...] = ()  # members only: the first 200 of each state


class ImportResult(Answer, frozen=True, kw_only=True):
    import_id: str
    kind: Kind
    rows: int
    created: int
    changed: int
    unchanged: int
    doubtful: int = 0
    bad: int = 0
    document_id: str  # the count a stock file has become; taking it back undoes the import


class ImportProgress(Answer, frozen=True, kw_only=True):
    """`doing`: "" for work that is unknown or over, reading, comparing, writing."""

    doing: str
    rows: int
