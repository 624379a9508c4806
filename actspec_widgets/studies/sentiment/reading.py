"""What is read off a spectrum: how much it explains on unseen sentences, and whether its subsets drive the network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...compute import activation_spectroscopy, intervene
from ...patterns import Patterns
from ...patterns.cube import chi
from ...results import Intervention, Spectrum
from ..study import Row
from ..unseen import gain_columns, ridge, share_columns
from .view import View

FLIPPED = 500  # sentences in which a subset is flipped


def unseen_columns(spectrum: Spectrum, view: View, top: int) -> Row:
    """Shares of the variance of unseen logits, each with its standard error over the sentences.

    Returns
    -------
    dict
        ``unseen_variance``: by the spectrum's own prediction. ``first_degree_variance``: by a spectrum that may hold
        single units only, as many of them. ``single_variance``: by ridge regression on *all* single units, fitted on
        the sentences that the spectrum is made from. ``joint_gain``: what the spectrum's subsets of two or more units
        add to that regression, its error from the differences sentence by sentence. ``activation_variance``: by ridge
        regression on the activations before they were cut to on and off. ``two_level_variance``: by the network itself
        when each unit is set to its mean where it is on or its mean where it is off. ``agreement``: share of sentences
        where the spectrum's prediction and the logit have one sign.
    """
    y = view.unseen_y
    own = spectrum.predict(view.unseen)
    split, seed = spectrum.settings["split"], spectrum.settings["seed"]
    first = activation_spectroscopy(
        view.patterns, view.y, max_degree=1, top=top, search="exhaustive", split=split, halves=0, seed=seed
    )
    single = ridge(view.patterns.signs(), view.y, view.unseen.signs())
    joint = [subset for subset in spectrum.subsets if len(subset) > 1]
    both = single
    if joint:
        both = ridge(_with(view.patterns, joint), view.y, _with(view.unseen, joint))
    row = {
        **share_columns("unseen_variance", y, own),
        **share_columns("first_degree_variance", y, first.predict(view.unseen)),
        **share_columns("single_variance", y, single),
        **gain_columns("joint_gain", y, single, both),
        "unseen_texts": len(y),
        "agreement": float(np.mean((own > 0) == (y > 0))),
    }
    if view.activations is not None and view.unseen_activations is not None:
        straight = ridge(view.activations, view.y, view.unseen_activations)
        row |= share_columns("activation_variance", y, straight)
    if view.query is not None:
        from ...networks.training import one_thread

        with one_thread():
            row |= share_columns("two_level_variance", y, view.query(view.unseen.signs()))
    return row


def _with(patterns: Patterns, subsets) -> NDArray[np.int8]:
    """Single units, and the parities of the subsets beside them."""
    signs = patterns.signs()
    return np.column_stack([signs, *(chi(subset, signs) for subset in subsets)])


def causal_columns(spectrum: Spectrum, view: View, checked: int, seed: int) -> Row:
    """Mean slope and R2 of measured against predicted changes, over the largest subsets; empty without a network.

    Errors are the means of the subsets' own errors, which is too large rather than too small: the subsets share
    sentences. ``..._joint``: the same over the largest subsets of two or more units.
    """
    if view.query is None or not checked:
        return {}
    row: Row = {}
    for name, least in (("", 1), ("_joint", 2)):
        done = [_flipped(spectrum, view, subset, seed) for subset in _largest(spectrum, checked, least)]
        row[f"causal_subsets{name}"] = len(done)
        for column in ("slope", "slope_error", "r_squared", "r_squared_error"):
            values = [getattr(one, column) for one in done]
            row[f"causal_{column}{name}"] = float(np.mean(values)) if values else None
    return row


def _flipped(spectrum, view, subset, seed) -> Intervention:
    """One unit of the subset turned over in each of some training sentences."""
    from ...networks.training import one_thread

    with one_thread():
        return intervene(view.query, spectrum, subset, patterns=view.patterns, samples=FLIPPED, seed=seed)


def _largest(spectrum, count, least):
    """The subsets of at least ``least`` units with the largest coefficients."""
    order = np.argsort(-np.abs(spectrum.coefficients), kind="stable")
    return [spectrum.subsets[i] for i in order if len(spectrum.subsets[i]) >= least][:count]
