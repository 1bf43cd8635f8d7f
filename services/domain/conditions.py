"""Whether an offer stands at this moment for this customer, or the first reason why not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from services.domain.offers import Context, Offer, Terms, Uses, Window


class Miss(NamedTuple):
    """Why an offer gives nothing. `needed` and `have` are of the `unit` "minor" or "pieces", or 0."""

    code: str
    needed: int = 0
    have: int = 0
    unit: str = ""
    group: str = ""
    winner: str = ""  # the promotion that was taken instead


def missed(offer: Offer, context: Context) -> Miss | None:
    """The first condition that does not hold; None: the offer stands, whatever is in the basket."""
    terms = offer.terms
    window = outside(terms.window, context.day, context.weekday, context.minute)
    return window or _customer(terms, context) or _limits(offer, context)


def outside(window: Window, day: str, weekday: int, minute: int) -> Miss | None:
    """Why this moment, by the clock on the wall, is not in a window."""
    if window.from_minute > window.to_minute and minute < window.to_minute:
        began = date.fromisoformat(day) - timedelta(days=1)  # after midnight it is still that day's offer
        day, weekday = began.isoformat(), began.isoweekday()
    if window.from_day and day < window.from_day:
        return Miss("not_started")
    if window.to_day and day > window.to_day:
        return Miss("ended")
    if window.weekdays and weekday not in window.weekdays:
        return Miss("wrong_weekday")
    if window.month_days and int(day[8:]) not in window.month_days:
        return Miss("wrong_day")
    return None if _hour(window, minute) else Miss("wrong_hour")


def _hour(window: Window, minute: int) -> bool:
    if window.from_minute <= window.to_minute:
        return window.from_minute <= minute < window.to_minute
    return minute >= window.from_minute or minute < window.to_minute


def _customer(terms: Terms, context: Context) -> Miss | None:
    if terms.stores and context.store not in terms.stores:
        return Miss("wrong_store")
    if (terms.members_only or terms.tiers or terms.segments) and not context.member_id:
        return Miss("needs_member")
    if terms.tiers and context.tier not in terms.tiers:
        return Miss("wrong_tier")
    if terms.segments and not context.segments.intersection(terms.segments):
        return Miss("not_in_segment")
    return None


def _limits(offer: Offer, context: Context) -> Miss | None:
    terms, uses = offer.terms, context.uses.get(offer.promotion_id, Uses())
    if terms.uses_per_member and uses.member >= terms.uses_per_member:
        return Miss("limit_member", terms.uses_per_member, uses.member)
    if terms.uses_per_store and uses.store >= terms.uses_per_store:
        return Miss("limit_store", terms.uses_per_store, uses.store)
    if terms.uses_per_day and uses.day >= terms.uses_per_day:
        return Miss("limit_store", terms.uses_per_day, uses.day)
    if terms.budget_minor and uses.spent_minor >= terms.budget_minor:
        return Miss("budget_empty", terms.budget_minor, uses.spent_minor)
    return _coupon(offer, context) if terms.needs_coupon else None


def _coupon(offer: Offer, context: Context) -> Miss | None:
    held = [coupon for coupon in context.coupons if coupon.promotion_id == offer.promotion_id]
    if not held:
        return Miss("needs_coupon")
    if all(coupon.valid_to and coupon.valid_to < context.day for coupon in held):
        return Miss("coupon_expired")
    return None
