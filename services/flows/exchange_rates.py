"""What the shop gives for other currencies: written down by a manager, version after version."""

from __future__ import annotations

from services.domain import exchange as rules
from services.domain.exchange import Rate
from services.domain.exchange_events import ExchangeRateEntered
from services.domain.money import Money
from services.domain.tender_errors import RateMissing, RateRefused
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, exchange_rates, requests
from services.store.exchange_rates import PAGE as PAGE


def enter(
    shop: Shop,
    *,
    currency: str,
    rate: str,  # "7.0812": so much of the shop's money for one of the other
    valid_from_ms: int = 0,  # 0: at once
    source: str,
    sure: bool = False,  # a rate far from the one before is meant
    operator_id: str,
    request_id: str,
) -> Rate:
    """Write down a new version of a currency's rate; a repeat gives the first one.

    Raises RateRefused (details.why: off, rate, time, far; for far also before).
    """
    asked = requests.fingerprint("exchange_rate", currency, rate, valid_from_ms, source)
    if currency not in shop.foreign_cash:
        raise RateRefused("this shop takes no notes of this currency", why="off", currency=currency)
    buy_e8 = rules.read_rate(rate)
    if buy_e8 is None:
        raise RateRefused("this is no rate", why="rate")
    rate_id = shop.new_id()
    with db.write():
        if (done := requests.claim(request_id, asked, rate_id, shop.now_ms())) is not None:
            return _found(done)
        now_ms = shop.now_ms()
        if valid_from_ms and not now_ms < valid_from_ms <= now_ms + rules.AHEAD_MAX_MS:
            raise RateRefused("a rate counts from now on, or within a week", why="time")
        before = exchange_rates.newest(currency)
        if before is not None and not sure and rules.far(buy_e8, before.buy_e8):
            raise RateRefused(
                "far from the rate before", why="far", before=rules.rate_written(before.buy_e8)
            )
        version = before.version + 1 if before is not None else 1
        entered = Rate(
            *(rate_id, currency, version, buy_e8, valid_from_ms or now_ms, source, operator_id, now_ms)
        )
        exchange_rates.add(entered)
        _tell(shop, entered)
    return entered


def in_force(shop: Shop, currency: str) -> Rate:
    """The rate that counts now, however old. Raises RateMissing."""
    rate = exchange_rates.in_force(currency, shop.now_ms())
    if rate is None:
        raise RateMissing("nobody has entered a rate for this currency", currency=currency)
    return rate


def standing(shop: Shop, currency: str) -> tuple[Rate | None, bool]:
    """(the rate that counts now, whether it is older than a day)."""
    now_ms = shop.now_ms()
    rate = exchange_rates.in_force(currency, now_ms)
    return rate, rate is not None and rate.stale(now_ms)


def history(before_ms: int) -> list[Rate]:
    """Every version that was entered before that time, newest first, at most PAGE."""
    return exchange_rates.history(before_ms)


def in_own_money(shop: Shop, amount: Money) -> int:
    """What cash is worth in the shop's minor units, by the rate that counts now; without one, its own
    figure, which is the best that anybody can say."""
    rate = exchange_rates.in_force(amount.currency, shop.now_ms())
    if amount.currency == shop.currency or rate is None:
        return amount.minor
    return rules.worth(amount, rate.buy_e8, shop.currency).minor


def _tell(shop: Shop, rate: Rate) -> None:
    event = ExchangeRateEntered(
        rate_id=rate.rate_id,
        foreign_currency=rate.currency,
        currency=shop.currency,
        rate_version=rate.version,
        buy_e8=rate.buy_e8,
        valid_from_ms=rate.valid_from_ms,
        source=rate.source,
        operator_id=rate.entered_by,
    )
    record(shop, event, rate.entered_at_ms)


def _found(rate_id: str) -> Rate:
    rate = exchange_rates.by_id(rate_id)
    assert rate is not None, rate_id
    return rate
