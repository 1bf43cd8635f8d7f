"""The catalogue as the pages see it: tabs, tiles, styles with their variants."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import (
    Amount,
    Answer,
    Request,
)

StockLevel = Literal["", "fine", "low", "out"]  # "" where the shop keeps no stock of it


class CategoryView(Answer, frozen=True, kw_only=True):
    key: str
    name: str


class CatalogueQuery(Request, frozen=True, kw_only=True):
    """`q` searches everything, `category` narrows; both empty give the best sellers first."""

    category: Annotated[str, Meta(max_length=64, pattern="^[A-Za-z0-9_.:-]*$")] = ""
    q: Annotated[str, Meta(max_length=64)] = ""
    after: Annotated[str, Meta(max_length=9, pattern="^[0-9]*$")] = ""  # a page's `next`


class StyleTile(Answer, frozen=True, kw_only=True):
    style: str  # style number
    name: str
    category: str
    garment: str
    swatch: str
    colours: int
    sizes: str  # "S–XL"
    price: Amount  # the lowest of its variants
    only_sku: str = ""  # set when there is just one variant: a tap adds it at once
    stock: StockLevel = ""
    pieces: int = 0  # on hand in this store, all variants together


class CataloguePage(Answer, frozen=True, kw_only=True):
    tiles: tuple[StyleTile, ...]
    next: str = ""  # pass as `after` for the next page; empty at the end


class VariantView(Answer, frozen=True, kw_only=True):
    sku: str
    colour: str
    swatch: str
    size: str
    gtin: str
    price: Amount
    stock: StockLevel = ""
    pieces: int = 0  # on hand in this store; below zero: sold before it was entered


class StyleView(Answer, frozen=True, kw_only=True):
    style: str
    name: str
    garment: str
    variants: tuple[VariantView, ...]  # in the order of colour, then size


class ProposalView(Answer, frozen=True, kw_only=True):
    """`together`: it is often sold with `beside`, a style in the bag. `liked`: of a category they like.
    `size` is the one they usually take, and is there; empty where it is not known."""

    tile: StyleTile
    reason: Literal["together", "liked"]
    beside: str = ""
    size: str = ""
