"""The liability report: what is owed at each day's end is what the accounts hold."""

from __future__ import annotations

from services.domain import periods
from services.flows import stored_value
from services.flows.shop import Shop
from services.reports.contract import Question
from services.reports.stored_value import REPORT
from tests.flows.test_stored_value import DAY_MS, has, pay_out, recharge, refund, spend
from tests.shop import SHANGHAI, Clock

WHO = {"m-1", "m-2"}


def test_each_day_ends_with_what_the_accounts_hold(clock: Clock, shop: Shop) -> None:
    first = recharge(shop, 500_00, 60_00)
    recharge(shop, 300_00, 30_00, group=("m-2",), days=1)
    clock.at_ms += DAY_MS
    spend(shop, 100_00, "s")
    refund(shop, 50_00, "s")
    held = [(500_00 + 300_00, 90_00)]
    held.append(tuple(sum(has(shop, (who,))[n] for who in WHO) for n in (0, 1)))  # type: ignore[arg-type]
    clock.at_ms += DAY_MS
    stored_value.expire_all(shop)
    worth = stored_value.worth(shop, first.move_id, "customer").pays_minor
    pay_out(shop, first.move_id, worth)
    held.append((has(shop, ("m-2",)).principal, 0))
    period = periods.period("2026-11-21", "2026-11-24")
    found = REPORT.rows(Question(period=period, zone=SHANGHAI, lang="en", tenders={}))
    assert [row[8:] for row in found] == [(0, 0), *held]
    by_key = [dict(zip([each.key for each in REPORT.columns], row, strict=True)) for row in found]
    assert (by_key[1]["recharged"], by_key[1]["given"]) == (800_00, 90_00)
    assert (by_key[2]["used"], by_key[2]["bonus_used"]) == (44_64, 5_36)
    assert (by_key[3]["out"], by_key[3]["kept"]) == (worth, 500_00 - 44_64 - worth)
    assert by_key[3]["cancelled"] == 54_64 + 30_00
