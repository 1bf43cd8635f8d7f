"""Another pricing engine, as simple as can be: it tries everything and shares no code with the real one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from services.domain.every_nth import EveryNth
from services.domain.offers import COUPON, LINE, ORDER, UNIT, Goods, Item, LineRule, Offer, OrderRule
from services.promotions.bundle import Bundle
from services.promotions.buy_x_get_y import BuyXGetY
from services.promotions.gift import Gift

Piece = tuple[int, int, int]  # price, negative so that the dearest comes first; line; which of the line
Group = tuple[list[Piece], list[tuple[Piece, int]]]


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2)) if value >= 0 else -int(-value + Fraction(1, 2))


def percent(minor: int, points: int) -> int:
    return half_up(Fraction(minor * points, 10_000))


def shares(minor: int, weights: Sequence[int]) -> list[int]:
    """Unit after unit to whoever is furthest behind the exact share that is rounded down first."""
    whole = sum(weights)
    minor = min(minor, whole)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(minor * weight, whole) for weight in weights]
    parts = [int(each) for each in exact]
    for _ in range(minor - sum(parts)):
        behind = max(range(len(weights)), key=lambda n: (exact[n] - parts[n], weights[n], -n))
        parts[behind] += 1
        exact[behind] = Fraction(parts[behind])  # has had its one
    return parts


class Basket:
    """Pieces one by one. `open` are those that take part, as [price now, line]."""

    def __init__(self, items: Sequence[Item], out: Sequence[int]) -> None:
        self.items = items
        self.idle = [item.unit_minor * left for item, left in zip(items, out, strict=True)]
        self.pieces = [item.quantity - left for item, left in zip(items, out, strict=True)]
        self.price = [item.unit_minor for item in items]  # of each piece, while they are all alike
        self.net = [0] * len(items)

    def payable(self, offers: Sequence[Offer]) -> int:
        mine = {layer: [o for o in offers if o.layer == layer] for layer in (LINE, UNIT, ORDER, COUPON)}
        self.line_offers(mine[LINE])
        self.net = [price * pieces for price, pieces in zip(self.price, self.pieces, strict=True)]
        self.unit_offers(mine[UNIT])
        self.order_offers(mine[ORDER])
        self.order_offers(mine[COUPON])
        return sum(self.net) + sum(self.idle)

    def lines(self, offer: Offer) -> list[int]:
        return [
            n
            for n, item in enumerate(self.items)
            if offer.terms.goods.covers(item)
            and item.discountable
            and (offer.layer == COUPON or not item.override)
        ]

    def line_offers(self, offers: Sequence[Offer]) -> None:
        def off(offer: Offer, line: int) -> int:
            rule, price = offer.rule, self.price[line]
            assert isinstance(rule, LineRule)
            if line not in self.lines(offer):
                return 0
            if sum(self.pieces[n] for n in self.lines(offer)) < rule.pieces_min:
                return 0
            if rule.price_minor:
                return max(price - rule.price_minor, 0)
            return min(rule.amount_minor or percent(price, rule.basis_points), price)

        for line, item in enumerate(self.items):
            alone = [off(o, line) for o in offers if o.terms.group_mode != "stackable"]
            lowest = item.floor_minor
            self.price[line] -= min(max(alone, default=0), max(self.price[line] - lowest, 0))
        for offer in offers:
            if offer.terms.group_mode == "stackable":
                for line, item in enumerate(self.items):
                    most = max(self.price[line] - item.floor_minor, 0)
                    self.price[line] -= min(off(offer, line), most)

    def unit_offers(self, offers: Sequence[Offer]) -> None:
        every = [(-self.price[n], n, k) for n in range(len(self.items)) for k in range(self.pieces[n])]
        every.sort()
        free = list(every)
        for offer in offers:
            mine = [unit for unit in free if unit[1] in self.lines(offer)]
            all_mine = [unit for unit in every if unit[1] in self.lines(offer)]
            for used, rewards in self.groups(offer, mine, all_mine):
                free = [unit for unit in free if unit not in used]
                for unit, amount in rewards:
                    item = self.items[unit[1]]
                    self.net[unit[1]] -= max(0, min(amount, -unit[0] - item.floor_minor))

    def groups(self, offer: Offer, units: list[Piece], every: list[Piece]) -> list[Group]:
        rule = offer.rule
        if isinstance(rule, EveryNth):
            found = self.every_nth(rule, units)
        elif isinstance(rule, Bundle):
            found = self.bundles(rule, units)
        elif isinstance(rule, BuyXGetY):
            found = self.buy_and_get(rule, units)
        else:
            assert isinstance(rule, Gift)
            found = self.gifts(rule, units, every)
        return found[: offer.terms.uses_per_sale or None]

    def meant(self, goods: Goods, units: list[Piece]) -> list[Piece]:
        return [unit for unit in units if goods.covers(self.items[unit[1]])]

    def every_nth(self, rule: EveryNth, units: list[Piece]) -> list[Group]:
        found = []
        while len(units) >= rule.pieces:
            group, units = units[: rule.pieces], units[rule.pieces :]
            last = group[rule.pieces - rule.rewards :]
            found.append((group, [(u, percent(-u[0], rule.basis_points)) for u in last]))
        return found

    def bundles(self, rule: Bundle, units: list[Piece]) -> list[Group]:
        found: list[Group] = []
        while True:
            chosen: list[Piece] = []
            for part in rule.made_of:
                chosen += [u for u in self.meant(part.goods, units) if u not in chosen][: part.pieces]
            saved = -sum(u[0] for u in chosen) - rule.price_minor
            if len(chosen) < sum(part.pieces for part in rule.made_of) or saved <= 0:
                return found
            found.append((chosen, list(zip(chosen, shares(saved, [-u[0] for u in chosen]), strict=True))))
            units = [u for u in units if u not in chosen]

    def buy_and_get(self, rule: BuyXGetY, units: list[Piece]) -> list[Group]:
        found: list[Group] = []
        while True:
            buyable, gettable = self.meant(rule.buy, units), self.meant(rule.get, units)
            first = [u for u in buyable if u not in gettable]
            paid = (first + [u for u in buyable if u not in first])[: rule.buy_pieces]
            got = [u for u in gettable if u not in paid][: rule.get_pieces]
            if len(paid) < rule.buy_pieces or len(got) < rule.get_pieces:
                return found
            found.append((paid + got, [(u, percent(-u[0], rule.basis_points)) for u in got]))
            units = [u for u in units if u not in paid + got]

    def gifts(self, rule: Gift, units: list[Piece], every: list[Piece]) -> list[Group]:
        given = self.meant(rule.gifts, every)
        spent = -sum(u[0] for u in self.meant(rule.counts, every) if u not in given)
        if spent < max(rule.threshold_minor, 1):
            return []
        return [([u], [(u, -u[0])]) for u in self.meant(rule.gifts, units)[: rule.pieces]]

    def order_offers(self, offers: Sequence[Offer]) -> None:
        entering = list(self.net)
        for offer in offers:
            rule, lines = offer.rule, self.lines(offer)
            assert isinstance(rule, OrderRule)
            basis = sum(entering[n] for n in lines)
            if offer.terms.basis == "gross":
                basis = sum(self.items[n].unit_minor * self.pieces[n] for n in lines)
            steps = [step for step in rule.steps if step.threshold_minor <= basis]
            if not steps or basis <= 0:
                continue
            step = max(steps, key=lambda each: each.threshold_minor)
            if step.basis_points:
                self.percent_off(lines, step.basis_points)
            else:
                times = basis // step.threshold_minor if rule.repeats else 1
                self.amount_off(lines, step.amount_minor * times)

    def room(self, line: int) -> int:
        return max(self.net[line] - self.items[line].floor_minor * self.pieces[line], 0)

    def percent_off(self, lines: list[int], points: int) -> None:
        low = [n for n in lines if Fraction(self.net[n] * points, 10_000) > self.room(n)]
        rest = [n for n in lines if n not in low]
        nets = [self.net[n] for n in rest]
        for n, part in zip(rest, shares(percent(sum(nets), points), nets), strict=True):
            self.net[n] -= part
        for n in low:
            self.net[n] -= self.room(n)

    def amount_off(self, lines: list[int], amount: int) -> None:
        while lines:
            parts = dict(zip(lines, shares(amount, [self.net[n] for n in lines]), strict=True))
            full = [n for n in lines if parts[n] > self.room(n)]
            for n in full or lines:
                part = min(parts[n], self.room(n))
                self.net[n] -= part
                amount -= part
            if not full:
                return
            lines = [n for n in lines if n not in full]


def cheapest(items: Sequence[Item], offers: Sequence[Offer]) -> int:
    """The lowest payable over every set of offers that may stand together and every piece left out."""
    items = sorted(items, key=lambda item: item.line_id)
    ordered = sorted(offers, key=lambda o: (o.terms.priority, o.promotion_id))
    best = sum(item.gross_minor for item in items)
    for size in range(1, len(ordered) + 1):
        for some in itertools.combinations(ordered, size):
            if not compatible(some):
                continue
            for out in itertools.product(*(range(item.quantity + 1) for item in items)):
                best = min(best, Basket(items, out).payable(some))
    return best


def compatible(offers: Sequence[Offer]) -> bool:
    """At most one of a named group, and of L4 and of L5 at most one that does not stack."""
    taken = []
    for offer in offers:
        if offer.terms.group_mode != "stackable" and (offer.terms.group or offer.layer in (ORDER, COUPON)):
            taken.append((offer.layer, offer.terms.group))
    coupon = any(offer.layer == COUPON for offer in offers)
    excludes = any(not offer.terms.stack_with_coupon for offer in offers)
    return len(taken) == len(set(taken)) and not (coupon and excludes)
