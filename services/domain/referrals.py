"""Who brought whom: one newcomer, one member who sent them, and points for both once something was kept."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from services.domain.errors import ReferralRefused
from services.domain.points_rules import Referral as Rules

WAITING, REWARDED, VOID = "waiting", "rewarded", "void"
JOINED_MS = 24 * 3_600_000  # a newcomer names who sent them when they join, not later


@dataclass(frozen=True, slots=True)
class Referral:
    newcomer_id: str
    referrer_id: str
    state: str = WAITING
    sale_id: str = ""  # the purchase that counted
    month: str = ""  # YYYY-MM in which it did
    capped: bool = False  # the referrer had brought so many that month that they got nothing


def check(
    newcomer: tuple[str, ...],
    referrer: tuple[str, ...],
    shared: Set[object],
    *,
    joined_ms: int,
    now_ms: int,
    bought: bool,
) -> None:
    """Whether one may have sent the other. `shared` is whatever identifies both: a phone, an ID card, a
    stored-value card. Raises ReferralRefused (details.why: self, late, bought)."""
    if set(newcomer) & set(referrer) or shared:
        raise ReferralRefused("nobody brings themselves", why="self")
    if now_ms - joined_ms > JOINED_MS:
        raise ReferralRefused("this is said when somebody joins", why="late")
    if bought:
        raise ReferralRefused("they have bought before", why="bought")


def counted(
    held: Referral, rules: Rules, *, sale_id: str, amount_minor: int, month: str, had: int
) -> Referral:
    """After a purchase of the newcomer. `had` is how many the referrer has brought in that month."""
    if held.state != WAITING or amount_minor <= 0 or amount_minor < rules.least_minor:
        return held
    capped = bool(rules.per_month) and had >= rules.per_month
    return replace(held, state=REWARDED, sale_id=sale_id, month=month, capped=capped)
