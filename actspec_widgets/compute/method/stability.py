"""Stability: the whole method again and again on resampled data."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import ArrayLike

from ...patterns import Patterns
from ...patterns.cube import as_target, order_key
from ...progress import Progress, part_of
from ...results import Spectrum, Stability
from .characters import characters_of, same_characters
from .encode import take
from .spectroscopy import activation_spectroscopy


def stability(
    patterns: Patterns | ArrayLike,
    y: ArrayLike,
    spectrum: Spectrum,
    *,
    resamples: int = 20,
    share: float = 1.0,
    threads: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Stability:
    """How often each subset of a spectrum, or one that says the same, is reported on resampled data.

    Parameters
    ----------
    patterns : Patterns, or array of activations, shape (m, n)
    y : array, shape (m,)
        The recording that ``spectrum`` was computed from.
    spectrum : Spectrum
        Its subsets are looked for, with its settings.
    resamples : int
        Number of reruns.
    share : float
        Share of the samples, drawn without replacement, that each rerun uses. At 1 only the split into a part to
        search on and a part to estimate on changes; 0.5 is the choice of stability selection, and stricter, as
        each rerun has half as many samples to go by.
    threads : int, optional
        Default: every core. The answer is the same, bit for bit, for any number.
    seed : int
        Decides the samples of each rerun.
    progress : callable, optional
        Gets ``(done, total)``; may raise :class:`actspec_widgets.Cancelled`.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        If the recording does not fit the spectrum, a rerun would have too few samples, or a setting is out of range.

    Notes
    -----
    Two subsets say the same where their characters, and also their deviations from their means, correlate by
    ``rho_max`` or more, in size, over all samples: what one rerun reports instead of the other is then chance.

    The reruns share most of their samples. A subset that always returns does not hang on how the samples were
    split; whether it would return on new data is what its standard error and p-value tell.

    References
    ----------
    Meinshausen and Bühlmann (2010), *Stability selection*, Journal of the Royal Statistical Society B 72.

    Examples
    --------
    >>> X = np.random.default_rng(0).choice([-1, 1], (400, 6))
    >>> patterns, y = Patterns.from_signs(X), X[:, 0] * X[:, 2] + 0.5 * X[:, 4]
    >>> stability(patterns, y, activation_spectroscopy(patterns, y), resamples=5).returned.tolist()
    [1.0, 1.0]
    """
    data = patterns if isinstance(patterns, Patterns) else np.asarray(patterns)
    all_samples = spectrum.encoding.read(data, spectrum.n_units)
    y = as_target(y, len(data))
    if len(data) != spectrum.n_search + spectrum.n_estimate:
        raise ValueError(
            f"the recording holds {spectrum.n_units} units and {len(data)} samples, the spectrum was computed from "
            f"{spectrum.n_units} and {spectrum.n_search + spectrum.n_estimate}; give the same recording"
        )
    if resamples < 1:
        raise ValueError(f"resamples={resamples}; at least one rerun is needed, and 20 or more to tell shares apart")
    if not 0 < share <= 1:
        raise ValueError(f"share={share}; give the share of samples in each rerun, above 0 and at most 1")
    reference = characters_of(all_samples, spectrum.encoding)
    rng = np.random.default_rng(seed)
    returned, exactly = np.zeros(len(spectrum)), np.zeros(len(spectrum))
    newcomers: Counter = Counter()
    for rerun in range(resamples):
        taken = np.sort(rng.permutation(len(data))[: round(share * len(data))])
        settings = {**spectrum.settings, "seed": int(rng.integers(2**32))}
        found = activation_spectroscopy(
            take(data, taken), y[taken], **settings, threads=threads, progress=part_of(progress, rerun, resamples)
        )
        same = same_characters(
            reference,
            spectrum.subsets,
            characters_of(found.encoding.read(data, spectrum.n_units), found.encoding),
            found.subsets,
            found.settings["rho_max"],
        )
        returned += same.any(axis=1)
        exactly += [subset in found.subsets for subset in spectrum.subsets]
        newcomers.update(s for s, known in zip(found.subsets, same.T, strict=True) if not known.any())
    frequent = sorted(newcomers.items(), key=lambda item: (-item[1], order_key(item[0])))
    return Stability(
        subsets=spectrum.subsets,
        returned=returned / resamples,
        returned_exactly=exactly / resamples,
        newcomers=tuple((subset, count / resamples) for subset, count in frequent),
        resamples=resamples,
    )
