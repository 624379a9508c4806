"""All answers to one sentence, its exact spectrum, and what can be said of it in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...compute import walsh_hadamard
from ...datasets.words import numbered
from ...patterns.cube import Subset, points_from_index, subset_of
from ...progress import Progress, tick
from ..kit.words import counted, isolated, tidy, tidy_name

MOST_WORDS = 16  # 65,536 sentences to read
MOST_BARS = 12
ADDS_UP = 0.1  # joint shares below it


_BATCH = 256

Query = Callable[[NDArray[np.int8]], ArrayLike]  # points (k, n) -> k numbers


def split(text: str) -> tuple[str, ...]:
    """The words of a text.

    Raises
    ------
    ValueError
        If there is none, or too many.
    """
    words = tuple(text.split())
    if not words:
        raise ValueError(f"the text has no word; give a sentence of 1 to {MOST_WORDS} words")
    if len(words) > MOST_WORDS:
        raise ValueError(
            f"this sentence has {len(words)} words; every way to drop some of them is read, and each word doubles "
            f"their number, so give {MOST_WORDS} words or fewer"
        )
    return words


def of_texts(read: Callable[[list[str]], ArrayLike], words: Sequence[str]) -> Query:
    """A function of texts as one of which words are there."""
    return lambda points: read([" ".join(w for w, sign in zip(words, p, strict=True) if sign > 0) for p in points])


def read_all(query: Query, n_words: int, progress: Progress | None = None) -> NDArray[np.float64]:
    """The answers on all ``2^n`` ways to drop words; bit i of the index drops word i.

    Raises
    ------
    ValueError
        If the network does not answer each with one finite number.
    """
    answers = np.empty(1 << n_words)
    for start in range(0, answers.size, _BATCH):
        index = np.arange(start, min(start + _BATCH, answers.size))
        found = np.asarray(query(points_from_index(index, n_words)), dtype=np.float64)
        if found.shape != index.shape:
            raise ValueError(
                f"the network answered {len(index)} texts with shape {found.shape}; it must give one number each"
            )
        if not np.isfinite(found).all():
            raise ValueError("the network answers NaN or infinity; look for overflow in its weights")
        answers[index] = found
        tick(progress, int(index[-1]) + 1, answers.size)
    return answers


@dataclass(frozen=True, eq=False)
class ExactSentence:
    """The answers on all ways to drop words, and their spectrum.

    Attributes
    ----------
    words : tuple of str
    answers : ndarray, shape (2^n,)
        Bit i of the index drops word i.
    unit : str
        What one of them is called, in English.
    """

    words: tuple[str, ...]
    answers: NDArray[np.float64]
    unit: str = "word"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The words, a number beside those that come again."""
        return numbered(self.words)

    @cached_property
    def f_hat(self) -> NDArray[np.float64]:
        return np.asarray(walsh_hadamard(self.answers), np.float64)

    @cached_property
    def _sizes(self) -> NDArray[np.intp]:
        return np.bitwise_count(np.arange(self.answers.size, dtype=np.uint32)).astype(np.intp)

    @cached_property
    def variance(self) -> float:
        """Of the answers over all ways to drop words."""
        return float(np.square(self.f_hat[1:]).sum())

    @cached_property
    def joint_share(self) -> float:
        """Share of the variance that subsets of two or more carry; 0 where the answers never change."""
        return float(np.square(self.f_hat[self._sizes > 1]).sum() / self.variance) if self.variance > 1e-18 else 0.0

    @cached_property
    def shown(self) -> tuple[tuple[Subset, float], ...]:
        """The largest coefficients, at most MOST_BARS and none below a hundredth of the largest."""
        sizes = np.abs(self.f_hat)
        sizes[0] = 0
        order = np.argsort(-sizes, kind="stable")[:MOST_BARS]
        return tuple((subset_of(int(at)), float(self.f_hat[at])) for at in order if sizes[at] > 0.01 * sizes[order[0]])

    @cached_property
    def joint(self) -> tuple[tuple[Subset, float], ...]:
        """Of those shown, the ones of two or more, largest first."""
        return tuple((subset, value) for subset, value in self.shown if len(subset) > 1)

    def name(self, subset: Subset) -> str:
        return "{" + ", ".join(self._short(i) for i in subset) + "}"

    def _short(self, word: int) -> str:
        return isolated(tidy_name(self.names[word], 30))

    def groups(self, subset: Subset) -> tuple[float, float]:
        """Mean answer where an even number of the subset's words is dropped, and where an odd number is."""
        mask = sum(1 << i for i in subset)
        odd = np.bitwise_count(np.arange(self.answers.size, dtype=np.uint32) & np.uint32(mask)) % 2 == 1
        return float(self.answers[~odd].mean()), float(self.answers[odd].mean())

    def four(self, subset: Subset) -> tuple[float, float, float, float]:
        """Of a pair: mean answer with both, with the first only, with the second only, with neither."""
        index = np.arange(self.answers.size)
        first, second = ((index >> i & 1) == 0 for i in subset)
        cells = (first & second, first & ~second, ~first & second, ~first & ~second)
        both, one, other, neither = (float(self.answers[cell].mean()) for cell in cells)
        return both, one, other, neither

    def headline(self, network: str) -> str:
        """The one sentence for somebody who reads no other."""
        units = plural(self.unit)
        if self.variance <= 1e-18:
            return f"The answer never changes, whichever {units} are dropped"
        share = f"joint share {self.joint_share:.2f}"
        if self.joint_share < ADDS_UP or not self.joint:
            how = "adds" if self.joint_share < ADDS_UP / 2 else "nearly adds"
            return f"The {network} {how} {units} up: {share}"
        first = self.joint[0][1]
        told = [f"{self.name(s)} {signed(v)}" for s, v in self.joint[:3] if abs(v) >= 0.5 * abs(first)]
        return f"These {units} act together: {', '.join(told)}; {share}"

    def basis(self, text: str, target: str) -> str:
        """What the share is a share of."""
        ways, units = counted(self.answers.size, "way"), plural(self.unit)
        return (
            f"All {ways} to drop {units} from “{tidy(text, 90)}” were read; nothing is estimated. Of how the {target} "
            f"varies over them, {self.joint_share:.0%} comes from two or more {units} together and "
            f"{1 - self.joint_share:.0%} from single {units}."
        )

    def said(self, subset: Subset, value: float, target: str) -> str:
        """One subset in words, with the means that it is made of."""
        head, (even, odd) = f"{self.name(subset)} {signed(value)}: the {target} is", self.groups(subset)
        others = "" if len(subset) == len(self.words) else f", averaged over the other {plural(self.unit)}"
        if len(subset) == 1:
            return f"{head} {signed(even)} with it and {signed(odd)} without it{others}."
        if len(subset) == 2:
            both, one, other, neither = map(signed, self.four(subset))
            first, second = map(self._short, subset)
            alone = f"{one} with “{first}” only, {other} with “{second}” only"
            return f"{head} {both} with both, {alone}, {neither} with neither{others}."
        return (
            f"{head} {signed(even)} where an even number of these {len(subset)} is dropped and {signed(odd)} where an "
            f"odd number is{others}."
        )

    def rest(self) -> str:
        """What is not drawn."""
        left = self.answers.size - 1 - len(self.shown)
        if left <= 0 or self.variance <= 1e-18:
            return ""
        share = 1 - sum(value * value for _, value in self.shown) / self.variance
        if share < 1e-9:
            return "All other coefficients are 0."
        return f"Not drawn: {counted(left, 'smaller coefficient')}, together {share:.1%} of the variance."


def plural(unit: str) -> str:
    """``words``, ``switches``."""
    return unit + ("es" if unit.endswith(("s", "x", "ch", "sh")) else "s")


def signed(value: float) -> str:
    """``+0.96``, and ``−0.96`` with a minus as wide as the plus."""
    return f"{value:+.2f}".replace("-", "−")
