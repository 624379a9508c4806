"""One cell: subsets found in what was recorded of one layer, and the effect of each when its units are changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...compute import activation_spectroscopy, by_experiment
from ...patterns import Patterns
from ...patterns.cube import chi
from ...results import Spectrum
from ...results.evidence import PLAIN
from ..study import Row
from .places import opened

if TYPE_CHECKING:
    from ...networks import SubNetwork

MUCH = 0.1  # of the prediction


@dataclass(frozen=True)
class AssociationAndEffect:
    """A layer of a network, and how it is looked at.

    Attributes
    ----------
    network : str
        "digits": the bundled classifiers; "small": the transformer of the sentiment study; "encoder".
    layer : str
        Of the digits "pixels", "hidden1" or "hidden2"; of the others as in the study of the encoder.
    dropout : float
        Of the digits' hidden units in training.
    seed : int
        Of the network, of the held-out samples and of the contexts.
    samples : int
        Most that are recorded.
    contexts : int
        Recorded samples in which the units of a subset are changed.
    max_degree, top : int
        Of the search.
    """

    network: str = "digits"
    layer: str = "hidden1"
    dropout: float = 0.0
    seed: int = 0
    samples: int = 2000
    contexts: int = 500
    max_degree: int = 2
    top: int = 20


def run(settings: AssociationAndEffect) -> Row:
    """Search what was recorded, and change the units of every subset that is reported.

    Raises
    ------
    FileNotFoundError
        If no file of rated sentences is named.
    OSError
        If the encoder is nowhere.
    ValueError
        If a setting is out of range.
    """
    from ...networks.training import one_thread

    with one_thread():
        rest = opened(settings.network, settings.layer, settings.dropout, settings.seed, settings.samples)
        return row_for(settings, rest)


def row_for(settings: AssociationAndEffect, rest: SubNetwork) -> Row:
    """The row of :func:`run` for any network."""
    start = time.perf_counter()
    patterns = Patterns.from_activations(rest.activations, rest.thresholds)
    spectrum = activation_spectroscopy(
        patterns, rest.target, max_degree=settings.max_degree, top=settings.top, search="exhaustive", halves=0,
        threads=1, seed=settings.seed,
    )  # fmt: skip
    searched = time.perf_counter()
    both = by_experiment(rest, spectrum, patterns=patterns, samples=settings.contexts, seed=settings.seed)
    sizes = np.array([len(subset) for subset in both.subsets], int)
    return {
        "units": rest.n_units,
        "recorded": len(rest.target),
        "explained_variance": both.explained_variance,
        "claimed_joint": int(both.joint.sum()),
        **columns("several", both, patterns, sizes > 1),
        **columns("single", both, patterns, sizes == 1),
        "search_time_s": searched - start,
        "effect_time_s": time.perf_counter() - searched,
    }


def columns(name: str, spectrum: Spectrum, patterns: Patterns, chosen: NDArray[np.bool_]) -> Row:
    """How many of these subsets act, and how large that is against what the spectrum predicts.

    Returns
    -------
    dict
        ``NAME_reported``: how many there are, of those whose units were all seen often enough in both states.
        ``NAME_acting``: how many of these act on average or in some contexts, as
        :attr:`Spectrum.acting` has it; ``NAME_acting_on_average``: on average. ``NAME_acting_much``: on average
        a tenth as much as predicted or more, and in that direction. ``NAME_slope``: of the line through the
        origin of average effects over predicted ones, with a standard error that holds for unequal errors;
        ``NAME_median_ratio``: median of effect over prediction, without regard to sign.
    """
    assert spectrum.effects is not None and spectrum.effect_errors is not None
    assert spectrum.superset_importance is not None and spectrum.superset_errors is not None
    chosen = chosen & np.isfinite(spectrum.effects)
    count = int(chosen.sum())
    effects, errors = spectrum.effects[chosen], spectrum.effect_errors[chosen]
    limit = NormalDist().inv_cdf(1 - spectrum.settings["alpha"] / (2 * max(count, 1)))
    on_average = np.abs(effects) > limit * errors
    anywhere = spectrum.superset_importance[chosen] > PLAIN * spectrum.superset_errors[chosen]
    predicted = predictions(spectrum, patterns)[chosen]
    square = float(predicted @ predicted)
    row: Row = {
        f"{name}_reported": count,
        f"{name}_acting": int((on_average | anywhere).sum()),
        f"{name}_acting_on_average": int(on_average.sum()),
        f"{name}_acting_much": int((on_average & (effects * np.sign(predicted) >= MUCH * np.abs(predicted))).sum()),
        f"{name}_slope": None,
        f"{name}_slope_error": None,
        f"{name}_median_ratio": None,
    }
    if square:
        slope = float(predicted @ effects) / square
        spread = predicted**2 * ((effects - slope * predicted) ** 2 + errors**2)
        row[f"{name}_slope"], row[f"{name}_slope_error"] = slope, float(np.sqrt(spread.sum())) / square
        row[f"{name}_median_ratio"] = float(np.median(np.abs(effects / predicted)))
    return row


def predictions(spectrum: Spectrum, patterns: Patterns) -> NDArray[np.float64]:
    """The joint effect of each subset by the spectrum: its coefficient, and those of larger ones in the contexts."""
    found = np.array(spectrum.coefficients, float)
    for at, subset in enumerate(spectrum.subsets):
        for other, coefficient in zip(spectrum.subsets, spectrum.coefficients, strict=True):
            if set(subset) < set(other):
                rest = sorted({*other} - {*subset})
                found[at] += coefficient * chi(range(len(rest)), patterns.select(rest).signs()).mean()
    return found
