"""Lets a request through to its view: our own page, signed on, the right role, the right form."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Request

from services.domain import masks
from services.domain.errors import BadRequest, Forbidden, NotFound
from services.flows.shop import Shop
from services.store.staff import Session
from web_console.api import Nothing
from web_console.box import Box
from web_console.live import Live
from web_console.routes import Route
from web_console.sessions import Sessions
from web_console.settings import WebSettings

LANGUAGES = ("zh", "en")  # the first one is for everybody whose browser asks for neither
KEY_FORM = re.compile(r"[A-Za-z0-9_.:-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Console:
    """What every view may use."""

    shop: Shop
    box: Box
    live: Live
    settings: WebSettings
    sessions: Sessions


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was let through."""

    console: Console
    request: Request
    signed_on: Session | None  # None only on routes that need nobody
    key: str  # the Idempotency-Key; "" where the route needs none

    @property
    def language(self) -> str:
        """Of the page that asks: the chosen one, or the browser's."""
        chosen = self.request.cookies.get("lang", "")
        if chosen in LANGUAGES:
            return chosen
        return self.request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]

    @property
    def shop(self) -> Shop:
        return self.console.shop

    @property
    def box(self) -> Box:
        return self.console.box

    @property
    def live(self) -> Live:
        return self.console.live

    @property
    def session(self) -> Session:
        assert self.signed_on is not None, self.request.path
        return self.signed_on

    @property
    def till(self) -> str:
        return self.session.till


def admit(console: Console, route: Route, request: Request) -> Call:
    """Check who asks and from where, before a byte of the body is read.

    Raises NotFound (no twins here), Forbidden (foreign page, wrong role, no token), NotSignedIn,
    BadRequest (no key).
    """
    if route.access.twins and console.box.twins is None:
        raise NotFound("there is no such page")
    if not route.safe:
        _check_origin(console.settings, route, request)
    session = console.sessions.use(request) if route.access.roles else None
    if session is not None:
        if session.role not in route.access.roles:
            raise Forbidden("this role may not do this", role=session.role)
        if not route.safe and not _same(request.headers.get("X-CSRF-Token", ""), session.csrf):
            raise Forbidden("the request did not come from our own page")
    key = request.headers.get("Idempotency-Key", "")
    if route.keyed and not KEY_FORM.fullmatch(key):
        raise BadRequest("header Idempotency-Key: 8 to 64 of A-Z a-z 0-9 _ . : -")
    return Call(console, request, session, key if route.keyed else "")


def read(route: Route, request: Request) -> list[Any]:
    """Body and query as declared, for the view. Raises BadRequest for any other form."""
    values: list[Any] = []
    if route.upload_max:
        values.append(_upload(route, request))
    elif route.body is not None:
        body = _body(route.body, request)
        if route.body is not Nothing:
            values.append(body)
    if route.query is not None:
        values.append(_query(route.query, request))
    return values


def _check_origin(settings: WebSettings, route: Route, request: Request) -> None:
    """An unsafe request comes from a page of this very host.

    Browsers say so in Sec-Fetch-Site or Origin. A program that says neither may go on where a session's
    token proves it; where there is no session it has to name the origin.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    scheme = "https" if settings.https else "http"
    if site is not None and site != "same-origin":
        raise Forbidden("the request came from another site")
    if origin is not None and origin != f"{scheme}://{request.host}":
        raise Forbidden("the request came from another origin")
    browser = request.headers.get("User-Agent", "").startswith("Mozilla/")
    if site is None and origin is None and (browser or not route.access.roles):
        raise Forbidden("the request does not say where it comes from")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _body(wanted: Any, request: Request) -> Any:
    data = request.get_data(cache=False)
    if not data and wanted is Nothing:
        return Nothing()
    if request.mimetype != "application/json":
        raise BadRequest("the body must be application/json")
    try:
        body = msgspec.json.decode(data, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(str(error)) from error
    said = {name: masks.said(text) for name in wanted.typed if (text := getattr(body, name, ""))}
    return msgspec.structs.replace(body, **said) if said else body


def _upload(route: Route, request: Request) -> bytes:
    """The file as it is. A page names its type, so that no form of another site can send one."""
    if request.mimetype not in route.upload:
        raise BadRequest(f"the body must be {' or '.join(route.upload)}")
    request.max_content_length = route.upload_max
    return request.get_data(cache=False)


def _query(wanted: Any, request: Request) -> Any:
    given = request.args.to_dict(flat=False)
    repeated = [name for name, values in given.items() if len(values) > 1]
    if repeated:
        raise BadRequest("a query value is given twice", name=repeated[0])
    flat = {name: values[0] for name, values in given.items()}
    try:
        return msgspec.convert(flat, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)) from error
