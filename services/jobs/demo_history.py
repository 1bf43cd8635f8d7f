"""Two weeks of trade for the demo shop, so that every page has something to show.

All of it is done by the flows, each at its own moment: journal and books are those of a shop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from services.domain import days
from services.domain.basket import Basket
from services.domain.cash import DENOMINATIONS
from services.domain.coupons import ISSUED
from services.domain.gift_cards import CATEGORY, grouped
from services.domain.offers import UNIT, Goods, Terms
from services.flows import (
    bag_rewards,
    baskets,
    checkout,
    coupons,
    customers,
    members,
    payments,
    prices,
    promotions,
    roster,
    sellers,
    shifts,
    stock,
    stored_value,
    stored_value_payments,
    stored_value_plans,
)
from services.flows.members import Joining
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Job, Refused
from services.store import catalogue, gift_cards, sales
from services.store.members import group
from services.store.sales import Sale

DAYS = 14
SECOND_MANAGER, SECOND_PIN = "李雪", "358417"
_CASHIER, _MANAGER = "zhouting", "hemin"
_SELLERS = ("陈晨", "王悦")
_FLOAT_MINOR = 500_00
_ENOUGH = 24  # pieces that are left of an article nobody has bought
_LEFT = (0, 2, 6, 3, 1, 9)  # and of those that sell, in turn: some are out, some run out
_RARE = {"P5006-YM-F": 2, "P5007-ZH-F": 3, "P5008-JT-F": 0}  # styles of one article: their tiles say so
_SALES = (6, 6, 7, 7, 9, 13, 12)  # from Monday to Sunday
_KNOWN_EVERY = 3  # every third buyer says who they are
_RECHARGED_EVERY = 3  # days; where the shop has plans
_MEMBERS = (
    {
        "phone": "13800138001",
        "name": "王芳",
        "gender": "f",
        "birthday": "1990-05-21",
        "card": "2700000000014",
    },
    {"phone": "13800138002", "name": "李娜", "birthday": "1988-08-08"},
    {"phone": "13800138003", "name": "张伟", "gender": "m", "email": "zhangwei@example.com"},
    {"phone": "13800138004"},
    {"email": "lina@example.com", "name": "李娜", "birthday": "1988-08-08"},
)
_ALIKE = {"phone": "13800183001", "name": "汪芳", "birthday": "1990-05-21"}  # 王芳, as somebody heard her
_WAYS = ("cash", "mobile", "cash", "card", "mobile")  # to pay, sale by sale
# What is sold, dearer things more rarely; a bag takes one to three in turn.
_GOODS = (
    "T1002-BS-M", "P5001-BS-F", "J2001-SX-27", "T1002-TH-M", "P5001-TH-F", "S1003-MW-M", "C1001-MB-M",
    "T1002-BS-L", "P5003-JT-F", "K3002-TH-S", "P5001-BS-F", "T1006-ZQ-M", "J2001-SX-28", "P5002-MW-F",
    "D3001-DS-S", "T1002-BS-M", "H1011-YM-M", "P5004-TH-F", "R2003-TH-M", "Z1004-YM-M", "W4002-SX-M",
    "T1002-YM-S", "P5003-YH-F", "P5008-JT-F",
)  # fmt: skip
_CARDS = ("G6001-DS-F", "G6002-ZH-F")
# Its nearest miss shows at the fourth pair's price: three in the bag are one short of a free one.
_SOCKS = Draft(
    kind="buy_x_get_y",
    layer=UNIT,
    label_zh="棉袜买三送一",
    label_en="Socks: buy three, get one",
    terms=Terms(goods=Goods(styles=("P5001",))),
    params={"buy": {"styles": ["P5001"]}, "get": {"styles": ["P5001"]}, "buy_pieces": 3, "get_pieces": 1},
)


_Day = tuple[date, list[list[str]]]  # and the bags that are sold on it


@dataclass
class _Past:
    """The shop at a moment that goes on. Nothing is printed and no drawer opens."""

    shop: Shop
    at_ms: int = 0

    def go_to(self, day: date, hour: int, minute: int = 0) -> None:
        moment = datetime.combine(day, time(hour, minute), self.shop.zone)
        self.at_ms = round(moment.timestamp() * 1000)

    def now(self) -> Shop:
        at_ms, nobody = self.at_ms, frozenset[str]()
        return replace(
            self.shop, now_ms=lambda: at_ms, printers=nobody, label_printers=nobody, drawers=nobody
        )


def make(shop: Shop) -> list[str]:
    """The trade of the days before this one; the codes of the gift cards that were sold.

    Raises Refused where somebody has sold before, or where there is no demo shop.
    """
    if sales.next_sequence(shop.tills[0])[1] or catalogue.by_sku(_CARDS[0]) is None:
        raise Refused("this is no demo shop without a sale: nothing changed")
    past = _Past(shop)
    today = date.fromisoformat(days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour))
    trade = list(_plan(today))
    past.go_to(trade[0][0], 8)
    people = _people(past.now())
    _deliver(past.now(), Counter(sku for _, bags in trade for bag in bags for sku in bag))
    promotions.publish(past.now(), _SOCKS, operator_id=_MANAGER, request_id="history-socks")
    buyers = _members(past.now())
    sold = [sale for day, bags in trade for sale in _day(past, day, bags, people, buyers)]
    return [grouped(move.code) for sale in sold for move in gift_cards.moves(sale.sale_id)]


def _plan(today: date) -> Iterator[_Day]:
    """What is sold on which day: always the same, but for the weekdays."""
    bag = goods = 0
    for n in range(DAYS, 0, -1):
        day = today - timedelta(days=n)
        bags = []
        for _ in range(_SALES[day.weekday()] + (n <= DAYS // 2)):  # the second week is the better one
            size = 1 + bag % 3
            bags.append([_GOODS[(goods + k) % len(_GOODS)] for k in range(size)])
            bag, goods = bag + 1, goods + size
        yield day, [*bags, list(_CARDS)] if n == 3 else bags


def _people(shop: Shop) -> list[str]:
    """Two who sell, and a second manager; who may be named as a seller."""
    asked = {"operator_id": _MANAGER}
    roster.add(shop, SECOND_MANAGER, "manager", SECOND_PIN, request_id="history-manager", **asked)
    for n, name in enumerate(_SELLERS):
        roster.add(shop, name, "seller", "", request_id=f"history-seller-{n}", **asked)
    return [_CASHIER, *(member.staff_id for member in sellers.listed() if member.name in _SELLERS)]


def _members(shop: Shop) -> list[str]:
    """Some who buy now and then, two of whom may be one person; one who never came resembles another."""
    found = []
    for n, given in enumerate((*_MEMBERS, _ALIKE)):
        joining = Joining(given=given, till=shop.tills[0])
        asked = {"operator_id": _CASHIER, "request_id": f"history-member-{n}"}
        found.append(members.join(shop, joining, **asked).member_id)
    return found[: len(_MEMBERS)]


def _deliver(shop: Shop, wanted: Mapping[str, int]) -> None:
    """Of what sells well as much as is sold, and little more."""
    left = {sku: _LEFT[n % len(_LEFT)] for n, sku in enumerate(dict.fromkeys(_GOODS))} | _RARE
    pieces = [(sku, wanted[sku] + left.get(sku, _ENOUGH)) for sku in _skus()]
    stock.receive(
        shop, pieces, number="SH-1101", supplier="总仓", operator_id=_MANAGER, request_id="history-delivery"
    )


def _skus() -> Iterator[str]:
    """All but gift cards, which lie on no shelf."""
    rank = -1
    while page := catalogue.styles(after_rank=rank):
        for style in page:
            if style.category != CATEGORY:
                yield from (article.sku for article in catalogue.variants(style.style))
        rank = page[-1].rank


def _day(
    past: _Past,
    day: date,
    bags: Sequence[Sequence[str]],
    people: Sequence[str],
    buyers: Sequence[str],
) -> list[Sale]:
    """One day at the first till, from its float to its Z; nothing lacks in the drawer."""
    till = past.shop.tills[0]
    past.go_to(day, 9, 30)
    float_ = [(past.shop.currency, _pieces(past.shop, _FLOAT_MINOR))]
    shift = shifts.open_shift(
        past.now(), till, float_, operator_id=_CASHIER, request_id=f"history-open-{day}"
    )
    sold = []
    for n, bag in enumerate(bags):
        past.go_to(day, 10 + n * 10 // len(bags), n * 600 // len(bags) % 60)
        buyer = buyers[(day.day + n) % len(buyers)] if n % _KNOWN_EVERY == 0 else ""
        seller, way = people[n % len(people)], _WAYS[n % len(_WAYS)]
        sold.append(_sale(past.now(), till, bag, seller, way, buyer))
    past.go_to(day, 21)
    recharged = _recharge(past.now(), till, day, buyers)
    cash = recharged + sum(
        each.amount.minor for sale in sold for each in sale.tenders if each.key == "cash"
    )
    drawer = [(past.shop.currency, _pieces(past.shop, _FLOAT_MINOR + cash))]
    counted = f"history-count-{day}"
    shifts.count(past.now(), shift.shift_id, drawer, operator_id=_MANAGER, request_id=counted)
    closed = f"history-close-{day}"
    shifts.close(past.now(), shift.shift_id, reason="", operator_id=_MANAGER, request_id=closed)
    return sold


def _recharge(shop: Shop, till: str, day: date, buyers: Sequence[str]) -> int:
    """Now and then a member pays in, by cash or card; what of it lies in the drawer."""
    plans, turn = stored_value_plans.standing(), day.toordinal() // _RECHARGED_EVERY
    if not plans or day.toordinal() % _RECHARGED_EVERY:
        return 0
    plan, tender = plans[turn % len(plans)], _WAYS[turn % 2 * 3]
    stored_value.recharge(
        *(shop, till, buyers[turn % len(buyers)]),
        plan_id=plan.plan_id,
        plan_version=plan.version,
        paid_minor=plan.pays_minor,
        tender=tender,
        reference="" if tender == "cash" else f"{day:%m%d}01",
        operator_id=_CASHIER,
        request_id=f"history-recharge-{day}",
    )
    return plan.pays_minor if tender == "cash" else 0


def _coupon(shop: Shop, till: str, basket: Basket) -> Basket:
    """The oldest that the buyer was given and can use today."""
    today = days.local(shop.now_ms(), shop.zone).date().isoformat()
    held = [each for each in coupons.wallet(group(basket.member_id)) if each.state == ISSUED]
    good = [each for each in held if each.first_day <= today <= each.last_day]
    if not good:
        return basket
    return bag_rewards.use_coupon(shop, till, good[-1].coupon_id, basket_id=basket.basket_id)


def _pay_stored(shop: Shop, till: str, basket: Basket) -> Basket:
    """With what the buyer has paid in before, as far as that goes."""
    if not stored_value_payments.worth(shop, basket, prices.priced(shop, basket)).usable_minor:
        return basket
    return stored_value_payments.redeem(
        *(shop, till),
        basket_id=basket.basket_id,
        version=basket.version,
        amount_minor=0,
        present=True,
        operator_id=_CASHIER,
        request_id=shop.new_id(),
    )


def _sale(shop: Shop, till: str, bag: Sequence[str], seller: str, way: str, buyer: str) -> Sale:
    for sku in bag:
        basket, _ = baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = sellers.assign(shop, till, seller, basket_id=basket.basket_id)
    if buyer:
        basket = customers.name(shop, till, buyer, basket_id=basket.basket_id)
        basket = _pay_stored(shop, till, _coupon(shop, till, basket))
    due = prices.priced(shop, basket).total.minor - sum(each.amount_minor for each in basket.paid)
    if due and way != "cash":
        basket = payments.begin(
            shop,
            till,
            version=basket.version,
            tender=way,
            amount_minor=due,
            request_id=shop.new_id(),
            basket_id=basket.basket_id,
            operator_id=_CASHIER,
        )
        asked = basket.payments[-1].payment_id
        reference = f"{shop.now_ms() // 60_000 % 1_000_000:06}"
        basket = payments.answer(shop, till, asked, state="paid", reference=reference, operator_id=_CASHIER)
    return checkout.settle(
        shop,
        till,
        version=basket.version,
        tendered=[("cash", due)] if due and way == "cash" else [],
        request_id=shop.new_id(),
        basket_id=basket.basket_id,
        operator_id=_CASHIER,
    )


def _pieces(shop: Shop, minor: int) -> list[tuple[int, int]]:
    """An amount in as few notes and coins as there are."""
    found = []
    for value in DENOMINATIONS[shop.currency]:
        if count := minor // value:
            found.append((value, count))
            minor -= value * count
    return found


def _run(arguments: Arguments) -> str:
    codes = make(arguments.shop())
    told = f"gift cards {' '.join(codes)}; second manager {SECOND_PIN}; member {_MEMBERS[0]['phone']}"
    return f"made {DAYS} days of trade; {told}"


JOB = Job(key="demo_history", run=_run)
