"""Setting the rules of the points, in versions; the newest holds."""

from __future__ import annotations

from services.domain import points_rules as rules
from services.domain.earning import Earned, Purchase, earned
from services.domain.errors import PointsRefused
from services.domain.points_events import PointsRulesChanged
from services.domain.points_rules import Book
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, points_rules
from services.store.points_rules import Version


def change(shop: Shop, book: Book, *, seen_version: int, operator_id: str) -> Version:
    """Make `book` the next version, from now on. A repeat, and a book that says the same, change nothing.

    Raises PointsRefused (details.why: version, and those of the book's own check): `seen_version` is the
    one that the page showed.
    """
    rules.check(book)
    with db.write():
        held = points_rules.newest()
        if held.book == book:
            return held
        if held.version != seen_version:
            raise PointsRefused("somebody has changed it meanwhile", why="version", version=held.version)
        version = Version(held.version + 1, book, operator_id, shop.now_ms())
        points_rules.add(version)
        event = PointsRulesChanged(book_version=version.version, book=book, operator_id=operator_id)
        record(shop, event, version.at_ms)
    return version


def trial(book: Book, purchase: Purchase) -> list[Earned]:
    """What a purchase would earn by a book that nobody has published yet. Raises what change() raises of
    the book itself."""
    rules.check(book)
    return earned(book.terms, book.earning, 0, purchase)


def newest() -> Version:
    return points_rules.newest()


def versions() -> list[Version]:
    """The newest first."""
    return points_rules.versions()
