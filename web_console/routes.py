"""Routes as declarations: who may call, what goes in, what comes out. Checks and OpenAPI follow."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from web_console.api import Nothing

JSON, HTML, SVG, EVENTS, ANY = (
    "application/json",
    "text/html",
    "image/svg+xml",
    "text/event-stream",
    "application/octet-stream",
)
View = Callable[..., Any]
Declare = Callable[[View], View]
SAFE_METHODS = frozenset(("GET", "HEAD"))


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route. Without roles nobody needs to be signed on."""

    name: str
    roles: frozenset[str] = frozenset()
    twins: bool = False  # only there while the devices are software twins


OPEN = Access("open")
TWINS = Access("twins", twins=True)
TILL = Access("till", frozenset(("cashier", "manager")))
MANAGER = Access("manager", frozenset(("manager",)))
TECHNICIAN = Access("technician", frozenset(("manager", "technician")))
SIGNED_ON = Access("signed on", TILL.roles | TECHNICIAN.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. `view` gets the call, then body and query where declared, then the path's
    own values by name; it returns an answer, or (answer, status), or a whole response."""

    method: str
    path: str  # Flask's spelling: "/api/till/lines/<int:line_id>"
    access: Access
    summary: str
    answers: Mapping[int, Any]  # status -> type; None where there is no JSON body
    body: Any = None
    query: Any = None
    keyed: bool = False  # needs an Idempotency-Key header
    upload_max: int = 0  # bytes of the file that is the body, of a type in `upload`; 0: there is none
    upload: tuple[str, ...] = ()
    media: str = JSON
    view: View

    @property
    def safe(self) -> bool:
        return self.method in SAFE_METHODS

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def template(self) -> str:
        """The path as OpenAPI spells it."""
        return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", self.path)


class Routes:
    """The routes of one file, in the order they are declared."""

    def __init__(self) -> None:
        self.declared: list[Route] = []

    def get(self, path: str, access: Access, answer: Any, summary: str, **more: Any) -> Declare:
        return self._declare("GET", path, access, answer, summary, more)

    def post(self, path: str, access: Access, answer: Any, summary: str, **more: Any) -> Declare:
        return self._declare("POST", path, access, answer, summary, {"body": Nothing, **more})

    def put(self, path: str, access: Access, answer: Any, summary: str, **more: Any) -> Declare:
        return self._declare("PUT", path, access, answer, summary, {"body": Nothing, **more})

    def delete(self, path: str, access: Access, answer: Any, summary: str, **more: Any) -> Declare:
        return self._declare("DELETE", path, access, answer, summary, {"body": Nothing, **more})

    def _declare(
        self, method: str, path: str, access: Access, answer: Any, summary: str, more: dict[str, Any]
    ) -> Declare:
        status = HTTPStatus.OK if answer is not None or "media" in more else HTTPStatus.NO_CONTENT
        answers = more.pop("answers", {int(status): answer})

        def keep(view: View) -> View:
            self.declared.append(
                Route(
                    method=method,
                    path=path,
                    access=access,
                    summary=summary,
                    answers=answers,
                    view=view,
                    **more,
                )
            )
            return view

        return keep


def declared() -> tuple[Route, ...]:
    """The routes of every module of the console that declares some, module by module in their order."""
    import web_console

    found = sorted(module.name for module in pkgutil.iter_modules(web_console.__path__))
    modules = (importlib.import_module(f"web_console.{name}") for name in found)
    return tuple(
        route
        for module in modules
        if isinstance(routes := getattr(module, "ROUTES", None), Routes)
        for route in routes.declared
    )
