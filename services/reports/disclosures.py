"""Whose data were shown in clear or left the box as a copy: what a notice of a breach says (PIPL 57)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from services.domain.member_events import MembersExported, MemberUnmasked
from services.domain.profile import FIELDS
from services.reports.contract import Column, Question, Report, Row
from services.store.db import LEDGER
from services.store.trail import Entry, Filter, forward

_WORDS = {
    "name": ("姓名", "name"),
    "gender": ("性别", "gender"),
    "birthday": ("生日", "birthday"),
    "phone": ("手机", "phone"),
    "id_card": ("身份证", "ID card"),
    "email": ("邮箱", "e-mail"),
    "wechat": ("微信", "WeChat"),
    "card": ("卡号", "card"),
    "notes": ("备注", "notes"),
}


@dataclass(slots=True)
class _Told:
    last: str = ""
    fields: set[str] = field(default_factory=set)
    people: Counter[str] = field(default_factory=Counter)  # who looked
    reasons: set[str] = field(default_factory=set)
    looks: int = 0
    copies: int = 0

    def add(self, entry: Entry, *, copied: bool) -> None:
        self.last = entry.time[:16].replace("T", " ")
        self.people[entry.who] += 1
        self.reasons.add(str(entry.data["reason"]))
        self.looks += not copied
        self.copies += copied


def rows(question: Question) -> list[Row]:
    """A row for each member, the one shown last first; above them a row for copies of the whole base."""
    begin, end = question.period.begin, question.period.end
    span = question.midnight_ms(begin), question.midnight_ms(end)
    everybody, one = _Told(), dict[str, _Told]()
    for entry in forward(Filter(type=MembersExported.type), span):
        everybody.add(entry, copied=True)
        if entry.data["clear"]:
            everybody.fields.update(FIELDS)
    for entry in forward(Filter(type=MemberUnmasked.type), span):
        told = one.setdefault(str(entry.data["member_id"]), _Told())
        told.add(entry, copied=bool(entry.data["exported"]))
        told.fields.update(entry.data["fields"])
    names = dict(LEDGER.execute_sql("SELECT staff_id, name FROM staff").fetchall())
    found = [(question.word("全部会员", "All members"), everybody)] if everybody.copies else []
    found += sorted(one.items(), key=lambda each: each[1].last, reverse=True)
    return [_row(question, who, told, names) for who, told in found]


def _row(question: Question, who: str, told: _Told, names: dict[str, str]) -> Row:
    fields = [question.word(*_WORDS[each]) for each in FIELDS if each in told.fields]
    return (
        who,
        ", ".join(fields) or question.word("仅打码", "masked only"),
        ", ".join(names.get(each, each) for each, _ in told.people.most_common()),
        "; ".join(sorted(told.reasons)),
        told.looks,
        told.copies,
        told.last,
    )


REPORT = Report(
    key="disclosures",
    label_zh="会员资料查看",
    label_en="Member data shown",
    place=98,
    columns=(
        Column("member", "会员", "Member", "text"),
        Column("fields", "资料", "Data", "text"),
        Column("people", "查看人", "Seen by", "text"),
        Column("reasons", "理由", "Reason", "text", wide=True),
        Column("looks", "查看次数", "Looks"),
        Column("copies", "导出次数", "Copies"),
        Column("last", "最近一次", "Last", "text", wide=True),
    ),
    rows=rows,
)
