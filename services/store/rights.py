"""The shop's own rules of who may do what, where they differ from those a new shop begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from services.domain.events import RightChanged
from services.domain.rights import DEFAULTS, Right
from services.store.db import LEDGER

_read_limits = msgspec.json.Decoder(dict[str, int | None]).decode


def by_key(key: str) -> Right:
    """The rule that holds now."""
    begun = DEFAULTS[key]
    row = LEDGER.execute_sql("SELECT four_eyes, limits FROM role_right WHERE key = ?", (key,)).fetchone()
    return _right(begun, *row) if row else begun


def listed() -> Mapping[str, Right]:
    """Every right as it holds now, in the order of DEFAULTS."""
    rows = LEDGER.execute_sql("SELECT key, four_eyes, limits FROM role_right").fetchall()
    own = {key: (four_eyes, limits) for key, four_eyes, limits in rows}
    return {key: _right(right, *own[key]) if key in own else right for key, right in DEFAULTS.items()}


def put(right: Right) -> None:
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO role_right (key, four_eyes, limits) VALUES (?, ?, ?)",
        (right.key, int(right.four_eyes), written(right)),
    )


def written(right: Right) -> str:
    """The limits as they are stored: by role, in the order of the roles' names."""
    return msgspec.json.encode(dict(sorted(right.limits.items()))).decode()


def differences() -> list[str]:
    """Every right whose rule is not what the journal told last."""
    told: dict[str, Right] = {}
    rows = LEDGER.execute_sql("SELECT body FROM journal WHERE type = ? ORDER BY seq", (RightChanged.type,))
    for (body,) in rows:
        event = _read(body).data
        begun = DEFAULTS.get(event.right, Right(event.right, "", False, {}))  # one that an update took away
        told[event.right] = replace(begun, four_eyes=event.four_eyes, limits=event.limits)
    stored = {
        key: (bool(four_eyes), limits)
        for key, four_eyes, limits in LEDGER.execute_sql("SELECT key, four_eyes, limits FROM role_right")
    }
    wanted = {key: (right.four_eyes, written(right)) for key, right in told.items()}
    return [
        f"right {key}: {stored.get(key)!r} but journal {wanted.get(key)!r}"
        for key in sorted(stored.keys() | wanted.keys())
        if stored.get(key) != wanted.get(key)
    ]


class _Told(msgspec.Struct):
    data: RightChanged


_read = msgspec.json.Decoder(_Told).decode


def _right(begun: Right, four_eyes: int, limits: str) -> Right:
    return Right(begun.key, begun.unit, bool(four_eyes), _read_limits(limits))
