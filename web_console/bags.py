"""What became of a till's bag: answered to the caller, and told to every other page of that till."""

from __future__ import annotations

from services.domain.basket import Basket
from web_console import views
from web_console.api import BasketView
from web_console.gate import Call


def told(call: Call, after: Basket, last_line_id: int = 0) -> BasketView:
    """The bag as all pages of the session's till now show it; `last_line_id` as views.basket() takes it."""
    view = views.basket(call.shop, call.till, after, last_line_id)
    call.live.tell(call.till, "basket", view)
    return view


def told_everywhere(call: Call) -> None:
    """The bags of all tills, after something of a member's that may make them other bags."""
    for till in call.shop.tills:
        call.live.tell(till, "basket", views.basket(call.shop, till))
    call.box.wake_uplink()


def recorded(call: Call, after: Basket, last_line_id: int = 0) -> BasketView:
    """The same, where the change stands in the journal too: headquarters is to hear of it."""
    view = told(call, after, last_line_id)
    call.box.wake_uplink()
    return view
