"""Activation Spectroscopy: which subsets of a network's units matter jointly, and how sure is that.

Everything below is importable from here; torch and the widgets load only when asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

# Where each public name lives. Nothing is imported until it is used (PEP 562).
_HOMES = {
    "Cancelled": "progress",
    "Patterns": "patterns",
    "Coverage": "results",
    "Estimates": "results",
    "Experiment": "results",
    "Spectrum": "results",
    "activation_spectroscopy": "compute",
    "beam": "compute",
    "best_first": "compute",
    "binarisation_cost": "compute",
    "block_spectrum": "compute",
    "by_experiment": "compute",
    "character_means": "compute",
    "distributedness": "compute",
    "experiment": "compute",
    "explain": "compute",
    "goldreich_levin": "compute",
    "intervene": "compute",
    "published_procedure": "compute",
    "scan": "compute",
    "coactive": "compute",
    "scan_targets": "compute",
    "sparse_transform": "compute",
    "stability": "compute",
    "exact_relations": "compute",
    "walsh_hadamard": "compute",
    "warm": "compute",
    "SubNetwork": "networks",
    "compare_targets": "networks",
    "distributed_layers": "networks",
    "record": "networks",
    "trace": "networks",
    "load_mnist": "datasets",
}
_ROOMS = ("datasets", "lessons", "networks", "results", "studies", "views")
_MODULES = {"synthetic": "datasets.synthetic", "targets": "networks.targets"}

__all__ = ["__version__", *_HOMES, *_ROOMS, *_MODULES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _ROOMS or name in _MODULES:
        value = importlib.import_module(f".{_MODULES.get(name, name)}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
