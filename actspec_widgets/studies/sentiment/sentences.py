"""Subsets beside the sentences that switch them. Sentences are only ever shown, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...patterns.cube import Subset, chi
from ...results import Spectrum
from .causes import flipped, largest

if TYPE_CHECKING:
    from ...datasets.reviews import Reviews
    from .cells import Sentiment, View


@dataclass(frozen=True)
class Sentence:
    """One sentence on one side of a subset's parity.

    Attributes
    ----------
    text : str
    logit : float
        What the network says of it.
    effect : float
        How much the subset's state adds to the logit there: half the change back when one of its units is turned
        over in the network, or, where there is no network to ask, the spectrum's coefficient times the parity.
    """

    text: str
    logit: float
    effect: float


@dataclass(frozen=True)
class Switched:
    """A subset, and the sentences on either side of its parity in which it matters most.

    Attributes
    ----------
    subset : tuple of int
    label : str
    coefficient, standard_error : float
        Of the spectrum; units of the logit.
    even, odd : tuple of Sentence
        Where the product of the signs is +1 (an even number of its units is inactive), and -1; largest effect first.
    even_share : float
        Share of all sentences on the even side.
    """

    subset: Subset
    label: str
    coefficient: float
    standard_error: float
    even: tuple[Sentence, ...]
    odd: tuple[Sentence, ...]
    even_share: float


def switched(
    spectrum: Spectrum, view: View, texts: Sequence[str], *, subsets: int = 5, count: int = 4, seed: int = 0
) -> tuple[Switched, ...]:
    """The largest subsets of a spectrum, each with sentences from both sides of its parity.

    Parameters
    ----------
    spectrum : Spectrum
    view : View
        Of the same sentences.
    texts : sequence of str
        As many as the view has patterns.
    subsets, count : int
        Subsets shown, and sentences on each side.
    seed : int
        Of the sentences in which the network is asked.

    Raises
    ------
    ValueError
        If there are not as many texts as patterns.
    """
    if len(texts) != view.patterns.n_samples:
        raise ValueError(f"{len(texts)} texts came with {view.patterns.n_samples} patterns; give the same sentences")
    signs = view.patterns.signs()
    shown = []
    for subset in largest(spectrum, subsets):
        place = spectrum.subsets.index(subset)
        coefficient = float(spectrum.coefficients[place])
        side = chi(subset, signs)
        if view.query is None:
            samples = np.arange(len(texts))
            effects = coefficient * side
        else:
            done = flipped(spectrum, view, subset, seed)
            samples, effects = done.samples, -done.measured / 2
        # of equal effects, the sentence of which the network is surest
        order = np.lexsort((samples, -np.abs(view.y[samples]), -np.abs(effects)))
        best = [
            tuple(
                Sentence(texts[samples[i]], float(view.y[samples[i]]), float(effects[i]))
                for i in [i for i in order if side[samples[i]] == sign][:count]
            )
            for sign in (1, -1)
        ]
        shown.append(
            Switched(
                subset=subset,
                label=spectrum.label(subset),
                coefficient=coefficient,
                standard_error=float(spectrum.standard_errors[place]),
                even=best[0],
                odd=best[1],
                even_share=float(np.mean(side > 0)),
            )
        )
    return tuple(shown)


def show(
    settings: Sentiment, reviews: Reviews, layer: str | None = "feed_forward", threshold: str = "median"
) -> tuple[Spectrum, tuple[Switched, ...]]:
    """Train the transformer of a cell and give one spectrum with the training sentences that switch its subsets."""
    from .cells import MARGIN, see, spectrum_of, train

    reviews = reviews.polar(MARGIN)
    view = see(train(settings, reviews), reviews, layer, threshold, settings.words)
    spectrum = spectrum_of(settings, view)
    return spectrum, switched(spectrum, view, reviews.part("train").texts, seed=settings.seed)
