"""Kinds of coupons: published in versions, each with the promotion to which its coupons are the key."""

from __future__ import annotations

import msgspec

from services.domain import coupons as rules
from services.domain.coupon_codes import TEMPLATES_MAX
from services.domain.coupon_errors import CouponTemplateRefused, CouponUnknown
from services.domain.coupon_events import CouponTemplatePublished, CouponTemplateWithdrawn
from services.domain.coupons import Fault, Template
from services.domain.errors import PromotionRefused
from services.domain.events import PromotionPublished
from services.domain.offers import Definition
from services.flows import promotions as promotions_flow
from services.flows.record import record
from services.flows.shop import Shop
from services.store import coupon_templates, db, promotions, requests
from services.store.coupon_templates import Version


def listed() -> list[Version]:
    """The last version of every kind, whether it is still issued or not."""
    return coupon_templates.newest_of_all()


def publish(shop: Shop, draft: Template, *, operator_id: str, request_id: str) -> Template:
    """Make `draft` the next version of its kind, issued from now on; `template_id` "" is a new one, and
    version and number are given here. A repeat gives the first one's version.

    Raises CouponTemplateRefused (reason: the field and what is the matter), CouponUnknown for an id that
    was never published.
    """
    asked = requests.fingerprint("coupon_template", msgspec.to_builtins(draft))
    new_id, stamp, now_ms = shop.new_id(), shop.new_id(), shop.now_ms()
    with promotions.changing(), db.write():
        done = requests.answer(request_id, asked)
        template_id = done or draft.template_id or new_id
        before = coupon_templates.newest(template_id)
        if done is not None and before is not None:
            return before.template
        if draft.template_id and before is None:
            raise CouponUnknown("no coupon has this id", template_id=draft.template_id)
        version = before.template.version + 1 if before else 1
        number = before.template.number if before else coupon_templates.next_number()
        if number > TEMPLATES_MAX:
            raise CouponTemplateRefused("codes name no more kinds", reason="number: all are in use")
        made = msgspec.structs.replace(draft, template_id=template_id, version=version, number=number)
        definition = check(made)
        coupon_templates.put(made, now_ms)
        promotions.put(definition, now_ms)
        promotions.put_stamp(stamp)
        record(shop, CouponTemplatePublished(template=made, operator_id=operator_id), now_ms)
        record(shop, PromotionPublished(definition=definition, operator_id=operator_id), now_ms)
        requests.remember(request_id, asked, template_id, now_ms)
    return made


def withdraw(shop: Shop, template_id: str, *, operator_id: str, request_id: str) -> Template:
    """Issue no more of a kind; what was issued stays good. A repeat changes nothing. Raises CouponUnknown
    when it is not issued."""
    asked = requests.fingerprint("coupon_template_end", template_id)
    now_ms = shop.now_ms()
    with db.write():
        done = requests.answer(request_id, asked)
        last = coupon_templates.newest(template_id)
        if last is None or (last.until_ms and done is None):
            raise CouponUnknown("no such coupon is issued", template_id=template_id)
        if done is None:
            coupon_templates.end(template_id, now_ms)
            event = CouponTemplateWithdrawn(
                template_id=template_id,
                template_version=last.template.version,
                operator_id=operator_id,
            )
            record(shop, event, now_ms)
            requests.remember(request_id, asked, template_id, now_ms)
    return last.template


def check(template: Template) -> Definition:
    """The promotion of a template, published or not. Raises CouponTemplateRefused."""
    try:
        rules.check(template)
        definition = rules.definition(template)
        promotions_flow.offer(definition)
    except Fault as error:
        raise CouponTemplateRefused("such a coupon cannot be", reason=str(error)) from error
    except PromotionRefused as error:
        raise CouponTemplateRefused("such a coupon cannot be", **error.details) from error
    return definition
