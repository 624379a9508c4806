"""Do the subsets do what the spectrum says: their units are set by hand inside the real network."""

from __future__ import annotations

import numpy as np

from ...compute import intervene
from ...results import Intervention, Spectrum
from ..study import Row
from .view import View

SAMPLES = 500  # sentences in which a subset is flipped


def causal_columns(spectrum: Spectrum, view: View, checked: int, seed: int) -> Row:
    """Mean slope and R2 of measured against predicted changes, over the largest subsets; empty without a network.

    Errors are the means of the subsets' own errors, which is too large rather than too small: the subsets share
    sentences. ``..._joint``: the same over the largest subsets of two or more units.
    """
    if view.query is None or not checked:
        return {}
    row: Row = {}
    for name, least in (("", 1), ("_joint", 2)):
        done = [flipped(spectrum, view, subset, seed) for subset in largest(spectrum, checked, least)]
        row[f"causal_subsets{name}"] = len(done)
        for column in ("slope", "slope_error", "r_squared", "r_squared_error"):
            values = [getattr(one, column) for one in done]
            row[f"causal_{column}{name}"] = float(np.mean(values)) if values else None
    return row


def flipped(spectrum: Spectrum, view: View, subset, seed: int) -> Intervention:
    """One unit of the subset turned over in each of some training sentences."""
    from ...networks.training import one_thread

    assert view.query is not None  # asked only where there is a network
    with one_thread():
        return intervene(view.query, spectrum, subset, patterns=view.patterns, samples=SAMPLES, seed=seed)


def largest(spectrum: Spectrum, count: int, least: int = 1) -> list[tuple[int, ...]]:
    """The subsets of at least ``least`` units with the largest coefficients."""
    order = np.argsort(-np.abs(spectrum.coefficients), kind="stable")
    return [spectrum.subsets[i] for i in order if len(spectrum.subsets[i]) >= least][:count]
