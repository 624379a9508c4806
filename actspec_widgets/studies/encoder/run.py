"""One cell: one layer of one network, by what was recorded and by what happens when its units are resampled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...compute import activation_spectroscopy, distributedness
from ...patterns import Patterns
from ...patterns.cube import Subset, chi
from ...patterns.thresholds import thresholds
from ..study import Row
from ..unseen import gain_columns, ridge, share_columns
from . import material
from .material import WORDS_AS_UNITS, Material, Seen
from .words import word_columns

ZERO = ("latents", "hidden", "feed_forward")  # layers of ReLUs; other units are cut at their median
_BATCH = 256


@dataclass(frozen=True)
class LayerOfSentences:
    """A layer, and how it is looked at.

    Attributes
    ----------
    network : str
        "encoder", or "small": the transformer of the sentiment study.
    layer : str
        Of the encoder "feed_forward_1" to "feed_forward_6", "embedding", or "latents": those of a sparse dictionary
        of what the fourth block gives. Of the small transformer "feed_forward" or "hidden". Of both "words": those
        of single sentences, dropped and kept.
    seed : int
        Of the draws and of what is trained: the dictionary, the small transformer.
    sentences : int
        Most of them that are recorded: of the part "train", of at most 14 words; and resampled: of at most 8.
    draws : int
        Of :func:`distributedness`; 0 where units are not resampled.
    max_degree, top : int
        Of the search in what was recorded.
    source : str
        Kind of the rated texts.
    """

    network: str = "encoder"
    layer: str = "feed_forward_1"
    seed: int = 0
    sentences: int = 2000
    draws: int = 512
    max_degree: int = 2
    top: int = 40
    source: str = "movie"


def run(settings: LayerOfSentences) -> Row:
    """Record, search and resample: one row.

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

    makers = {"encoder": material.encoder, "small": material.small}
    if settings.network not in makers:
        raise ValueError(f"network={settings.network!r}; give {' or '.join(map(repr, makers))}")
    with one_thread():
        return row_for(settings, makers[settings.network](settings.source, settings.sentences, settings.seed))


def row_for(settings: LayerOfSentences, network: Material) -> Row:
    """The row of :func:`run` for any network."""
    if settings.layer == WORDS_AS_UNITS:
        return network.common | word_columns(network.model, network.texts, settings.sentences // 20)
    try:
        seen = network.seen(settings.layer)
    except KeyError:
        raise ValueError(f"the network {settings.network!r} has no layer {settings.layer!r} in this study") from None
    return (
        network.common
        | ({} if seen.dictionary is None else {"dictionary_explains": seen.dictionary.report["explained"]})
        | recorded_columns(settings, seen)
        | resampled_columns(settings, network, seen)
    )


def recorded_columns(settings: LayerOfSentences, seen: Seen) -> Row:
    """What goes together in the recording: the spectrum, and what it is worth on unseen sentences.

    ``unseen_variance``: share of the variance of unseen logits that the spectrum's own prediction explains.
    ``single_variance``: that of a ridge regression on *all* units, on or off. ``joint_gain``: what the subsets of
    two or more units add to it. ``activation_variance``: of a ridge regression on the activations themselves.
    """
    start = time.perf_counter()
    cuts = thresholds(seen.known.activations, threshold_of(settings.layer))
    known, unseen = (Patterns.from_activations(part.activations, cuts) for part in (seen.known, seen.unseen))
    y, unseen_y = (np.asarray(part.target, np.float64) for part in (seen.known, seen.unseen))
    spectrum = activation_spectroscopy(
        known, y, max_degree=settings.max_degree, top=settings.top, search="exhaustive", halves=0, seed=settings.seed
    )
    sizes = np.array([len(subset) for subset in spectrum.subsets])
    single = ridge(known.signs(), y, unseen.signs())
    both = single
    if (sizes > 1).any():
        both = ridge(_with_joint(known, spectrum.subsets), y, _with_joint(unseen, spectrum.subsets))
    return {
        "units": known.n_units,
        "constant_units": len(spectrum.constant_units),
        "samples": known.n_samples,
        "examined": spectrum.coverage.examined,
        "subsets": len(spectrum),
        "subsets_of_1": int((sizes == 1).sum()),
        "joint_subsets": int(spectrum.joint.sum()),
        "explained_variance": spectrum.explained_variance,
        "explained_variance_error": spectrum.explained_variance_error,
        "singles_explain": spectrum.singles_explain,
        "unseen_texts": len(unseen_y),
        **share_columns("unseen_variance", unseen_y, spectrum.predict(unseen)),
        **share_columns("single_variance", unseen_y, single),
        **gain_columns("joint_gain", unseen_y, single, both),
        **share_columns("activation_variance", unseen_y, ridge(seen.known.activations, y, seen.unseen.activations)),
        "search_time_s": time.perf_counter() - start,
    }


def _with_joint(patterns: Patterns, subsets: Sequence[Subset]) -> NDArray[np.int8]:
    """Single units, and the parities of the subsets of two or more beside them."""
    signs = patterns.signs()
    return np.column_stack([signs, *(chi(subset, signs) for subset in subsets if len(subset) > 1)])


def resampled_columns(settings: LayerOfSentences, network: Material, seen: Seen) -> Row:
    """What happens in the network when units take their values from other sentences.

    ``..._error``: over the draws; ``..._recording_error``: what other sentences would change. ``fidelity``: share of
    the logits' variance that is left when every unit is set to one of two levels.
    """
    from ...networks import SubNetwork

    rest = SubNetwork(
        network.model, seen.layer, network.inputs, 0, threshold=threshold_of(settings.layer),
        dictionary=seen.dictionary, batch_size=_BATCH,
    )  # fmt: skip
    row: Row = {"resampled_sentences": len(rest.target), "fidelity": float(rest.fidelity)}
    if not settings.draws:
        return row
    start = time.perf_counter()
    found = distributedness(rest, draws=settings.draws, seed=settings.seed)
    for name in ("mean_degree", "joint_share", "effective_units", "off_data"):
        measure = getattr(found, name)
        row[name], row[f"{name}_error"] = measure.value, measure.standard_error
    row["mean_degree_recording_error"], row["joint_share_recording_error"] = found.recording_errors
    return row | {
        "runs": found.runs,
        "too_rare": bool(found.too_rare),
        "bases_left_out": found.bases_left_out,
        "resampling_time_s": time.perf_counter() - start,
    }


def threshold_of(layer: str) -> str:
    """Above what a unit counts as active."""
    return "zero" if layer in ZERO else "median"
