"""Members by tier at the end of a period, and who rose or fell in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from services.domain.tiers import Program
from services.reports.contract import Chart, Column, Question, Report, Row
from services.store.db import LEDGER

_PROGRAM = "SELECT body FROM tier_program ORDER BY version DESC LIMIT 1"
_ALIASES = "SELECT absorbed, survivor FROM member_alias"
_MEMBERS = "SELECT member_id FROM member WHERE sealed IS NOT NULL AND created_at_ms < ?"
# Each member's last step that had been taken by then.
_HELD = (
    "SELECT member_id, tier FROM tier_step s WHERE since < ? AND NOT EXISTS"
    " (SELECT 1 FROM tier_step x WHERE x.member_id = s.member_id AND x.n > s.n AND x.since < ?)"
)
# A step says to what somebody falls back, not what they had: that is in the step before it.
_STEPS = (
    "SELECT s.tier, COALESCE(p.tier, '') FROM tier_step s"
    " LEFT JOIN tier_step p ON p.member_id = s.member_id AND p.n = s.n - 1"
    " WHERE s.since >= ? AND s.since < ? AND s.reason <> 'merged'"
)


def rows(question: Question) -> list[Row]:
    """The highest tier first, then whoever has none. Two ids of one person count once, as the higher. A
    step up is told of the tier it led to, a step down of the one it left; each id takes its own."""
    row = LEDGER.execute_sql(_PROGRAM).fetchone()
    ladder = msgspec.json.decode(row[0], type=Program) if row else Program()
    begin, end = question.period.begin, question.period.end
    held = _held(ladder, question)
    rose: Counter[str] = Counter()
    fell: Counter[str] = Counter()
    for tier, before in LEDGER.execute_sql(_STEPS, (begin, end)):
        if ladder.rank(tier) > ladder.rank(before):
            rose[tier] += 1
        elif ladder.rank(tier) < ladder.rank(before):
            fell[before] += 1
    named = sorted(ladder.tiers, key=lambda each: -each.rank)
    found: list[Row] = [
        (question.word(each.label_zh, each.label_en), held[each.key], None, rose[each.key], fell[each.key])
        for each in named
    ]
    return [*found, (question.word("无等级", "No tier"), held[""], None, 0, 0)]


def _held(ladder: Program, question: Question) -> Counter[str]:
    """How many persons had each tier when the period ended, of those who are known still; a tier that is
    no more counts as none."""
    end, persons = question.period.end, _persons()
    known = LEDGER.execute_sql(_MEMBERS, (question.midnight_ms(end),))
    best = {persons.get(member_id, member_id): "" for (member_id,) in known}
    for member_id, tier in LEDGER.execute_sql(_HELD, (end, end)):
        person = persons.get(member_id, member_id)
        if person in best and ladder.rank(tier) > ladder.rank(best[person]):
            best[person] = tier
    return Counter(best.values())


def _persons() -> Mapping[str, str]:
    """Id -> one of the ids of the same person, the same for all of them."""
    above: dict[str, str] = {}

    def top(member_id: str) -> str:
        while member_id in above:
            member_id = above[member_id]
        return member_id

    for absorbed, survivor in LEDGER.execute_sql(_ALIASES):
        one, other = sorted((top(absorbed), top(survivor)))
        if one != other:
            above[other] = one
    return {member_id: top(member_id) for member_id in above}


REPORT = Report(
    key="tier_moves",
    label_zh="会员等级",
    label_en="Tiers",
    place=91,
    columns=(
        Column("tier", "等级", "Tier", "text"),
        Column("members", "会员数", "Members"),
        Column("share", "占比", "Share", "share", share_of="members"),
        Column("rose", "升入", "Moved up"),
        Column("fell", "降出", "Moved down"),
    ),
    rows=rows,
    chart=Chart("rank", "members"),
)
