"""Prints every promised figure, its reference and the ratio; ends with 1 when one is missed."""

from __future__ import annotations

import sys

from tests.bench import (
    attach,
    catalogue,
    checkout,
    drain,
    duplicates,
    imports,
    pricing,
    resemblance,
    settle,
    store,
)
from tests.bench.figure import HEADER
from tests.stack import ROOT

PARTS = {
    "pricing": pricing.figures,
    "catalogue": catalogue.figures,
    "settle": settle.figures,
    "checkout": checkout.figures,
    "attach": attach.figures,
    "imports": imports.figures,
    "duplicates": duplicates.figures,
    "resemblance": resemblance.figures,
    "store": store.figures,
    "drain": drain.figures,
}


def main(names: list[str]) -> int:
    """All parts, or those named."""
    (ROOT / "build").mkdir(exist_ok=True)
    sys.stdout.write(HEADER + "\n")
    missed = 0
    for name, figures in PARTS.items():
        if names and name not in names:
            continue
        for figure in figures():
            sys.stdout.write(figure.line() + "\n")
            sys.stdout.flush()
            missed += not figure.met
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
