"""Rounds: one kind of coupon for many members at once, how far each has come, and whom it reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from services.domain.coupon_rounds import DONE, RUNNING, STOPPED, WITHDRAWN, Audience, AudienceKind
from services.store import coupons, lives, tags, tiers
from services.store.db import LEDGER

LISTED_MAX = 100  # rounds of one kind


@dataclass(frozen=True, slots=True)
class Round:
    round_id: str
    template_id: str
    template_version: int
    audience: Audience
    expected: int  # people
    state: str
    given: int
    operator_id: str
    begun_at_ms: int
    ended_at_ms: int  # 0: it runs
    withdrawn_by: str
    passed: int  # got none
    cursor: str  # the last member that was looked at


ROUND = (
    "template_id, template_version, kind, key, expected, state, given, operator_id, begun_at_ms,"
    " ended_at_ms, withdrawn_by"
)
_SELECT = f"SELECT round_id, {ROUND}, passed, cursor FROM coupon_round "
# Everybody of an audience once: of two ids that are one person the one that stands first.
_PEOPLE = (
    "WITH RECURSIVE up (id, over) AS (SELECT absorbed, survivor FROM member_alias"
    "  UNION SELECT id, survivor FROM up JOIN member_alias ON absorbed = over),"
    " root (id, first) AS (SELECT id, MIN(over) FROM up"
    "  WHERE over NOT IN (SELECT absorbed FROM member_alias) GROUP BY id),"
    " person (first) AS (SELECT DISTINCT COALESCE(first, member_id) FROM ({audience}) JOIN member"
    "  USING (member_id) LEFT JOIN root ON id = member_id WHERE sealed IS NOT NULL AND NOT blocked),"
    " had (first) AS (SELECT DISTINCT COALESCE(first, member_id) FROM coupon LEFT JOIN root"
    "  ON id = member_id WHERE template_id = ? AND template_version = ? AND reason = ? AND {stands})"
    " SELECT COUNT(*), COUNT(had.first) FROM person LEFT JOIN had USING (first)"
)
_AUDIENCE: dict[AudienceKind, str] = {
    "tag": "SELECT member_id FROM member_tag WHERE is_on AND tag = ?",
    "tier": "SELECT member_id FROM tier_step WHERE newest AND tier = ?",
    "stage": "SELECT member_id FROM member_life WHERE stage = ?",
    "group": "SELECT member_id FROM member_life WHERE fellows = ?",
}


def reach(audience: Audience, template_id: str, version: int, reason: str) -> tuple[int, int]:
    """(people of an audience, how many of them hold or used a coupon of this version given so before)."""
    row = LEDGER.execute_sql(
        _PEOPLE.format(audience=_AUDIENCE[audience.kind], stands=coupons.STANDS),
        (audience.key, template_id, version, reason),
    ).fetchone()
    return int(row[0]), int(row[1])


def behind(audience: Audience, after: str, limit: int) -> list[str]:
    """At most so many living members of an audience, behind `after`, by their ids."""
    if audience.kind == "tag":
        return tags.wearing(audience.key, after, limit)
    if audience.kind == "tier":
        return tiers.on(audience.key, after, limit)
    stage, group = (audience.key, "") if audience.kind == "stage" else ("", audience.key)
    return lives.among(stage, group, after, limit)


def by_id(round_id: str) -> Round | None:
    return _one("WHERE round_id = ?", round_id)


def of_template(template_id: str) -> list[Round]:
    """The newest first, at most LISTED_MAX."""
    rows = LEDGER.execute_sql(
        f"{_SELECT} WHERE template_id = ? ORDER BY round_id DESC LIMIT ?", (template_id, LISTED_MAX)
    )
    return [_round(row) for row in rows]


def unfinished() -> Round | None:
    """The first that still gives, or takes back what nobody has used; what is taken back goes first."""
    return _one(
        "WHERE state = ? AND EXISTS (SELECT 1 FROM coupon c WHERE c.round_id = coupon_round.round_id"
        " AND c.round_id <> '' AND c.state = 'issued') ORDER BY round_id LIMIT 1",
        WITHDRAWN,
    ) or _one("WHERE state = ? ORDER BY round_id LIMIT 1", RUNNING)


def add(new: Round) -> None:
    LEDGER.execute_sql(
        f"INSERT INTO coupon_round (round_id, {ROUND}, passed, cursor)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(new.round_id, new.template_id, new.template_version, *new.audience, new.expected, new.state),
            *(new.given, new.operator_id, new.begun_at_ms, new.ended_at_ms, new.withdrawn_by),
            *(new.passed, new.cursor),
        ),
    )


def advance(round_id: str, given: int, passed: int, cursor: str) -> None:
    """So many more were looked at, up to `cursor`."""
    LEDGER.execute_sql(
        "UPDATE coupon_round SET given = given + ?, passed = passed + ?, cursor = ? WHERE round_id = ?",
        (given, passed, cursor, round_id),
    )


def end(round_id: str, at_ms: int, *, whole: bool) -> None:
    LEDGER.execute_sql(
        "UPDATE coupon_round SET state = ?, ended_at_ms = ? WHERE round_id = ?",
        (DONE if whole else STOPPED, at_ms, round_id),
    )


def withdraw(round_id: str, operator_id: str, at_ms: int) -> None:
    LEDGER.execute_sql(
        "UPDATE coupon_round SET state = ?, withdrawn_by = ?,"
        " ended_at_ms = CASE ended_at_ms WHEN 0 THEN ? ELSE ended_at_ms END WHERE round_id = ?",
        (WITHDRAWN, operator_id, at_ms, round_id),
    )


def _one(where: str, *values: object) -> Round | None:
    row = LEDGER.execute_sql(_SELECT + where, values).fetchone()
    return _round(row) if row else None


def _round(row: tuple[object, ...]) -> Round:
    round_id, template_id, version, kind, key, *rest = row
    audience = Audience(cast(AudienceKind, kind), str(key))
    return Round(round_id, template_id, version, audience, *rest)  # type: ignore[arg-type]
