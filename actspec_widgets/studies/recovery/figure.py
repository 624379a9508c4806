"""The picture of the study: curves over samples with theory's beside them, then what makes it harder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import COLOURS, curve, draw, dress, rows_at, style
from .findings import RECALL, groups, kinds, ratios
from .run import Recovery

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

METHODS = {"actspec": "from samples (the whole method)", "sparse_transform": "from queries (sparse_transform)"}


def figure(table: DataFrame) -> Figure:
    """Means over seeds with standard errors; dashed lines are predicted, not fitted."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(17, 9), layout="constrained")
    panels = picture.subplots(2, 4)
    plain = groups(table)
    degrees = {name: rows for name, rows in plain.items() if name.endswith("n = 16")}
    _over_samples(panels[0, 0], {name.split(",")[0]: rows for name, rows in degrees.items()}, "recall")
    dress(panels[0, 0], "four parities among 16 units", "samples", "recall")
    wider = {name.split(", ")[1]: rows for name, rows in plain.items() if name.startswith("degree 3")}
    _over_samples(panels[0, 1], wider, "recall")
    dress(panels[0, 1], "four parities of degree 3", "samples", "recall")
    _over_samples(panels[0, 2], kinds(table), "f1", predicted=False)
    dress(panels[0, 2], "other functions of 16 units", "samples", "F1")
    _against_theory(panels[0, 3], table)
    _over_samples(panels[1, 0], {"degree 3": plain.get("degree 3, n = 16")}, "coefficient_error", predicted=False)
    _error_line(panels[1, 0])
    for axes, axis in ((panels[1, 1], "bias"), (panels[1, 2], "correlation")):
        _awkward(axes, table, axis)
    _lonely(panels[1, 3], table)
    for axes in panels.flat:
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=7.5)
    picture.suptitle(
        f"Recovery on known truth: mean ± standard error over {table['seed'].nunique()} seeds, noise of standard "
        "deviation 1; dashed: predicted from the samples, the coefficients and the number of subsets searched"
    )
    return picture


def _over_samples(axes: Axes, lines, column, predicted=True):
    for i, (name, rows) in enumerate(lines.items()):
        if rows is None:
            continue
        draw(axes, curve(rows, "samples", column), name, style(i))
        if predicted:
            line = curve(rows, "samples", "predicted_recall")
            axes.plot(line.at, line.mean, color=style(i)["color"], linestyle="--", linewidth=1)
    axes.set_xscale("log", base=2)


def _against_theory(axes, table):
    found = ratios(table)
    for i, (name, (measured, predicted, _)) in enumerate(found.items()):
        at, value = np.exp(predicted.value), np.exp(measured.value)
        looks = style(i) | {"linestyle": "none", "fillstyle": "full" if i < len(COLOURS) else "none"}
        axes.errorbar(at, value, np.nan_to_num(value * measured.error), label=name, capsize=2, **looks)
    if found:
        ends = np.exp([min(p.value for _, p, _ in found.values()), max(p.value for _, p, _ in found.values())])
        axes.plot(ends, ends, color="#555555", linestyle="--", linewidth=1)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    dress(axes, f"samples for a recall of {RECALL}", "predicted", "measured")


def _error_line(axes):
    """The error of an estimate, all else being explained: noise over the root of the number of samples."""
    low, high = axes.get_xlim()
    at = np.array([max(low, 32), high])
    axes.plot(at, Recovery.noise / np.sqrt(at), color="#555555", linestyle="--", label="noise / √samples")
    axes.set_yscale("log")
    dress(axes, "error of coefficients, missing = 0", "samples", "root mean square [units of the target]")


def _awkward(axes, table, axis):
    rows = rows_at(table, Recovery, (axis, "samples"))
    rows = rows[rows["samples"].isin(rows[rows[axis] > 0]["samples"].unique())]
    for i, (samples, group) in enumerate(rows.groupby("samples")):
        draw(axes, curve(group, axis, "f1"), f"F1, {samples} samples", style(i))
        error = style(i) | {"linestyle": ":", "fillstyle": "none"}
        draw(axes, curve(group, axis, "coefficient_error"), f"coefficient error, {samples} samples", error)
    words = "mean of every unit" if axis == "bias" else "correlation of every pair of units"
    dress(axes, f"{'skewed' if axis == 'bias' else 'correlated'} units, parities of degree 3", words, "F1; error")


def _lonely(axes, table):
    rows = rows_at(table, Recovery, ("n", "method"), degree=5, terms=1, samples=4096)
    for i, (name, group) in enumerate(rows.groupby("method")):
        draw(axes, curve(group, "n", "recall"), METHODS.get(str(name), str(name)), style(i))
    predicted = rows[rows["method"] == "actspec"]
    if len(predicted):
        line = curve(predicted, "n", "predicted_recall")
        axes.plot(line.at, line.mean, color="#555555", linestyle="--", label="if every subset were searched")
    dress(axes, "one lonely parity of degree 5, 4,096 samples", "units", "recall")
