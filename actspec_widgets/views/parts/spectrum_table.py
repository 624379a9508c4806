"""The subsets of a spectrum as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...results import Spectrum, Stability
from ..kit.table import Column, Table
from ..kit.words import decimals, marked_label


def spectrum_table(spectrum: Spectrum, order: Sequence[int], stability: Stability | None = None) -> Table:
    """One row for each subset in ``order``; choosing a row selects its subset.

    Names are cut in the page and whole in the file. ``stability`` adds how often each subset returned.
    """
    rows = np.asarray(order, dtype=np.intp)
    subsets = [spectrum.subsets[i] for i in rows]
    errors = spectrum.standard_errors[rows]
    digits = max(map(decimals, errors), default=0)
    columns = [
        Column("units", subsets, lambda s: marked_label(spectrum, s, 60), spectrum.label),
        Column("size", np.array([len(s) for s in subsets], dtype=np.intp)),
        Column("coefficient", spectrum.coefficients[rows], lambda v: f"{v:+.{digits}f}"),
        Column("± error", errors, lambda v: f"{v:.{digits}f}"),
        Column("p, corrected", spectrum.p_values[rows], lambda p: "<1e-15" if p < 1e-15 else f"{p:.2g}"),
        Column("variance added", spectrum.gains[rows], lambda v: f"{v:.2%}"),
        Column("equivalents", np.array([len(spectrum.equivalents[i]) for i in rows], dtype=np.intp)),
    ]
    if spectrum.rarest_combinations is not None:
        columns.append(Column("rarest combination", spectrum.rarest_combinations[rows], lambda n: f"{n:,} samples"))
    if stability is not None:
        columns.append(
            Column(f"returned in {stability.resamples} reruns", stability.returned[rows], lambda v: f"{v:.0%}")
        )
        columns.append(Column("± error of that", stability.standard_errors[rows], lambda v: f"{v:.0%}"))
    return Table(tuple(columns), keys=subsets, caption="Subsets with their coefficients.")
