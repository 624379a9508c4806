"""Verdicts: what holds in every layer of the encoder, from what was recorded and from what happens in the network."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..curves import Level, level_of
from ..verdict import FAILS, RULE, Verdict, judge_level
from .material import FEED_FORWARD, WORDS_AS_UNITS

if TYPE_CHECKING:
    from pandas import DataFrame

LEAST_DIFFERENCE = -0.01  # share of sentences judged rightly, the encoder's less that of word counts
LEAST_GAIN = 0.01  # share of the logit's variance
NEARLY = 1.1  # mean degree: units that add up have 1, a product of two units has 2
LEAST_FIDELITY = 0.5
FIDELITY_SAMPLES = 1000  # of SubNetwork.fidelity
NETWORKS = {"encoder": "sentence encoder", "small": "small transformer"}


def findings(table: DataFrame) -> tuple[Verdict, ...]:
    """Verdicts on the probe, on each layer, and on the way through the feed-forward layers."""
    found: list[Verdict] = []
    if (own := table[table["network"] == "encoder"]).size:
        found.append(_accuracy(own.iloc[0]))
    words, table = table[table["layer"] == WORDS_AS_UNITS], table[table["layer"] != WORDS_AS_UNITS]
    if (fall := _depth(own)) is not None:
        found.append(fall)
    for (network, layer), rows in table.groupby(["network", "layer"], sort=False):
        where = f"{NETWORKS[network]}, {layer.replace('_', ' ')}"
        found.append(_works(rows, where))
        if rows["mean_degree"].notna().any():
            found.append(_adds_up(rows, where))
        found.append(_levels(rows, where))
    return (*found, *(_negation(rows, NETWORKS[network]) for network, rows in words.groupby("network", sort=False)))


def measured(rows: DataFrame, name: str) -> Level:
    """A column of measures: the mean over seeds; its error has that of the draws, and what is shared by all of them.

    The errors over draws of several seeds are independent; another recording would change all of them alike. Where
    seeds differ by more than that, as trained networks do, their own spread is the larger error and is taken.
    """
    values, errors = rows[name].to_numpy(float), rows[f"{name}_error"].to_numpy(float)
    drawn = float(np.sqrt((errors**2).sum()) / len(values))
    over_seeds = level_of(values).error if len(values) > 2 else 0.0
    shared = rows.get(f"{name}_recording_error")
    recording = 0.0 if shared is None else float(shared.mean())
    return Level(float(values.mean()), float(np.hypot(max(drawn, over_seeds), recording)))


def _accuracy(row):
    own, gap = (Level(row[name], row[f"{name}_error"]) for name in ("accuracy", "accuracy_difference"))
    return Verdict(
        claim="A published sentence encoder with a linear probe judges sentences as well as a bag of words",
        measured=f"{_percent(own)} of {int(row['test_texts']):,} unseen sentences right, TF-IDF with logistic "
        f"regression {row['tfidf_accuracy']:.1%} ± {row['tfidf_accuracy_error']:.1%}; difference "
        f"{100 * gap.value:+.1f} ± {100 * gap.error:.1f} points",
        outcome=judge_level(gap, least=LEAST_DIFFERENCE),
        rule=f"no more than {-100 * LEAST_DIFFERENCE:g} point less, {RULE}; errors of sentences, the same for both",
        short=f"{100 * gap.value:+.1f} ± {100 * gap.error:.1f} points",
    )


def _depth(rows):
    layers = [rows[rows["layer"] == layer] for layer in FEED_FORWARD]
    if any(part.empty for part in layers):
        return None
    levels = [measured(part, "mean_degree") for part in layers]
    steps = [_less(after, before) for before, after in pairwise(levels)]
    fall = _less(levels[-1], levels[0])
    rises = any(judge_level(step, most=0.0) == FAILS for step in steps)
    return Verdict(
        claim="The later a feed-forward layer of the sentence encoder, the less jointly its units act",
        measured=f"mean degree {', '.join(level.text() for level in levels)} from first to last; last less first "
        f"{fall.text(sign='+')}; {'a' if rises else 'no'} step rises by more than two standard errors",
        outcome=FAILS if rises else judge_level(fall, most=0.0),
        rule=f"the last is below the first, and no layer is above the one before it, {RULE}; errors of the draws and "
        "of the sentences",
        short=f"last less first {fall.text(sign='+')}",
    )


def _works(rows, where):
    explained, single = (measured(rows, name) for name in ("unseen_variance", "single_variance"))
    gain, straight = (measured(rows, name) for name in ("joint_gain", "activation_variance"))
    return Verdict(
        claim=f"What two or more units do together tells more about the logit than single units ({where})",
        measured=f"{rows['subsets'].mean():.0f} subsets, {rows['joint_subsets'].mean():.0f} of them claimed as joint, "
        f"explain {_percent(explained)} of the logit's variance on unseen sentences; all single units, on or off, "
        f"{_percent(single)}, their activations {_percent(straight)}; the subsets of two or more add {_percent(gain)} "
        "to the single units",
        outcome=judge_level(gain, least=LEAST_GAIN),
        reading=f"errors of {int(rows['unseen_texts'].iloc[0]):,} sentences",
        rule=f"recorded evidence: subsets of two or more units add {LEAST_GAIN:.0%} of the variance or more to a ridge "
        f"regression on all single units, {RULE}",
        short=f"joint ones add {_percent(gain)}",
    )


def _adds_up(rows, where):
    degree, joint = measured(rows, "mean_degree"), measured(rows, "joint_share")
    spread, off = measured(rows, "effective_units"), measured(rows, "off_data")
    return Verdict(
        claim=f"What the units of a layer do in the network nearly adds up ({where})",
        measured=f"mean degree {degree.text(3)}; {_percent(joint)} of the variance is joint; effective units "
        f"{spread.text(0)} of {int(rows['units'].iloc[0]):,}; V(product) / V(data) {off.text()}",
        outcome=judge_level(degree, most=NEARLY),
        rule=f"resampled evidence: a mean degree of at most {NEARLY:g}, {RULE}; 1 where units add up, 2 for a product "
        "of two; errors of the draws, of the sentences and, where networks were trained, over seeds",
        short=f"mean degree {degree.text(3)}",
    )


def _negation(rows, where):
    negated, plain = (measured(rows, f"{kind}_joint_share") for kind in ("negated", "plain"))
    held, gain = measured(rows, "pairs_with_negation"), measured(rows, "negation_gain")
    return Verdict(
        claim=f"A negation makes the words of a sentence act more jointly ({where})",
        measured=f"joint share of {int(rows['negated_texts'].iloc[0])} sentences with a negation {_percent(negated)}, "
        f"of {int(rows['plain_texts'].iloc[0])} without {_percent(plain)}, difference {_percent(gain)}; of the pairs "
        f"that carry 5 % or more, {_percent(held)} hold the negation (of all pairs "
        f"{rows['expected_with_negation'].mean():.0%}); again and again: {rows['pairs_again'].iloc[0]}",
        outcome=judge_level(gain, least=0.0),
        rule=f"the joint share is larger in sentences with a negation, {RULE}; every word dropped and kept, all "
        "combinations alike; errors over sentences",
        short=f"joint share {_percent(negated)}, without {_percent(plain)}",
    )


def _levels(rows, where):
    left = measured(
        rows.assign(fidelity_error=_error_of_square(rows["fidelity"], rows["resampled_sentences"])), "fidelity"
    )
    return Verdict(
        claim=f"On and off say what the activations say ({where})",
        measured=f"with every unit at its mean when on or off, {_percent(left)} of the logit's variance is left",
        outcome=judge_level(left, least=LEAST_FIDELITY),
        rule=f"{LEAST_FIDELITY:.0%} or more of the variance is left, each sentence with its own context, {RULE}",
        short=f"{_percent(left)} is left",
    )


def _error_of_square(squared, samples):
    """The standard error of a squared correlation over so many samples, as of normal variables."""
    return 2 * np.sqrt(squared) * (1 - squared) / np.sqrt(np.minimum(samples, FIDELITY_SAMPLES))


def _less(a: Level, b: Level) -> Level:
    return Level(a.value - b.value, float(np.hypot(a.error, b.error)))


def _percent(level: Level) -> str:
    return f"{level.value:.1%} ± {level.error:.1%}"
