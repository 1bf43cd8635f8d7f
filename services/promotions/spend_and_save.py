"""Spend so much, save so much: in steps, or again for every full threshold."""

import itertools
from typing import Annotated

import msgspec

from services.domain.forms import labelled
from services.domain.offers import COUPON, MINOR_MAX, ORDER, OrderRule, Step
from services.promotions.contract import Promotion


class SaveStep(msgspec.Struct, frozen=True):
    threshold_minor: Annotated[int, labelled("满", "Spend", "minor", 1, MINOR_MAX)]
    amount_minor: Annotated[int, labelled("减", "Save", "minor", 1, MINOR_MAX)]


class SpendAndSave(msgspec.Struct, frozen=True):
    steps: Annotated[tuple[SaveStep, ...], labelled("满减档", "Steps", "rows", 1, 10)]
    repeats: Annotated[bool, labelled("每满可叠加", "For every full amount", "switch")] = False


def spend_and_save(params: SpendAndSave) -> OrderRule:
    """The highest step reached counts. Only a single step repeats; a higher one must save more."""
    steps = sorted(params.steps, key=lambda step: step.threshold_minor)
    if params.repeats and len(steps) > 1:
        raise ValueError("only a single step can repeat")
    for lower, higher in itertools.pairwise(steps):
        if lower.threshold_minor == higher.threshold_minor or lower.amount_minor >= higher.amount_minor:
            raise ValueError("a higher step saves more")
    return OrderRule(
        tuple(Step(step.threshold_minor, step.amount_minor) for step in steps), repeats=params.repeats
    )


PROMOTION = Promotion(
    key="spend_and_save",
    label_zh="满减",
    label_en="Spend and save",
    layers=(ORDER, COUPON),
    params=SpendAndSave,
    rule=spend_and_save,
)
