"""What the promotions' form is drawn from, what it sends, and what it hears."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from services.domain.offers import Terms
from web_console.api import Amount, Answer, Id, Request
from web_console.api_catalogue import CategoryView

Label = Annotated[str, Meta(min_length=1, max_length=60)]


class InputView(Answer, frozen=True, kw_only=True):
    """One input of the form. "rows" and "fields" have inputs of their own."""

    key: str
    label_zh: str
    label_en: str
    unit: str
    minimum: int
    maximum: int  # 0 with minimum 0: no bounds
    required: bool
    value: Any  # before anybody has typed
    choices: tuple[str, ...]
    inputs: tuple[InputView, ...]


class KindView(Answer, frozen=True, kw_only=True):
    key: str
    label_zh: str
    label_en: str
    layers: tuple[int, ...]
    inputs: tuple[InputView, ...]


class SampleLine(Answer, frozen=True, kw_only=True):
    sku: str
    name: str
    variant: str
    garment: str
    swatch: str


class FormView(Answer, frozen=True, kw_only=True):
    """Everything the form needs to be drawn."""

    kinds: tuple[KindView, ...]
    terms: tuple[InputView, ...]
    categories: tuple[CategoryView, ...]
    decimals: int  # of the currency
    sample: tuple[SampleLine, ...]  # something to try a promotion on
    today: str


class DraftIn(Request, frozen=True, kw_only=True):
    promotion_id: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""
    kind: Id
    layer: Annotated[int, Meta(ge=1, le=6)]
    label_zh: Label
    label_en: Label
    terms: Terms = msgspec.field(default_factory=Terms)
    params: dict[str, Any]


class SampleIn(Request, frozen=True, kw_only=True):
    sku: Id
    quantity: Annotated[int, Meta(ge=1, le=99)]


class TryOut(Request, frozen=True, kw_only=True):
    draft: DraftIn
    sample: Annotated[tuple[SampleIn, ...], Meta(max_length=30)]


class TriedLine(Answer, frozen=True, kw_only=True):
    sku: str
    name: str
    variant: str
    garment: str
    swatch: str
    quantity: int
    was: Amount
    net: Amount
    cheaper: bool


class TriedOffer(Answer, frozen=True, kw_only=True):
    """What one promotion came to. `code` says why it gave nothing."""

    label: str
    mine: bool  # the draft itself
    applied: bool
    amount: Amount
    code: str
    needed: str  # "¥900.00", "3"
    have: str
    winner: str  # what was taken instead


class NearestView(Answer, frozen=True, kw_only=True):
    label: str
    missing: str
    unit: str
    saves: Amount


class TriedView(Answer, frozen=True, kw_only=True):
    lines: tuple[TriedLine, ...]
    gross: Amount
    total: Amount
    offers: tuple[TriedOffer, ...]  # the draft first
    nearest: NearestView | None


class LookBack(Answer, frozen=True, kw_only=True):
    """What a draft alone would have given on the newest sales of so many days."""

    days: int
    sales: int
    reduced: int
    given: Amount
    near: int  # lacked little to the threshold


class PromotionRow(Answer, frozen=True, kw_only=True):
    promotion_id: str
    version: int
    kind: str
    label: str
    state: Literal["live", "planned", "ended", "withdrawn"]
    from_day: str
    to_day: str
    used: int
    spent: Amount


class PromotionVersion(Answer, frozen=True, kw_only=True):
    version: int
    label: str
    since: str
    until: str  # "" while it stands


class PromotionView(Answer, frozen=True, kw_only=True):
    row: PromotionRow
    draft: dict[str, Any]  # as the form sends it
    versions: tuple[PromotionVersion, ...]
