"""Stability: families of subsets over halves of the samples, and whether they return where no sample is shared."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from ...patterns import Patterns
from ...patterns.arrays import as_count, as_groups
from ...patterns.cube import Subset, as_target, varying_target
from ...patterns.table import as_activations
from ...progress import Progress, part_of
from ...results import Families, Measure, Spectrum
from .. import dense
from ..inference.groups import few_groups
from ..method.characters import Characters, characters_of
from ..method.encode import take
from ..method.parts import split_samples
from .consensus import LEAST, LEVEL, consensus, near_any
from .halves import Rows, complementary_halves
from .lists import LONGEST, Lists

_CHANCE = 20  # draws of random subsets for each half
_FEWEST = 80  # samples: a half of a half then has the 20 that a list needs


def stability(
    patterns: Patterns | ArrayLike,
    y: ArrayLike,
    spectrum: Spectrum,
    *,
    pairs: int = 10,
    level: float = LEVEL,
    least: float = LEAST,
    longest: int = LONGEST,
    groups: ArrayLike | None = None,
    other: ArrayLike | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Families:
    """Families of subsets on which half-samples agree, and how much of that returns on disjoint halves.

    Parameters
    ----------
    patterns : Patterns, or array of activations, shape (m, n)
    y : array, shape (m,)
        The recording that ``spectrum`` was computed from.
    spectrum : Spectrum
        Its settings and characters are used, and its subsets are looked for.
    pairs : int
        Pairs of halves that have no sample in common; each half gives one list.
    level : float
        Two subsets say nearly the same where they correlate by this or more over all samples, in size.
    least : float
        Least share of half-samples that a family is reported with. At lower shares more families are reported, which
        explain more, and no fewer of them return on disjoint halves (bundled digits, 0.2 to 0.9).
    longest : int
        Most subsets in the list of one half-sample.
    groups : array, shape (m,), optional
        Labels of samples that belong together; halves keep them together, and tests count each group once.
    other : array, shape (m,), optional
        Another target, such as another class's logit: how much of *its* families is found says what a return is worth.
    seed : int
        Draws the halves; the same seed gives the same bits on any number of threads.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Families

    Raises
    ------
    ValueError
        If the recording does not fit the spectrum, a half of a half would have too few samples, or a setting is out
        of range.

    Notes
    -----
    ``Families.on_disjoint_halves`` is what a second recording of half the size would show. The shares of the single
    families are over halves that overlap between pairs, and are larger.

    References
    ----------
    Meinshausen and Bühlmann (2010), *Stability selection*, Journal of the Royal Statistical Society B 72; Shah and
    Samworth (2013) for complementary pairs.

    Examples
    --------
    >>> from actspec_widgets import activation_spectroscopy
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> patterns, y = Patterns.from_signs(X), X[:, 0] * X[:, 2] + 0.5 * X[:, 4]
    >>> found = stability(patterns, y, activation_spectroscopy(patterns, y))
    >>> [(family.best, family.returned) for family in found.families]
    [((4,), 1.0), ((0, 2), 1.0)]
    >>> float(found.on_disjoint_halves.value)
    1.0
    """
    data = patterns if isinstance(patterns, Patterns) else as_activations(patterns)
    recorded = spectrum.encoding.read(data, spectrum.n_units)
    y = as_target(y, len(recorded))
    second = None if other is None else varying_target(other, len(recorded))
    labels = None if groups is None else as_groups(groups, len(recorded))
    as_count(pairs, "pairs")
    as_count(longest, "longest")
    if spectrum.settings.get("threshold") == "informative":  # half of the samples chose the thresholds
        used = split_samples(len(recorded), 0.5, spectrum.settings["seed"], labels)[1]
        recorded, y = take(recorded, used), y[used]
        second = None if second is None else varying_target(second[used], len(used))
        labels = None if labels is None else np.unique(labels[used], return_inverse=True)[1]
    _check(spectrum, len(recorded), level, least)
    if labels is not None and (sentence := few_groups(labels, spectrum.settings["alpha"], float(y.std()))):
        warnings.warn(sentence, stacklevel=2)
    characters = characters_of(recorded, spectrum.encoding)
    rng = np.random.default_rng(seed)
    steps = 3 if second is None else 4
    lists = Lists(recorded, spectrum, longest, labels)

    def agree(target, within, step):
        select = lists.of(target, within)
        inside = labels if labels is None or within is None else np.unique(labels[within], return_inverse=True)[1]
        return consensus(
            select, characters, pairs=pairs, level=level, least=least, rng=rng, within=within,
            groups=inside, progress=part_of(progress, step, steps),
        )  # fmt: skip

    families, found = agree(y, None, 0)
    halves = complementary_halves(len(recorded), 1, rng, labels)[0]
    first, again = (tuple(f.best for f in agree(y, half, 1 + at)[0]) for at, half in enumerate(halves))
    strange = None if second is None else tuple(f.best for f in agree(second, halves[1], 3)[0])
    return Families(
        families=families,
        subsets=spectrum.subsets,
        returned=np.mean([near_any(characters, spectrum.subsets, listed, level) for listed in found], axis=0),
        halves=2 * pairs,
        level=level,
        least=least,
        on_disjoint_halves=_returned(characters, first, again, level),
        explained_variance=_explained(characters, y, (first, again), halves),
        by_chance=_by_chance(characters, first, again, lists.units, level, rng),
        other_target=None if strange is None else _returned(characters, first, strange, level),
        coverage=lists.coverage(),
    )


def _check(spectrum, n_samples, level, least):
    known = spectrum.n_search + spectrum.n_estimate
    if n_samples != known:
        raise ValueError(
            f"the recording holds {n_samples} samples, the spectrum was computed from {known}; give the same recording"
        )
    if n_samples < _FEWEST:
        raise ValueError(
            f"{n_samples} samples leave too few in a half of a half to select from; record {_FEWEST} or more"
        )
    for name, value in (("level", level), ("least", least)):
        if not 0 < value <= 1:
            raise ValueError(f"{name}={value!r}; give a number above 0 and at most 1")


def _returned(characters: Characters, first, second, level) -> Measure:
    """Share of two lists that the other one holds something near to; the error is that of a share of their length."""
    near = np.concatenate([near_any(characters, first, second, level), near_any(characters, second, first, level)])
    if not near.size:
        return Measure(float("nan"), float("nan"))
    trials = near.size + 4
    middle = (near.sum() + 2) / trials
    return Measure(float(near.mean()), float(np.sqrt(middle * (1 - middle) / trials)))


def _by_chance(characters, first, second, units, level, rng) -> Measure:
    """The share of random subsets, of the sizes in one list, that the other list holds something near to."""
    shares = []
    for sizes, others in ((map(len, first), second), (map(len, second), first)):
        drawn = [tuple(sorted(rng.choice(units, size, replace=False).tolist())) for size in list(sizes) * _CHANCE]
        shares += near_any(characters, drawn, others, level).tolist()
    if not shares:
        return Measure(float("nan"), float("nan"))
    return Measure(float(np.mean(shares)), float(np.std(shares) / np.sqrt(len(shares))))


def _explained(characters, y, lists: tuple[tuple[Subset, ...], ...], halves: tuple[Rows, Rows]) -> Measure:
    """Share of variance that the list of one half, fitted there, explains in the other; the mean of both ways."""
    shares, errors = [], []
    for subsets, seen, unseen in zip(lists, halves, halves[::-1], strict=True):
        columns = np.array([characters.column(subset) for subset in subsets], np.float64).reshape(len(subsets), y.size)
        means, middle = columns[:, seen].mean(axis=1), y[seen].mean()
        centred = columns - means[:, None]
        gram = np.einsum("km,lm->kl", centred[:, seen], centred[:, seen])
        gram[np.diag_indices(len(gram))] += 1e-9 * seen.size  # two lists of products may depend on each other
        moments = np.einsum("km,m->k", centred[:, seen], y[seen] - middle)
        fitted = np.einsum("k,km->m", dense.times(dense.inverse(gram), moments), centred[:, unseen])
        left, total = (y[unseen] - middle - fitted) ** 2, (y[unseen] - y[unseen].mean()) ** 2
        if not total.any():
            return Measure(0.0, 0.0)
        shares.append(1 - left.mean() / total.mean())
        errors.append(((left - (1 - shares[-1]) * total) / total.mean()).std() / np.sqrt(unseen.size))
    return Measure(float(np.mean(shares)), float(np.hypot(*errors) / 2))
