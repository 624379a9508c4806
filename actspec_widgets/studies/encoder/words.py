"""Which words of a sentence act jointly, in sentences with and without a negation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...compute import explain
from ..study import Row

NEGATIONS = frozenset("not no never nothing none neither nor without hardly nowhere nobody".split())
FEWEST = 4  # words of a sentence
LEAST = 0.05  # share of a sentence's variance that makes a pair a joint one
_NAMED = 6  # pairs named in a table


class Explained(NamedTuple):
    """One sentence: the share of the variance that is joint, and the pairs of words that carry much of it."""

    joint_share: float
    pairs: list[tuple[str, str]]
    words: int


def word_columns(model: Any, texts: Sequence[str], most: int) -> Row:
    """Joint shares of short sentences, all their words dropped and kept in all ways, and the pairs that come again.

    Parameters
    ----------
    model : nn.Module
        With a method ``tokens(texts)``.
    texts : sequence of str
    most : int
        Sentences of each kind.

    Returns
    -------
    dict
        ``negated_joint_share``, ``plain_joint_share``: mean joint share of sentences with and without a negation;
        ``negation_gain``: the difference. ``pairs_with_negation``: of the pairs in sentences with one that carry at
        least 5 % of the variance, the share that holds the negation; ``expected_with_negation``: of all pairs.
        Errors are over sentences.
    """
    groups: dict[bool, list[Explained]] = {True: [], False: []}
    for text in texts:
        words = text.split()
        group = groups[any(_is_negation(word) for word in words)]
        if len(words) >= FEWEST and len(group) < most:
            group.append(explained(model, text))
    negated, plain = groups[True], groups[False]
    shares = [np.array([one.joint_share for one in group]) for group in (negated, plain)]
    row: Row = {"negated_texts": len(negated), "plain_texts": len(plain)}
    for name, values in (("negated", shares[0]), ("plain", shares[1]), ("all", np.concatenate(shares))):
        row[f"{name}_joint_share"], row[f"{name}_joint_share_error"] = _mean(values)
    row["negation_gain"] = float(shares[0].mean() - shares[1].mean())
    row["negation_gain_error"] = float(np.hypot(_mean(shares[0])[1], _mean(shares[1])[1]))
    held = np.array([np.mean([_holds(pair) for pair in one.pairs]) for one in negated if one.pairs])
    row["pairs_with_negation"], row["pairs_with_negation_error"] = _mean(held)
    row["expected_with_negation"] = float(np.mean([2 / one.words for one in negated]))
    counted = Counter(tuple(sorted(pair)) for one in (*negated, *plain) for pair in set(one.pairs))
    again = [f"{' + '.join(pair)} ({count})" for pair, count in counted.most_common(_NAMED) if count > 1]
    return row | {"pairs_again": "; ".join(again) or "none", "joint_pairs": sum(counted.values())}


def explained(model: Any, text: str) -> Explained:
    """The exact spectrum of one sentence, read off."""
    from ...networks import SentenceWords

    sentence = SentenceWords(model, text)
    found = explain(sentence, exact_up_to=len(sentence.words))
    variance = float((found.coefficients**2).sum())
    words = [_plain(word) for word in sentence.words]
    pairs = [
        (words[subset[0]], words[subset[1]])
        for subset, value in zip(found.subsets, found.coefficients, strict=True)
        if len(subset) == 2 and value**2 >= LEAST * variance
    ]
    return Explained(1 - found.singles_explain, pairs, len(words))


def _plain(word: str) -> str:
    return word.lower().strip(".,;:!?\"'()")


def _is_negation(word: str) -> bool:
    return _plain(word) in NEGATIONS or _plain(word).endswith("n't")


def _holds(pair: tuple[str, str]) -> bool:
    return any(map(_is_negation, pair))


def _mean(values: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard error; not a number where there are none."""
    if len(values) < 2:
        return float("nan"), float("nan")
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
