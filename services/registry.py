"""Finds the parts: every module of a folder that holds the asked constant."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any


def discover(package: str, constant: str) -> dict[str, Any]:
    """The parts of `package` by their key, in the order of the keys.

    A part is a module with a module-level `constant` that has a `key`; two parts with one key are a bug.
    """
    parts: dict[str, Any] = {}
    folder = importlib.import_module(package)
    for module in sorted(pkgutil.iter_modules(folder.__path__), key=lambda m: m.name):
        part = getattr(importlib.import_module(f"{package}.{module.name}"), constant, None)
        if part is None:
            continue
        assert part.key not in parts, f"two parts named {part.key} in {package}"
        parts[part.key] = part
    return dict(sorted(parts.items()))
