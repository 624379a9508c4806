"""Families as part of every answer: a few half-samples, searched among the subsets that the search of all samples met.

No half is scanned, so that this costs less than the search; :func:`stability` scans the halves where it can, and also
says what returns on halves that have no sample in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...progress import Progress
from ...results import Family
from ..inference.search import as_float
from ..inference.select import Selection
from ..inference.settings import Settings
from ..inference.state import State
from .consensus import LEAST, LEVEL, consensus
from .halves import Rows
from .lists import LONGEST, list_of
from .stagewise import PER_UNIT, Stagewise

_CANDIDATES = 2000


def families_among(
    selection: Selection,
    recorded: Any,
    y: NDArray[np.float64],
    settings: Settings,
    groups: NDArray[np.intp] | None,
    progress: Progress | None,
) -> tuple[Family, ...]:
    """The families on which half-samples agree, the most frequent first; none where the answer is empty.

    ``recorded`` and ``y`` are what the selection was made from, ``groups`` the numbers of the samples' groups.
    """
    if not settings.halves or not selection.subsets:
        return ()
    characters, known = selection.search.pool.characters, candidates(selection)
    level = settings.alpha / as_float(selection.examined)

    def select(rows: Rows) -> tuple[Subset, ...]:
        steps = Stagewise(LONGEST, level, settings.min_side(rows.size))
        return list_of(recorded, characters.encoding, y, rows, known, steps, groups)[0]

    return consensus(
        select, characters, pairs=settings.halves // 2, level=LEVEL, least=LEAST,
        rng=np.random.default_rng(settings.seed), groups=groups, progress=progress,
    )[0]  # fmt: skip


def note(families: Sequence[Family]) -> tuple[str, ...]:
    """What the half-samples were searched for, in words."""
    if not families:
        return ()
    return (f"Families were looked for in {families[0].halves} half-samples, among the subsets that the search met.",)


def candidates(selection: Selection) -> list[Subset]:
    """The chosen subsets, and of the others those that go most closely with the target or with what is left of it.

    Small steps lead from the one to the other, and what goes with neither hardly goes with anything between.
    """
    pool = selection.search.pool
    left = State(pool, selection.chosen).left
    prices = PER_UNIT ** (np.array([len(subset) for subset in pool.subsets]) - 1.0)
    size = np.maximum(np.abs(pool.sums), np.abs(left)) / np.sqrt(np.maximum(pool.norms, 1e-300)) * prices
    size[~pool.evidenced] = 0.0
    nearest = np.argsort(-size, kind="stable")[:_CANDIDATES]
    return list(dict.fromkeys([*selection.subsets, *pool.names(nearest.tolist())]))
