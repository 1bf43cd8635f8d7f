"""A process that looks for look-alikes until it is killed: says how far it is on standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from services import initials
from services.flows import resemblance
from tests.shop import make_shop, open_store


def main() -> None:
    """Argument: the database."""
    open_store(Path(sys.argv[1]))
    resemblance.suggest(make_shop(), initials.syllable, lambda line: os.write(1, f"{line}\n".encode()))


if __name__ == "__main__":
    main()
