"""The instruments: ipywidgets and bqplot live in this room only, and load when a widget is asked for."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "DropoutLab": "dropout_lab",
    "NoiseLab": "noise_lab",
    "RecoveryLab": "recovery_lab",
    "SideBySide": "side_by_side",
    "SpectrumExplorer": "explorer",
    "link_labs": "linking",
    "report": "page",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
