"""Studies: a grid of settings in, a tidy table out; ``python -m actspec_widgets.studies NAME`` runs one of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .study import Study

# A study is imported when it is asked for: its libraries may not be installed.
STUDIES = ("recovery", "noise", "comparison", "dropout", "published", "sentiment", "encoder", "effects")
NOT_IN_LEDGER: tuple[str, ...] = (
    "effects",
)  # studies of which no table of the full grid is kept yet: run by name, not by "all"
_HOMES = {"Verdict": "verdict", "Study": "study", "grid": "study", "run": "running", "StudyIncomplete": "running"}

__all__ = ["NOT_IN_LEDGER", "STUDIES", "Study", "StudyIncomplete", "Verdict", "grid", "load", "run"]


def load(name: str) -> Study:
    """The study of that name.

    Raises
    ------
    ValueError
        If there is none.
    """
    if name not in (known := (*STUDIES, *NOT_IN_LEDGER)):
        raise ValueError(f"there is no study {name!r}; choose one of {', '.join(known)}")
    return importlib.import_module(f".{name}", __name__).STUDY


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value
