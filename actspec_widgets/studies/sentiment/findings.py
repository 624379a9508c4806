"""The verdicts, by rules that were written before the full grid was run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..study import Finding

if TYPE_CHECKING:
    from pandas import DataFrame, Series

LEVEL = 0.01
NAMES = {"feed_forward": "feed-forward units", "hidden": "hidden units", "words": "words present"}


def findings(table: DataFrame) -> tuple[Finding, ...]:
    """Verdicts for each depth of the transformer that was trained with three seeds or more."""
    found: list[Finding] = []
    for blocks, rows in table.groupby("blocks"):
        if rows["seed"].nunique() < 3:
            continue
        depth = f"{blocks} block{'s' if blocks > 1 else ''}"
        found.append(_accuracy(rows, depth))
        for (name, threshold), part in rows.groupby(["representation", "threshold"], sort=False):
            where = f"{NAMES[name]}, {threshold}; {depth}"
            found.append(_works(part, where))
            if part["causal_slope"].notna().all():
                found.append(_causes(part, where))
    return tuple(found)


def over_seeds(values: Series) -> tuple[float, float, float]:
    """Mean, its standard error, and the one-sided p-value of Student's t for a mean above 0."""
    from scipy.stats import t

    numbers = values.to_numpy(dtype=np.float64)
    mean, error = float(numbers.mean()), float(numbers.std(ddof=1) / np.sqrt(len(numbers)))
    return mean, error, float(t.sf(mean / max(error, 1e-300), len(numbers) - 1))


def _works(rows, where):
    explained, gain = over_seeds(rows["unseen_variance"]), over_seeds(rows["joint_gain"])
    seen, adds = explained[2] < LEVEL, gain[2] < LEVEL
    single, _, _ = over_seeds(rows["single_variance"])
    joint = 1 - (rows["subsets_of_1"] / rows["subsets"]).mean()
    return Finding(
        claim=f"Activation Spectroscopy works on a transformer for sentiment ({where})",
        measured=f"{rows['subsets'].mean():.0f} subsets, {joint:.0%} of them of two or more units, explain "
        f"{_percent(explained)} of the logit's variance on unseen sentences; all single units {single:.1%}; the "
        f"subsets of two or more add {_percent(gain)} to those",
        verdict="holds" if seen and adds else "holds under this reading" if seen else "does not hold",
        reading="the subsets explain unseen sentences (share of variance above 0), and those of two or more units add "
        f"to a ridge regression on all single units; Student's t over {len(rows)} seeds, one-sided, level {LEVEL}. "
        "With the first alone it holds under the reading that describing the network is enough.",
    )


def _causes(rows, where):
    slope, fit = over_seeds(rows["causal_slope"]), over_seeds(rows["causal_r_squared"])
    works = slope[2] < LEVEL
    close = abs(slope[0] - 1) <= 0.25 and fit[0] >= 0.5
    joint = rows["causal_slope_joint"].dropna()
    also = (
        f"; subsets of two or more: slope {over_seeds(joint)[0]:.2f} ± {over_seeds(joint)[1]:.2f}"
        if len(joint) > 2
        else ""
    )
    return Finding(
        claim=f"the subsets that explain the logit are what drives it ({where})",
        measured=f"turning over one unit of a subset inside the network changes the logit as predicted with slope "
        f"{slope[0]:.2f} ± {slope[1]:.2f} and R2 {fit[0]:.2f} ± {fit[1]:.2f}{also}",
        verdict="holds" if works and close else "holds under this reading" if works else "does not hold",
        reading=f"slope above 0 (Student's t over {len(rows)} seeds, level {LEVEL}), between 0.75 and 1.25, and R2 of "
        "0.5 or more; under the reading that only the direction counts, slope above 0",
    )


def _accuracy(rows, depth):
    cells = rows.drop_duplicates("seed")
    own, other = over_seeds(cells["accuracy"]), cells["tfidf_accuracy"].mean()
    difference = over_seeds(cells["accuracy_difference"])
    # two sources of chance: the weights, and which sentences are in the test
    error = float(np.hypot(difference[1], cells["accuracy_difference_error"].mean()))
    gap = difference[0]
    return Finding(
        claim=f"the small transformer judges sentences as well as a bag of words ({depth})",
        measured=f"{_percent(own)} of {cells['test_texts'].iloc[0]:,} unseen sentences right, TF-IDF with logistic "
        f"regression {other:.1%} ± {cells['tfidf_accuracy_error'].mean():.1%}; difference {100 * gap:+.1f} ± "
        f"{100 * error:.1f} points",
        verdict="holds" if gap >= 0 else "holds under this reading" if gap > -2 * error else "does not hold",
        reading="difference 0 or more; under the reading that a gap of less than two standard errors (of seeds and "
        "sentences together) is none, that",
    )


def _percent(numbers):
    return f"{numbers[0]:.1%} ± {numbers[1]:.1%}"
