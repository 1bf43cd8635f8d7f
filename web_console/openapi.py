"""The OpenAPI document, generated from the routes and the types they are declared with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec
from flask import current_app

from web_console.api import Nothing, Problem
from web_console.gate import KEY_FORM, Call
from web_console.routes import JSON, OPEN, Route, Routes

ROUTES = Routes()

VERSION = "1.0.0"
_DESCRIBED: dict[str, Any] = {}  # made when it is first asked for
REFERENCE = "#/components/schemas/{name}"


@ROUTES.get("/api/openapi.json", OPEN, dict[str, Any], "This document")
def describe(call: Call) -> dict[str, Any]:
    if not _DESCRIBED:
        _DESCRIBED.update(document(current_app.extensions["routes"]))
    return _DESCRIBED


def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """The description of `routes`, as OpenAPI 3.1."""
    from apispec import APISpec

    spec = APISpec(title="Store Gateway", version=VERSION, openapi_version="3.1.0")
    schemas, components = _schemas(routes)
    for name, schema in components.items():
        spec.components.schema(name, schema)
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "session"})
    spec.components.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"})
    for route in routes:
        spec.path(path=route.template, operations={route.method.lower(): _operation(route, schemas)})
    return msgspec.json.decode(msgspec.json.encode(spec.to_dict()), type=dict[str, Any])


def _schemas(routes: Iterable[Route]) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """(type -> its schema, name -> component) of everything the routes name."""
    types: dict[Any, None] = {Problem: None}
    for route in routes:
        for kind in (route.body, route.query, *route.answers.values()):
            if kind is not None and kind is not Nothing and kind is not route.query:
                types[kind] = None
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    return dict(zip(types, schemas, strict=True)), components


def _operation(route: Route, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": {
            **{str(status): _answer(route, status, schemas) for status in route.answers},
            "default": {
                "description": "Refused",
                "content": {JSON: {"schema": schemas[Problem]}},
            },
        },
        "security": _security(route),
    }
    if route.upload_max:
        schema = {"type": "string", "maxLength": route.upload_max}
        content = {each: {"schema": schema} for each in route.upload}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.body is not None and route.body is not Nothing:
        content = {JSON: {"schema": schemas[route.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    if route.access.roles:
        operation["description"] = f"For {', '.join(sorted(route.access.roles))}."
    elif route.access.twins:
        operation["description"] = "Only while the devices are software twins."
    return operation


def _answer(route: Route, status: int, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    kind = route.answers[status]
    if kind is not None:
        answer["content"] = {route.media: {"schema": schemas[kind]}}
    elif status == HTTPStatus.OK:
        answer["content"] = {route.media: {"schema": {"type": "string"}}}
    return answer


def _security(route: Route) -> list[dict[str, list[str]]]:
    if not route.access.roles:
        return []
    return [{"session": []}] if route.safe else [{"session": [], "csrf": []}]


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for kind, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", route.path):
        schema = {"type": "integer" if kind == "int" else "string"}
        found.append({"in": "path", "name": name, "required": True, "schema": schema})
    if route.keyed:
        schema = {"type": "string", "pattern": f"^{KEY_FORM.pattern}$"}
        found.append({"in": "header", "name": "Idempotency-Key", "required": True, "schema": schema})
    return [*found, *_query_parameters(route)]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    _, components = msgspec.json.schema_components([route.query], ref_template=REFERENCE)
    described = components[route.query.__name__]
    required = described.get("required", [])
    return [
        {"in": "query", "name": name, "required": name in required, "schema": schema}
        for name, schema in described["properties"].items()
    ]
