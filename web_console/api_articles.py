"""What the back office says of articles, and what it hears."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from web_console.api import Amount, Answer, Id, Request
from web_console.api_catalogue import CategoryView

Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S")]
Text = Annotated[str, Meta(max_length=30)]
Price = Annotated[int, Meta(ge=0, le=100_000_000, description="minor units, tax included")]
Rate = Annotated[int, Meta(ge=0, le=10_000, description="basis points of tax in the prices")]
Day = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


class Choices(Answer, frozen=True, kw_only=True):
    """What the form of a style chooses from."""

    categories: tuple[CategoryView, ...]
    decimals: int  # of the currency
    tax_bp: int  # the shop's rate
    tomorrow: str  # the first business day for which a price can be planned


class PlannedPrice(Answer, frozen=True, kw_only=True):
    since: str
    price: Amount


class OfficeVariant(Answer, frozen=True, kw_only=True):
    sku: str
    colour: str
    swatch: str
    size: str
    gtin: str
    price: Amount  # now, before any promotion
    planned: tuple[PlannedPrice, ...]


class OfficeStyle(Answer, frozen=True, kw_only=True):
    style: str
    name: str
    category: str
    garment: str
    tax_bp: int | None  # null: the shop's rate
    variants: tuple[OfficeVariant, ...]
    choices: Choices


class VariantIn(Request, frozen=True, kw_only=True):
    colour: Text
    size: Text
    gtin: Annotated[str, Meta(max_length=14, pattern="^[0-9]*$")] = ""
    swatch: Annotated[str, Meta(max_length=20, pattern="^[a-z]*$")] = ""


class NewStyleIn(Request, frozen=True, kw_only=True):
    style: Annotated[str, Meta(min_length=1, max_length=32, pattern="^[A-Za-z0-9_.:-]+$")]
    name: Name
    category: Id
    garment: Annotated[str, Meta(max_length=20, pattern="^[a-z]*$")] = ""
    price_minor: Price
    tax_bp: Rate | None = None  # null: the shop's rate
    variants: Annotated[tuple[VariantIn, ...], Meta(min_length=1, max_length=300)]


class PriceIn(Request, frozen=True, kw_only=True):
    sku: Id
    price_minor: Price


class StyleChangeIn(Request, frozen=True, kw_only=True):
    """The style as it shall be. Prices begin with the business day `from_day`, or at once."""

    name: Name
    category: Id
    garment: Annotated[str, Meta(max_length=20, pattern="^[a-z]*$")] = ""
    tax_bp: Rate | None = None  # null: the shop's rate
    prices: Annotated[tuple[PriceIn, ...], Meta(max_length=300)] = ()
    from_day: Day = ""


class StyleSaved(Answer, frozen=True, kw_only=True):
    style: str
    changes: int
