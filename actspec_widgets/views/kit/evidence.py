"""What stands beside a coefficient: how often it returns, what it rests on, what the network says; and what holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...patterns.cube import Subset
from ...results import Families, Spectrum

_OFTEN = 0.5  # of the half-samples
_SURE = 3.0  # standard errors that an effect is away from zero
_FAR = 0.1  # of the coefficient, in its direction


@dataclass(frozen=True, eq=False)
class Effects:
    """The same subsets by the other kind of evidence.

    Attributes
    ----------
    name : str
        "by experiment" or "as recorded".
    found : mapping of subset to (value, standard error)
        In units of the target; NaN where it could not be measured.
    """

    name: str
    found: Mapping[Subset, Sequence[float]]

    def of(self, subsets: Sequence[Subset]) -> NDArray[np.float64]:
        """Values and errors, shape (k, 2); NaN for subsets that are not known."""
        return np.array([self.found.get(subset, (np.nan, np.nan)) for subset in subsets]).reshape(-1, 2)


def effects_of(spectrum: Spectrum | None) -> Effects | None:
    """What a spectrum itself carries of the other evidence: what :func:`actspec_widgets.by_experiment` measured."""
    if spectrum is None or spectrum.effects is None or spectrum.effect_errors is None:
        return None
    pairs = zip(map(float, spectrum.effects), map(float, spectrum.effect_errors), strict=True)
    return Effects("by experiment", dict(zip(spectrum.subsets, pairs, strict=True)))


class Fact(NamedTuple):
    """One column beside the bars; ``words`` say a cell where its head and itself do not."""

    head: str
    help: str
    cells: list[str]
    words: list[str] | None = None

    def said(self, row: int) -> str:
        """A cell in words; "" where it is empty."""
        if self.words is not None:
            return self.words[row]
        return f"{self.head} {self.cells[row]}" if self.cells[row] else ""


def not_called_joint(spectrum: Spectrum) -> NDArray[np.bool_]:
    """Which subsets have several units of which a joint part was looked for and is not claimed, shape (k,)."""
    return np.isfinite(spectrum.joint_p_values) & ~spectrum.joint


def holds(spectrum: Spectrum, families: Families | None = None, effects: Effects | None = None) -> NDArray[np.bool_]:
    """Which subsets stand up to all that is known of them, shape (k,).

    Something is claimed of them: their class is not empty. Subsets of several units are called joint, and what is joint
    in on/off terms stays so with the activations themselves in the model. Where half-samples were looked at, the
    subset, or one nearly the same, returns in half of them or more. Where the network was asked, it moves by more than
    three standard errors, and at least a tenth as far as the coefficient says.
    """
    return ~np.any(list(objections(spectrum, families, effects).values()), axis=0)


def objections(
    spectrum: Spectrum, families: Families | None = None, effects: Effects | None = None
) -> dict[str, NDArray[np.bool_]]:
    """What speaks against each subset, as :func:`holds` has it, gravest first: a mask of shape (k,) for each.

    They are called "no claim", "not joint", "binarised", "seldom", "ignored".
    """
    against = {
        "no claim": np.array([not members for members in spectrum.classes], bool),
        "not joint": not_called_joint(spectrum),
        "binarised": np.array([vanishes is True for vanishes in spectrum.binarisation], bool),
    }
    if families is not None and families.subsets == spectrum.subsets:
        against["seldom"] = ~(families.returned >= _OFTEN)
    if effects is not None and effects.name == "by experiment":
        value, error = effects.of(spectrum.subsets).T
        with np.errstate(invalid="ignore"):
            along = value * np.sign(spectrum.coefficients)
            against["ignored"] = (along <= _SURE * error) | (along < _FAR * np.abs(spectrum.coefficients))
    return against


def what_is_counted(spectrum: Spectrum, families: Families | None = None, effects: Effects | None = None) -> str:
    """For pictures that sum over all reported subsets: how many of these do not hold; "" where all do."""
    if not (faint := int((~holds(spectrum, families, effects)).sum())):
        return ""
    do = "does" if faint == 1 else "do"
    if faint == len(spectrum):
        return f"All {faint:,} reported subsets count here, and none of them holds."
    return f"All {len(spectrum):,} reported subsets count here, also the {faint:,} that {do} not hold."


def facts(
    spectrum: Spectrum, order: Sequence[int], families: Families | None = None, effects: Effects | None = None
) -> list[Fact]:
    """What is known of the subsets in ``order``, column by column; only what is known of some."""
    rows = list(order)
    subsets = [spectrum.subsets[i] for i in rows]
    found = []
    sizes = [len(spectrum.classes[i]) for i in rows]
    if max(sizes, default=0) > 1:
        words = "1 of 2: the data cannot tell it from one other subset; nothing: nothing is claimed of it"
        spoken = [
            f"claimed as one of {k} that the data cannot tell apart" if k > 1 else "" if k else "nothing is claimed"
            for k in sizes
        ]
        cells = [f"1 of {k}" if k > 1 else "" if k else "nothing" for k in sizes]
        found.append(Fact("claim", words, cells, spoken))
    if families is not None and families.subsets == spectrum.subsets:  # of this very answer
        words = f"In what share of {families.halves} half-samples it, or one nearly the same, returns"
        found.append(Fact("returns", words, [f"{share:.0%}" for share in families.returned[rows]]))
    elif spectrum.families:
        shares = {subset: family.returned for family in spectrum.families for subset in (*family.members, family.best)}
        words = (
            f"In what share of {spectrum.families[0].halves} half-samples it, or one nearly the same, is reported; "
            "a dash where it is in no family"
        )
        cells = [f"{shares[subset]:.0%}" if subset in shares else "–" for subset in subsets]
        found.append(Fact("returns", words, cells))
    if spectrum.smallest_cells is not None:
        words = "How many samples show the rarest on/off combination of its units"
        found.append(Fact("rarest", words, [f"{count:,}" for count in spectrum.smallest_cells[rows]]))
    if any(len(subset) > 1 for subset in subsets):
        words = "What it adds to a model that also holds all smaller subsets of its units"
        cells = _numbers(spectrum.joint_parts[rows], spectrum.joint_errors[rows], spectrum)
        cells = ["" if len(subset) < 2 else cell for subset, cell in zip(subsets, cells, strict=True)]
        found.append(Fact("joint part", words, cells))
    if effects is not None:
        words = {
            "by experiment": "What its units do jointly when they alone are changed in the network",
            "as recorded": "The mean of the target times its parity in the recorded data: what goes together",
        }[effects.name]
        values, errors = effects.of(subsets).T
        found.append(Fact(effects.name, words, _numbers(values, errors, spectrum)))
    return found


def _numbers(values, errors, spectrum):
    """Numbers with errors, all to the third digit of the largest coefficient; a dash where there is none."""
    largest = float(np.abs(spectrum.coefficients).max(initial=0.0)) or 1.0
    digits = max(2 - math.floor(math.log10(largest)), 0)
    return [
        f"{round(value, digits) + 0.0:+.{digits}f} ± {error:.{digits}f}"  # nothing reads -0.00
        if np.isfinite(value) and np.isfinite(error)
        else "–"
        for value, error in zip(values, errors, strict=True)
    ]
