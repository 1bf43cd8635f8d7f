"""A share off the order, from an amount on; more of it from higher amounts on."""

import itertools
from typing import Annotated

import msgspec

from services.domain.forms import labelled
from services.domain.offers import COUPON, MINOR_MAX, ORDER, OrderRule, Step
from services.promotions.contract import Promotion


class ShareStep(msgspec.Struct, frozen=True):
    threshold_minor: Annotated[int, labelled("满", "Spend", "minor", 0, MINOR_MAX)]
    basis_points: Annotated[int, labelled("减去", "Off", "basis_points", 1, 10_000)]


class OrderPercentage(msgspec.Struct, frozen=True):
    steps: Annotated[tuple[ShareStep, ...], labelled("满折档", "Steps", "rows", 1, 10)]


def order_percentage(params: OrderPercentage) -> OrderRule:
    """The highest step reached counts; a higher one must give a larger share."""
    steps = sorted(params.steps, key=lambda step: step.threshold_minor)
    for below, above in itertools.pairwise(steps):
        if below.threshold_minor == above.threshold_minor or below.basis_points >= above.basis_points:
            raise ValueError("a higher step gives more")
    return OrderRule(tuple(Step(step.threshold_minor, basis_points=step.basis_points) for step in steps))


PROMOTION = Promotion(
    key="order_percentage",
    label_zh="整单折扣",
    label_en="Percentage off the order",
    layers=(ORDER, COUPON),
    params=OrderPercentage,
    rule=order_percentage,
)
