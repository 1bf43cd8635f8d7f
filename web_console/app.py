"""The WSGI application: every declared route behind the same gate, every error in the same shape."""

from __future__ import annotations

import logging
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, Map, Rule

from services.domain.errors import ShopError
from services.flows.shop import Shop
from web_console import sections
from web_console.answers import answered, problem, refused
from web_console.assets import Assets
from web_console.box import Box
from web_console.gate import Console, admit, read
from web_console.live import Live
from web_console.routes import JSON, Route, declared
from web_console.sessions import Sessions
from web_console.settings import WebSettings

__all__ = ["WebSettings", "create_app"]

LOG = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


class _Identifier(BaseConverter):
    """The ids we make ourselves; anything else in a path is not found."""

    regex = "[A-Za-z0-9_.:-]{1,80}"


class _Request(Request):
    max_form_parts = 0  # nothing here is a form
    max_form_memory_size = 0


def create_app(shop: Shop, box: Box, live: Live, settings: WebSettings) -> Flask:
    """The web console. Raises ValueError when it does not know which hosts to answer to."""
    if not settings.trusted_hosts:
        raise ValueError("web.trusted_hosts: at least one name or address is needed")
    app = Flask("web_console", root_path=str(Path(__file__).parent), static_folder=None)
    app.request_class = _Request
    app.config.update(
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        MAX_CONTENT_LENGTH=settings.body_max,
        PROPAGATE_EXCEPTIONS=False,
    )
    assets, routes = _assets(), declared()
    app.extensions.update(
        assets=assets, words=assets.words(), routes=routes, sections=sections.listed(assets)
    )
    app.jinja_env.autoescape = True
    console = Console(shop, box, live, settings, Sessions(shop, settings))
    app.url_map = _paths()
    app.view_functions = {_endpoint(route): partial(_serve, console, route) for route in routes}
    app.register_error_handler(ShopError, refused)
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_harden)
    return app


# What every app of a process has in common and never changes: bundling and compiling take longest.


@cache
def _assets() -> Assets:
    return Assets(Path(__file__).parent / "static")


@cache
def _paths() -> Map:
    rules = [Rule(route.path, endpoint=_endpoint(route), methods=[route.method]) for route in declared()]
    return Map(rules, strict_slashes=False, merge_slashes=False, converters={"ident": _Identifier})


def _endpoint(route: Route) -> str:
    return f"{route.method} {route.path}"


def _serve(console: Console, route: Route, **path: Any) -> Response:
    call = admit(console, route, request)
    result = route.view(call, *read(route, request), **path)
    if isinstance(result, Response):
        return result
    value, status = result if _has_status(result) else (result, 200)
    return answered(value, status)


def _has_status(result: object) -> bool:
    return isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], int)


def _refused_by_flask(error: HTTPException) -> Response:
    status = error.code or 500
    response = problem(status, CODES.get(status, "bad_request"), error.description or error.name)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unexpected(error: Exception) -> Response:
    """The one place that meets what nobody foresaw: it is logged with its trace, and says nothing."""
    LOG.error("%s %r failed", request.method, request.path, exc_info=error)
    return problem(500, "unexpected", "the gateway has failed; the failure is in its log")


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if response.mimetype == JSON:
        response.headers["Content-Type"] = JSON
    return response
