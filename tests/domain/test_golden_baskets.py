"""The golden baskets, to the last unit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.flows.promotions import kinds
from tests.domain.golden_basket import FOLDER, priced, text, told

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_basket_is_priced_as_written(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    assert told(priced(case)) == {key: case[key] for key in ("lines", "total", "explanations", "nearest")}
    assert file.read_text("utf-8") == text(case)


def test_every_kind_of_promotion_has_a_golden_basket() -> None:
    cases = [json.loads(file.read_text("utf-8")) for file in FILES]
    assert {each["kind"] for case in cases for each in case["promotions"]} == set(kinds())
