"""The problems that all methods are compared on; some of them suit other methods better than ours."""

from __future__ import annotations

from typing import Any

from ..methods import METHODS
from .run import Comparison

# Single units only, and many units with few queries, are what other methods are made for. In "sparse_additive" units
# are on in 5 % of the samples, and pairs are searched though none is true. In the last five this package's method lost
# subsets in the noise study: much noise, misread signs, noise with near copies or skewed units.
SCENES: dict[str, dict[str, Any]] = {
    "small": {"kind": "mixed", "n": 10, "degree": 4, "terms": 6, "samples": 1024},
    "additive": {"kind": "mixed", "n": 30, "degree": 1, "terms": 8, "samples": 2000},
    "pairs": {"kind": "mixed", "n": 30, "degree": 2, "terms": 8, "samples": 2000},
    "higher": {"kind": "mixed", "n": 30, "degree": 5, "terms": 8, "samples": 5000},
    "tree": {"kind": "tree", "n": 16, "degree": 3, "samples": 2000},
    "address": {"kind": "address", "n": 16, "degree": 3, "samples": 2000},
    "superposed": {"kind": "superposed", "n": 16, "degree": 2, "samples": 2000},
    "duplicates": {
        "kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 2000,
        "duplicates": 6, "constants": 4,
    },
    "near_copies": {"kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 5000, "copies": 10},
    "correlated": {"kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 5000, "correlation": 0.3},
    "redundant_network": {"kind": "copies", "n": 12, "degree": 3, "samples": 2000},
    "many_units": {"kind": "mixed", "n": 100, "degree": 3, "terms": 8, "samples": 5000},
    "very_many_units": {"kind": "mixed", "n": 300, "degree": 4, "terms": 8, "samples": 5000},
    "sparse_additive": {
        "kind": "mixed", "n": 30, "degree": 1, "terms": 8, "samples": 2000, "bias": -0.9, "searched": 2,
    },
    "correlated_skewed": {
        "kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 5000, "correlation": 0.3, "bias": 0.6,
    },
    "noise_4": {"kind": "mixed", "n": 30, "degree": 2, "terms": 8, "samples": 2000, "noise": 4.0, "seeds": 6},
    "noise_8": {"kind": "mixed", "n": 30, "degree": 2, "terms": 8, "samples": 2000, "noise": 8.0, "seeds": 6},
    "misread": {"kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 2000, "flips": 0.2, "seeds": 6},
    "noisy_copies": {
        "kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 5000, "copies": 10, "noise": 4.0, "seeds": 6,
    },
    "noisy_skewed": {
        "kind": "mixed", "n": 20, "degree": 3, "terms": 6, "samples": 2000, "bias": 0.6, "noise": 4.0, "seeds": 6,
    },
}  # fmt: skip
QUICK = ("small", "pairs", "near_copies", "noise_8")


def cells(quick: bool) -> tuple[Comparison, ...]:
    """The grid: every method on every scene, three seeds or six (two, and half a minute each, in the small grid)."""
    changes: dict[str, Any] = {"seeds": 2, "limit": 30.0} if quick else {}
    scenes = QUICK if quick else tuple(SCENES)
    return tuple(Comparison(method=m, scene=s, **(SCENES[s] | changes)) for s in scenes for m in METHODS)
