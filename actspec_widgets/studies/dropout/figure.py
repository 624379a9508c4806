"""The picture of the study: one column for each layer, one row for each question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import draw, dress
from .trends import KINDS, Trend, measured_decay, product_decay, reached_level, rows_of, trend, trend_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

STYLE = {"input": ("#0072b2", "o", "pixels dropped"), "hidden": ("#d55e00", "s", "hidden units dropped")}
LAYERS = {"pixels": "pixels", "hidden1": "hidden layer 1", "hidden2": "hidden layer 2"}


def figure(table: DataFrame) -> Figure:
    """Means over seeds, targets and digits against the rate, with standard errors over seeds."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(13, 15), layout="constrained")
    panels = picture.subplots(5, 3)
    layers = [layer for layer in LAYERS if layer in set(table["layer"])]
    for column, layer in enumerate(layers):
        # one level for both kinds of dropout, or their lines could not be compared
        level = reached_level(table[(table["layer"] == layer) & (table["search"] == "exhaustive")])
        share = f"{level} % of the variance" if level is not None else "80 % of what is explained"
        ending = level if level is not None else "own"
        correlation, name = ("unit_correlation", "mean |correlation| of units")
        if layer == "pixels":
            correlation, name = ("subset_redundancy", "mean |rho| of subsets")
        for row, (quantity, title) in enumerate(
            (
                (f"subsets_for_{ending}", f"subsets for {share}"),
                (f"size_for_{ending}", f"mean size of these subsets\n(at most {_largest(table, layer)} units)"),
                (correlation, name),
            )
        ):
            axes = panels[row, column]
            for kind in KINDS:
                _draw(axes, trend(rows_of(table, kind, layer=layer), quantity), kind)
            _dress(axes, title)
        panels[0, column].set_title(LAYERS[layer], fontweight="bold")
        _decay(panels[3, column], table, layer)
    _whole_network(panels[4], table, layers)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    panels[0, 0].legend(handles, labels, frameon=False, fontsize=9)
    picture.suptitle(f"MNIST and dropout: mean ± standard error over {table['seed'].nunique()} seeds")
    return picture


def _largest(table, layer):
    rows = table[(table["layer"] == layer) & (table["search"] == "exhaustive")]
    return int(rows["max_degree"].max())


def _draw(axes: Axes, found: Trend | None, kind: str, label: str = "", **changes) -> None:
    if found is not None:
        colour, marker, name = STYLE[kind]
        draw(axes, found.curve, label or name, {"color": colour, "marker": marker, "capsize": 3} | changes)


def _dress(axes: Axes, title: str) -> None:
    dress(axes, across="dropout rate p", up=title)


def _decay(axes, table, layer):
    """Theory beside the measurement, for the kind of dropout that drops this layer's units."""
    kind = "input" if layer == "pixels" else "hidden"
    colour = STYLE[kind][0]
    rows = rows_of(table, kind, layer=layer)
    _draw(axes, trend_of(measured_decay(rows)), kind, "on data: W²/W¹ of the collection")
    rates = np.linspace(0, max(rows["rate"].max(), 0.1), 50)
    axes.plot(rates, 2 * np.log1p(-rates), color=colour, linestyle=":", label="(1−p)^(2k) predicts for it")
    measured, predicted = product_decay(rows[rows["target"] == "margin"] if layer == "hidden2" else rows)
    _draw(axes, trend_of(measured), kind, "independent units: W^{≥2}/W¹", color="#222222", marker="^")
    found = trend_of(predicted)
    if found is not None:
        axes.plot(found.curve.at, found.curve.mean, color="#222222", linestyle=":", label="T_(1−p) predicts for it")
    axes.axhline(0, color="#999999", linewidth=0.8)
    _dress(axes, "ln of weight by degree\nrelative to p = 0")
    axes.set_title(STYLE[kind][2], fontsize=9)
    axes.legend(frameon=False, fontsize=7, loc="best")


def _whole_network(panels, table, layers):
    for kind in KINDS:
        _draw(panels[0], trend(rows_of(table, kind), "accuracy"), kind)
    _dress(panels[0], "accuracy on the test digits")
    lines = {"pixels": ":", "hidden1": "--", "hidden2": "-"}
    for axes, quantity, title in (
        (panels[1], "explained_variance", "explained variance of the collection"),
        (panels[2], "stability", "share of half-samples in\nwhich a subset returns"),
    ):
        for layer in layers:
            for kind in KINDS:
                found = trend(rows_of(table, kind, layer=layer), quantity)
                _draw(axes, found, kind, f"{LAYERS[layer]}, {STYLE[kind][2]}", linestyle=lines[layer])
        _dress(axes, title)
        axes.set_ylim(0, 1)
    panels[1].legend(frameon=False, fontsize=7)
