"""Answers and refusals as JSON, in one place and one shape."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Response

from services.domain.errors import ShopError
from web_console.api import Problem

RETRY_AFTER_S = 2


def answered(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status=status, mimetype="application/json")


def refused(error: ShopError) -> Response:
    response = problem(error.status, error.code, str(error), error.details)
    if error.status in (429, 503):
        wait_s = error.details.get("wait_s") or error.details.get("retry_after_s") or RETRY_AFTER_S
        response.headers["Retry-After"] = str(wait_s)
    return response


def problem(status: int, code: str, message: str, details: dict[str, object] | None = None) -> Response:
    return answered(Problem(code=code, message=message, details=details or {}), status)
