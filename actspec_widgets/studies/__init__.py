"""Studies: a grid of settings in, a tidy table out; ``python -m actspec_widgets.studies NAME`` runs one of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .study import Study

# A study is imported when it is asked for: its libraries may not be installed.
STUDIES = ("recovery", "noise", "comparison", "dropout", "published", "sentiment", "encoder", "effects", "pruning")
_HOMES = {"Verdict": "verdict", "Study": "study", "grid": "study", "run": "running", "StudyIncomplete": "running"}

__all__ = ["STUDIES", "Study", "StudyIncomplete", "Verdict", "grid", "load", "run"]


def load(name: str) -> Study:
    """The study of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in STUDIES:
        raise ValueError(f"there is no study {name!r}; choose one of {', '.join(STUDIES)}")
    return importlib.import_module(f".{name}", __name__).STUDY


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
