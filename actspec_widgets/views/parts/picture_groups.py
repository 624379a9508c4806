"""What the target does on each on/off combination of a subset's units: means, and a few of the samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...results import Spectrum
from ...results.cell_means import CellMeans
from ...results.digits import decimals
from ..kit.still import png
from ..kit.words import counted, tidy, unit_label

_MOST = 40  # subsets with groups: those that stand first
_POOL, _EACH = 48, 3  # samples that most groups take theirs from, and how many a group shows
_SIDE, _LETTERS = 32, 20  # pixels of a sample's longer side at most, and letters of one that is a text


@dataclass(frozen=True, eq=False)
class Samples:
    """What was recorded.

    Attributes
    ----------
    patterns : Patterns
    target : ndarray, shape (m,)
    shown : callable
        Sample numbers -> a text, an image of shape (rows, columns) or None for each.
    """

    patterns: Patterns
    target: NDArray[np.float64]
    shown: Callable[[NDArray[np.intp]], Sequence[str | NDArray | None]]
    _known: dict[Subset, CellMeans] = field(default_factory=dict, repr=False)

    def cells(self, subset: Subset) -> CellMeans:
        """Means on the cells of a subset; kept, as sliders ask for the same ones again."""
        from ...compute.method.cells import cell_means

        if subset not in self._known:
            self._known[subset] = cell_means(self.patterns, self.target, subset)
        return self._known[subset]


def groups_of(
    samples: Samples | None, spectrum: Spectrum, order: Sequence[int], unit: str, target: str
) -> tuple[dict[str, Any], bytes, list[int]]:
    """The groups of the subsets drawn that have one or two units, by subset; the samples that they show, and its tiles.

    The samples are one PNG, one below the other; a tile is (rows, columns, how many). Most of them are evenly spaced
    in the order of the target; a group that has none of these shows up to two of its own.
    """
    if samples is None:
        return {}, b"", []
    subsets = [spectrum.subsets[at] for at in list(order)[:_MOST] if len(spectrum.subsets[at]) in (1, 2)]
    m = len(samples.target)
    ranked = np.argsort(samples.target, kind="stable")
    pool = dict.fromkeys(ranked[((np.arange(min(_POOL, m)) + 0.5) * m / min(_POOL, m)).astype(np.intp)].tolist())
    picked: dict[tuple[Subset, int], list[int]] = {}
    for subset in subsets:
        for cell, mine in enumerate(samples.cells(subset).samples):
            ready = [at for at in mine.tolist() if at in pool]
            chosen = _spread(ready, _EACH) if ready else _spread(mine.tolist(), _EACH - 1)
            picked[subset, cell] = chosen
    numbers = sorted({at for chosen in picked.values() for at in chosen})
    shown = samples.shown(np.array(numbers, dtype=np.intp)) if numbers else []
    texts, sprite, tile = _stacked(shown)
    row = {at: (texts[i] if texts else i) for i, at in enumerate(numbers)} if texts or sprite else {}
    head = f"Recorded mean of {tidy(target, 20)}, {counted(m, 'sample')}"
    groups = {
        ",".join(map(str, subset)): _told(
            samples.cells(subset),
            head,
            _names(spectrum, subset, unit),
            [
                [row[at] for at in picked[subset, cell] if at in row][: 1 if texts else _EACH]
                for cell in range(2 ** len(subset))
            ],
        )
        for subset in subsets
    }
    return groups, sprite, tile


def _spread(values, most):
    """At most so many of a list, evenly spaced."""
    k = min(most, len(values))
    return [values[int((i + 0.5) * len(values) / k)] for i in range(k)]


def _stacked(shown):
    """Texts as they are; images of one shape as one PNG, thinned out where they are large."""
    if not shown or any(one is None for one in shown):
        return [], b"", []
    if isinstance(shown[0], str):
        return [tidy(text, _LETTERS) for text in shown], b"", []
    step = -(-max(shown[0].shape) // _SIDE)
    images = [np.asarray(image, dtype=np.float64)[::step, ::step] for image in shown]
    rows, columns = images[0].shape
    return [], png(np.vstack(images)), [rows, columns, len(images)]


def _names(spectrum, subset, unit):
    """What each cell is called; bit i of its number is set where the i-th unit is off."""
    if len(subset) == 1:
        return [f"this {unit} on", f"this {unit} off"]
    first, second = (unit_label(spectrum, u, 12) for u in subset)
    return ["both on", f"only {second} on", f"only {first} on", "neither on"]


def _told(cells: CellMeans, head, names, shown) -> dict[str, Any]:
    known = cells.standard_errors[np.isfinite(cells.standard_errors)]
    digits = min(max(map(decimals, known), default=2), 3)
    ends = np.concatenate([cells.means, cells.means - cells.standard_errors, cells.means + cells.standard_errors])
    ends = np.append(ends, cells.added_up)
    ends = ends[np.isfinite(ends)]
    low, high = (float(ends.min()), float(ends.max())) if ends.size else (0.0, 1.0)
    pad = 0.08 * (high - low) or 1.0
    rows = []
    for name, count, mean, error, some in zip(
        names, cells.counts.tolist(), cells.means.tolist(), cells.standard_errors.tolist(), shown, strict=True
    ):
        text = (
            f"{mean:+.{digits}f}" + (f" ± {error:.{digits}f}" if np.isfinite(error) else "") if count else "no sample"
        )
        rows.append({
            "name": name, "text": f"{text} ({count:,})" if count else text, "mean": mean if count else None,
            "error": error if np.isfinite(error) else None, "shown": some,
        })  # fmt: skip
    contrast = cells.contrast
    value, error = float(contrast.value), float(contrast.standard_error)
    what = "both + neither − each alone" if len(cells.subset) == 2 else "on − off"
    said = f"{what}: {value:+.{digits}f} ± {error:.{digits}f}" if np.isfinite(value) and np.isfinite(error) else (
        f"{what}: too few samples to tell"
    )  # fmt: skip
    added = cells.added_up
    return {
        "cells": rows, "head": head, "said": said, "low": low - pad, "high": high + pad,
        "added": added if np.isfinite(added) else None,
    }  # fmt: skip
