"""Whether a joint part is the work of binarisation: the same test with the activations themselves as columns.

A target that is linear in activations which go together has a joint part in their bits: how far a unit lies above its
threshold goes with the states of others. Beside the activations nothing of it is left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...results.evidence import joint_level
from .numbers import joint_of
from .select import Selection


def vanishes_with_activations(
    selection: Selection, joint_p_values: NDArray[np.float64], activations: NDArray | None
) -> tuple[bool | None, ...]:
    """For each subset whether its joint part, significant in on/off terms, is so no longer beside the activations.

    None for single units, for joint parts that are not significant as they are, and where no activations are at hand.
    The columns added are the activations of all units in the answer.
    """
    answers: list[bool | None] = []
    penalty = selection.search.penalty
    most = joint_level(penalty.alpha, penalty.error_rate)
    units = sorted({unit for subset in selection.subsets for unit in subset})
    for subset, p in zip(selection.subsets, joint_p_values, strict=True):
        if activations is None or len(subset) < 2 or p > most:
            answers.append(None)
            continue
        columns = np.asarray(activations[:, units], float).T
        sizes = np.abs(columns).max(axis=1, keepdims=True)
        part = joint_of(selection, subset, columns / np.where(sizes > 0, sizes, 1.0))
        answers.append(part.p > penalty.joint_level)
    return tuple(answers)
