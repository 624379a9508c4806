"""The widgets. Only this room imports ipywidgets and bqplot, and they load when a widget is asked for."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "DropoutLab": "labs.dropout_lab",
    "NoiseLab": "labs.noise_lab",
    "RecoveryLab": "labs.recovery_lab",
    "SentenceExplorer": "explorer.sentence_explorer",
    "SideBySide": "explorer.side_by_side",
    "SpectrumExplorer": "explorer.explorer",
    "link_labs": "kit.linking",
    "report": "pages.page",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
