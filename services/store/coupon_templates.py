"""Kinds of coupons in immutable versions, and when each of them stood."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from services.domain.coupons import Template
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class Version:
    """One version and when it stood; `until_ms` is 0 while it does."""

    template: Template
    from_ms: int
    until_ms: int


_VERSION = "SELECT body, from_ms, until_ms FROM coupon_template "


def newest(template_id: str) -> Version | None:
    """The last version, whether it stands or not."""
    row = LEDGER.execute_sql(
        f"{_VERSION} WHERE template_id = ? ORDER BY version DESC LIMIT 1", (template_id,)
    ).fetchone()
    return _version(row) if row else None


def version(template_id: str, number: int) -> Template:
    """As it was when a coupon was issued."""
    row = LEDGER.execute_sql(
        f"{_VERSION} WHERE template_id = ? AND version = ?", (template_id, number)
    ).fetchone()
    assert row is not None, (template_id, number)
    return _version(row).template


def numbered(number: int) -> list[Template]:
    """All versions of the template with a number in its codes, the newest first."""
    rows = LEDGER.execute_sql(f"{_VERSION} WHERE number = ? ORDER BY version DESC", (number,))
    return [_version(row).template for row in rows]


def newest_of_all() -> list[Version]:
    """The last version of every template, the one that changed last first."""
    rows = LEDGER.execute_sql(
        "SELECT body, MAX(from_ms), until_ms FROM coupon_template GROUP BY template_id"
        " ORDER BY 2 DESC, template_id"
    )
    return [_version(row) for row in rows]


def given_on(occasion: str) -> list[Template]:
    """Those that stand and are given on an occasion, in the order of their numbers."""
    rows = LEDGER.execute_sql(
        f"{_VERSION} WHERE occasion = ? AND occasion <> '' AND until_ms = 0 ORDER BY number", (occasion,)
    )
    return [_version(row).template for row in rows]


def owns(promotion_id: str) -> bool:
    """Whether coupons are the key to a promotion: then it changes with their template alone."""
    template_id, _, version = promotion_id.rpartition(".")
    row = LEDGER.execute_sql(
        "SELECT 1 FROM coupon_template WHERE template_id = ? AND version = ?", (template_id, version)
    ).fetchone()
    return row is not None


def next_number() -> int:
    row = LEDGER.execute_sql("SELECT COALESCE(MAX(number), 0) + 1 FROM coupon_template").fetchone()
    return int(row[0])


def put(template: Template, at_ms: int) -> None:
    """Add a version; it stands from now on, and the one before no longer."""
    end(template.template_id, at_ms)
    LEDGER.execute_sql(
        "INSERT INTO coupon_template (template_id, version, number, body, from_ms, until_ms, occasion)"
        " VALUES (?, ?, ?, ?, ?, 0, ?)",
        (
            *(template.template_id, template.version, template.number),
            *(msgspec.json.encode(template), at_ms, template.occasion),
        ),
    )


def end(template_id: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "UPDATE coupon_template SET until_ms = ? WHERE template_id = ? AND until_ms = 0",
        (at_ms, template_id),
    )


def _version(row: tuple[bytes, int, int]) -> Version:
    return Version(_template(row[0]), row[1], row[2])


_template = msgspec.json.Decoder(Template).decode
