"""A member who buys, spends points and brings goods back, as the till will tell it. For tests only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

from services.domain.earning import Bought, Purchase
from services.domain.points_returns import Return, SoldLine
from services.domain.points_rules import Book, Terms
from services.flows import points, points_rules
from services.flows.points import Document
from services.flows.shop import Shop
from services.store import db
from services.store import points_rules as books

MEMBER = "m-1"
ONE_A_YUAN = Book(terms=Terms(points=1, per_minor=100))
# V1: the nets of three lines, and what 500 points took off each of them.
V1_LINES = {1: (1, 25_835, 203), 2: (1, 32_491, 256), 3: (3, 5_184, 41)}
V1_BONUS = 3_333


def rules(shop: Shop, book: Book = ONE_A_YUAN) -> None:
    held = books.newest()
    points_rules.change(shop, book, seen_version=held.version, operator_id="he")


@dataclass
class Customer:
    """Sales with lines of (pieces, net, what points took off), by number."""

    shop: Shop
    group: tuple[str, ...] = (MEMBER,)
    back: dict[str, dict[int, int]] = field(default_factory=dict)
    inside: bool = False  # whether the caller holds the transaction
    and_then: Callable[[Shop, Document], None] | None = None  # what else follows a document

    def buy(
        self,
        sale_id: str,
        lines: dict[int, tuple[int, int, int]] = V1_LINES,
        *,
        spent: int = 0,
        bonus_minor: int = 0,
        category: str = "tops",
    ) -> None:
        bought = tuple(
            Bought(line_number=n, sku="T", category=category, pieces=pieces, net_minor=net)
            for n, (pieces, net, _) in lines.items()
        )
        purchase = Purchase(lines=bought, bonus_minor=bonus_minor, day="2026-11-22", weekday=7, minute=700)
        self._follow(Document(**self._facts(sale_id), spent=spent, purchase=purchase))

    def bring_back(
        self,
        document: str,
        of_sale: str,
        now: dict[int, int],
        lines: dict[int, tuple[int, int, int]] = V1_LINES,
        *,
        bonus: tuple[int, int] = (0, 0),
    ) -> None:
        back = self.back.setdefault(of_sale, {})
        sold = tuple(
            SoldLine(
                line_number=n,
                pieces=pieces,
                net_minor=net,
                points_minor=taken,
                before=back.get(n, 0),
                now=now.get(n, 0),
            )
            for n, (pieces, net, taken) in lines.items()
        )
        returned = Return(lines=sold, bonus_before_minor=bonus[0], bonus_after_minor=bonus[1])
        self._follow(Document(**self._facts(document), returned=returned, of_sale=of_sale))
        for n, pieces in now.items():
            back[n] = back.get(n, 0) + pieces

    def give(self, amount: int, month: str = "2027-03") -> None:
        """Points to begin with, in one lot."""
        with db.write():
            account = points.caught_up(self.shop, self.group, self.shop.now_ms())
            lot = points.rules.Lot(self.group[0], expires=month)
            why = points.Why(reason="goodwill", at_ms=self.shop.now_ms(), operator_id="he")
            points.moved(self.shop, account, points.rules.earn(account, lot, amount, "adjusted"), why)

    def _facts(self, sale_id: str) -> dict[str, object]:
        return {"sale_id": sale_id, "group": self.group, "at_ms": self.shop.now_ms(), "operator_id": "zhou"}

    def _follow(self, document: Document) -> None:
        with nullcontext() if self.inside else db.write():
            points.follow(self.shop, document)
            if self.and_then is not None:
                self.and_then(self.shop, document)
