"""Price and hang-tag labels: what is asked for becomes jobs of the till's label printer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.domain import labels as layout
from services.domain import stock as rules
from services.domain.errors import CodeUnknown, DeviceAbsent, NotFound, TooLarge
from services.domain.labels import Label, Layout, Sheet, Stock
from services.domain.receipt import Paper
from services.flows import stock as documents
from services.flows.shop import Shop
from services.store import catalogue, db, jobs, prices, requests, stock
from services.store.jobs import Job

GROUP = "label-"  # how the ids of all label jobs begin

_read = msgspec.json.Decoder(Sheet).decode


def print_labels(
    shop: Shop,
    till: str,
    wanted: Sequence[tuple[str, int]],
    *,
    form: Layout,
    stock_key: str,
    request_id: str,
) -> list[Job]:
    """Queue labels: `wanted` are (sku, copies), in this order. A repeat gives the first jobs.

    What they say is fixed now: a price that changes later is another label. Raises DeviceAbsent, NotFound
    for a stock the shop does not have, CodeUnknown for an article it does not have, TooLarge.
    """
    asked = requests.fingerprint("labels", till, form, stock_key, [list(each) for each in wanted])
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return jobs.of_sale(done)
        if till not in shop.label_printers:
            raise DeviceAbsent("this till has no printer for labels", till=till)
        if not 0 < sum(copies for _, copies in wanted) <= layout.PIECES_MAX:
            raise TooLarge("so many labels at once", pieces_max=layout.PIECES_MAX)
        group = f"{GROUP}{shop.new_id()}"
        now_ms = shop.now_ms()
        whole = _sheet(shop, wanted, form, stock_key, now_ms)
        for n, sheet in enumerate(layout.sheets(whole), 1):
            text = msgspec.json.encode(sheet).decode()
            jobs.add(f"{group}.{n:03d}", till, jobs.LABEL, "", 0, now_ms, document=text)
        requests.remember(request_id, asked, group, now_ms)
    return jobs.of_sale(group)


def preview(shop: Shop, sku: str, *, form: Layout, stock_key: str) -> Paper:
    """One label of an article as it would be printed now. Raises NotFound, CodeUnknown."""
    sheet = _sheet(shop, [(sku, 1)], form, stock_key, shop.now_ms())
    return layout.ops(sheet)


def progress(group: str) -> list[Job]:
    """The jobs of one request for labels, those printed again with them. Raises NotFound."""
    found = jobs.of_sale(group) if group.startswith(GROUP) else []
    if not found:
        raise NotFound("no labels were asked for under this name", group=group)
    return found


def of_document(document_id: str) -> list[tuple[str, int]]:
    """(sku, copies) for what a stock document brought in, or found on the shelf. Raises DocumentUnknown."""
    document = documents.find(document_id)
    found = document.kind == rules.COUNTED
    pieces = ((line.sku, line.found if found else line.quantity) for line in stock.lines_of(document_id))
    return [(sku, count) for sku, count in pieces if count > 0]


def paper(job: Job) -> Paper:
    """What a label job prints."""
    return layout.ops(_read(job.document))


def pieces(job: Job) -> int:
    """How many labels a job prints."""
    return sum(label.copies for label in _read(job.document).labels)


def _sheet(
    shop: Shop, wanted: Sequence[tuple[str, int]], form: Layout, stock_key: str, now_ms: int
) -> Sheet:
    return Sheet(
        layout=form,
        stock=_stock(shop, stock_key),
        store_name=shop.store_name,
        language=shop.printing.language,
        labels=tuple(_labels(shop, wanted, now_ms)),
    )


def _stock(shop: Shop, key: str) -> Stock:
    for each in shop.printing.stocks:
        if each.key == key:
            return each
    raise NotFound("no such label stock", stock=key)


def _labels(shop: Shop, wanted: Sequence[tuple[str, int]], now_ms: int) -> list[Label]:
    articles = catalogue.by_skus(sku for sku, _ in wanted)
    planned = prices.standing(articles, now_ms)  # what the till would charge now
    unknown = next((sku for sku, _ in wanted if sku not in articles), None)
    if unknown is not None:
        raise CodeUnknown("no article has this number", code=unknown)
    return [
        Label(
            sku=sku,
            style=articles[sku].style,
            name=articles[sku].name,
            variant=articles[sku].variant,
            price_minor=planned.get(sku, articles[sku].price_minor),
            currency=shop.currency,
            gtin=articles[sku].gtin,
            copies=copies,
        )
        for sku, copies in wanted
    ]
