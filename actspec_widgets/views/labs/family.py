"""The trained family of digits classifiers: the subsets found in one layer of each, and numbers read off them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...compute import activation_spectroscopy
from ...compute.effects.measured import joint_effects
from ...compute.effects.rest import as_rest
from ...datasets import FamilyMember, binarise, load_digits_family, load_mnist
from ...patterns import Patterns
from ...progress import Progress, part_of
from ...results import Spectrum
from ...results.weights import explained_by_first
from ..kit.evidence import Effects

_CONTEXTS = 100  # digits in which the units of a subset are changed: a click on a network must not wait for more
LAYERS = {"relu2": "second hidden layer", "relu1": "first hidden layer", "input": "pixels"}


@dataclass(frozen=True, eq=False)
class Reading:
    """One network and the subsets found in one of its layers."""

    member: FamilyMember
    spectrum: Spectrum

    @property
    def network(self) -> tuple[float, int]:
        """Its dropout rate and seed."""
        return self.member.dropout, self.member.seed


def read_family(
    layer: str = "relu2",
    digit: int = 3,
    *,
    max_degree: int = 2,
    top: int = 20,
    seed: int = 0,
    members: Sequence[FamilyMember] | None = None,
    progress: Progress | None = None,
) -> tuple[Reading, ...]:
    """Look for the subsets of one layer that carry one digit's logit, in every network.

    Parameters
    ----------
    layer : str
        A key of ``LAYERS``.
    digit : int
    max_degree, top, seed
        See :func:`actspec_widgets.activation_spectroscopy`.
    members : sequence of FamilyMember, optional
        Default: :func:`actspec_widgets.datasets.load_digits_family`.
    progress : callable, optional

    Notes
    -----
    On the 6,000 digits that come with the package, most of which the networks were trained on; the study of this
    folder uses others. Every number is from the half that took no part in the search.
    """
    chosen = load_digits_family().members if members is None else tuple(members)
    readings = []
    for at, member in enumerate(chosen):
        part = None if progress is None else part_of(progress, at, len(chosen))
        if part is not None:
            part(0, 1)
        outputs = _hidden_layers(member)
        spectrum = activation_spectroscopy(
            _pixels() if layer == "input" else Patterns.from_activations(outputs[layer]),
            outputs["logits"][:, digit].astype(np.float64),
            max_degree=max_degree,
            top=top,
            seed=seed,
            progress=part,
        )
        readings.append(Reading(member, spectrum))
    return tuple(readings)


@functools.lru_cache(maxsize=64)
def effects_in(reading: Reading, layer: str, digit: int) -> Effects:
    """What the units of each subset of a reading do jointly when they alone are changed in its network.

    Parameters
    ----------
    reading : Reading
    layer, digit
        What it was read from; see :func:`read_family`.
    """
    member, subsets = reading.member, reading.spectrum.subsets
    values = _hidden_layers(member)[layer] if layer != "input" else binarise(_digits())

    def logit(activations: NDArray) -> NDArray[np.float64]:
        return member.layers_after(layer, activations)["logits"][:, digit].astype(np.float64)

    found = joint_effects(as_rest(logit, values), values > 0, subsets, contexts=_CONTEXTS)
    return Effects("by experiment", dict(zip(subsets, found.tolist(), strict=True)))


@functools.lru_cache(maxsize=32)
def _hidden_layers(member: FamilyMember) -> dict[str, NDArray[np.float32]]:
    """What all layers but the pixels give, 3 MB a network."""
    return {name: values for name, values in member.layers(_digits()).items() if name != "input"}


@functools.cache
def _pixels() -> Patterns:
    return Patterns.from_activations(binarise(_digits()))


@functools.cache
def _digits() -> NDArray[np.uint8]:
    data = load_mnist()
    return np.concatenate([data.x_train, data.x_test])


def weight_shares(spectrum: Spectrum, max_degree: int) -> NDArray[np.float64]:
    """Share of the squared coefficients at degrees 1 to ``max_degree``; not-a-number where nothing is reported."""
    return _shares(spectrum.degree_weights(max_degree)[1:])


def size_shares(spectrum: Spectrum, max_degree: int) -> NDArray[np.float64]:
    """Share of the subsets that have 1 to ``max_degree`` units; not-a-number where nothing is reported."""
    sizes = [len(s) for s in spectrum.subsets]
    return _shares(np.bincount(sizes, minlength=max_degree + 1)[1 : max_degree + 1].astype(np.float64))


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    total = parts.sum()
    return parts / total if total > 0 else np.full(parts.shape, np.nan)


def _subsets_for(share: float) -> Callable[[Reading], float]:
    def count(reading: Reading) -> float:
        reached = np.flatnonzero(explained_by_first(reading.spectrum.gains, reading.spectrum.n_samples) >= share)
        return float(reached[0] + 1) if reached.size else np.nan

    return count


def _number(name: str) -> Callable[[Reading], float]:
    return lambda reading: float(reading.spectrum.summary_numbers()[name].value)


def _mean_size(reading: Reading) -> float:
    sizes = [len(s) for s in reading.spectrum.subsets]
    return float(np.mean(sizes)) if sizes else np.nan


# One number of each network: label, and how it is read.
MEASURES: dict[str, Callable[[Reading], float]] = {
    "subsets to half of the variance": _subsets_for(0.5),
    "mean size of the subsets": _mean_size,
    "effective degree": _number("effective_degree"),
    "effective number of subsets": _number("effective_number"),
    "redundancy between subsets": _number("redundancy"),
    "explained variance": lambda reading: reading.spectrum.explained_variance,
    "test accuracy": lambda reading: reading.member.accuracy,
}

# What has a shape in each network: label, what stands across, and its values at 1, 2, ..., given the settings of
# read_family.
DISTRIBUTIONS: dict[str, tuple[str, Callable[[Spectrum, int, int], NDArray[np.float64]]]] = {
    "share of the weight at each degree": ("degree", lambda s, degree, most: weight_shares(s, degree)),
    "share of the subsets of each size": ("units in the subset", lambda s, degree, most: size_shares(s, degree)),
    "variance explained by the first subsets": ("number of subsets", lambda s, degree, most: _padded(s, most)),
}


def _padded(spectrum: Spectrum, most: int) -> NDArray[np.float64]:
    """:func:`.weights.explained_by_first`, not-a-number where there are no more subsets."""
    explained = explained_by_first(spectrum.gains, spectrum.n_samples)[:most]
    return np.concatenate([explained, np.full(most - len(explained), np.nan)])
