"""The four pages and what they are made of."""

from __future__ import annotations

import gzip
from typing import Any

from flask import Response, current_app, redirect, render_template
from markupsafe import Markup

from services.domain.errors import NotFound
from web_console.assets import Assets
from web_console.gate import Call
from web_console.routes import ANY, HTML, OPEN, TWINS, Routes
from web_console.sections import Section

ROUTES = Routes()

FOREVER_S = 31_536_000


@ROUTES.get("/", OPEN, None, "To the first till", answers={302: None}, media=HTML)
def show_start(call: Call) -> Response:
    response = redirect(f"/till/{call.shop.tills[0]}", Response=Response)
    assert isinstance(response, Response)
    return response


@ROUTES.get("/till/<ident:till>", OPEN, None, "The till's page", media=HTML)
def show_till(call: Call, till: str) -> Response:
    if till not in call.shop.tills:
        raise NotFound("there is no such till", till=till)
    return _page(call, "till.html", till)


@ROUTES.get("/counter", TWINS, None, "The page of the software twins", media=HTML)
def show_counter_page(call: Call) -> Response:
    return _page(call, "counter.html", call.shop.tills[0])


@ROUTES.get("/technician", OPEN, None, "The technician's page", media=HTML)
def show_technician_page(call: Call) -> Response:
    return _page(call, "technician.html", call.shop.tills[0])


@ROUTES.get("/office", OPEN, None, "The back office", media=HTML)
def show_office_page(call: Call) -> Response:
    sections: tuple[Section, ...] = current_app.extensions["sections"]
    return _page(call, "office.html", call.shop.tills[0], sections=sections)


@ROUTES.get("/static/<ident:version>/<path:name>", OPEN, None, "A script, style or word list", media=ANY)
def show_asset(call: Call, version: str, name: str) -> Response:
    assets = _assets()
    asset = assets.find(name)
    if asset is None:
        raise NotFound("there is no such file")
    packed = bool(asset.packed) and call.request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if packed else asset.data, mimetype=asset.media)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    # A page from before an update still asks for the old version: it gets the new file, but not to keep.
    lasting = f"public, max-age={FOREVER_S}, immutable" if version == assets.version else "no-store"
    response.headers["Cache-Control"] = lasting
    return response


def _assets() -> Assets:
    assets = current_app.extensions["assets"]
    assert isinstance(assets, Assets)
    return assets


def _page(call: Call, template: str, till: str, **more: Any) -> Response:
    lang = call.language
    text = render_template(
        template,
        lang=lang,
        w=current_app.extensions["words"].get(lang, {}),
        asset=_assets().url,
        # An id of its own kind: #menu is a button of the page, #icon-menu what is drawn on it.
        icons=Markup(_assets().text("icons.svg").replace('<symbol id="', '<symbol id="icon-')),
        mark=_assets().text("mark.svg"),
        till=till,
        tills=call.shop.tills,
        store_name=call.shop.store_name,
        twins=call.box.twins is not None,
        **more,
    )
    response = Response(text, mimetype=HTML)
    response.headers["Vary"] = "Accept-Encoding, Accept-Language, Cookie"
    if call.request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
