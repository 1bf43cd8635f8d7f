"""The paper of a stored-value account: a recharge, or what of it was paid out, and the balance after it."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.contracts import Align, Cut, Feed, Row, Rule, Text
from services.domain.money import Money, signed
from services.domain.paper_words import CHINESE, Words
from services.domain.receipt import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePaper:
    """`principal` and `bonus` are below zero where they were paid out."""

    store_name: str
    title: str  # a key of the fixed words: "recharge" | "value_paid_out"
    member: str  # masked: papers are left lying about
    moved_at: str
    operator: str
    principal: Money
    bonus: Money
    paid: tuple[str, Money]  # how, and how much of it over the counter
    reference: str
    balance: Money  # with the bonus
    bonus_left: Money
    bonus_ends: str  # YYYY-MM-DD, its last day; "": never, or there is none
    number: str
    footer: tuple[str, ...] = ()
    words: Words = CHINESE


def ops(paper: ValuePaper) -> Paper:
    """What the law has the customer be told: what came in, in which kind, and what is left."""
    words = paper.words
    how, much = paper.paid
    return [
        Text(paper.store_name, Align.CENTER),
        *(Text(line, Align.CENTER, bold=True, size=2) for line in words.lines_of(paper.title)),
        Row(paper.moved_at, paper.operator),
        *([Row(words("member"), paper.member)] if paper.member else []),
        Rule(),
        Row(words("principal"), signed(paper.principal)),
        *([Row(words("bonus"), signed(paper.bonus))] if paper.bonus.minor else []),
        *([Row(words("bonus_end"), paper.bonus_ends)] if paper.bonus_ends else []),
        Row(how, signed(much), bold=True),
        *([Row(words("reference"), paper.reference, wraps=True)] if paper.reference else []),
        Rule(),
        Row(words("stored_value"), signed(paper.balance), bold=True),
        *([Row(f" {words('stored_bonus')}", signed(paper.bonus_left))] if paper.bonus_left.minor else []),
        Row(words("number"), paper.number, wraps=True),
        Rule(),
        *(Text(line, Align.CENTER) for line in paper.footer),
        Feed(),
        Cut(),
    ]
