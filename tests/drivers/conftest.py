"""python-escpos keeps a file of what it knows of printers: one folder for all runs, not a new one each."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

CACHE = Path(tempfile.gettempdir()) / "store-gateway-tests-escpos"
CACHE.mkdir(exist_ok=True)
os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", str(CACHE))
