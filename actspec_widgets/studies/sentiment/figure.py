"""The picture of the study: a column for each way to see the sentences, means over seeds with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Curve, Level, draw, dress, level_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

VARIANCES = (
    ("unseen_variance", "subsets", "#0072b2", "o"),
    ("first_degree_variance", "as many single units", "#e69f00", "v"),
    ("single_variance", "all single units", "#d55e00", "s"),
    ("activation_variance", "before on/off", "#555555", "^"),
)
DEGREES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
HATCHES = ("", "//", "..", "xx")
SLOPES = (
    ("causal_slope", "largest subsets", "#0072b2", "o"),
    ("causal_slope_joint", "two or more units", "#cc79a7", "D"),
)


def figure(table: DataFrame) -> Figure:
    """Explained variance, gain, weight by degree, causal slope and accuracy; the fewest blocks in the table."""
    from matplotlib.figure import Figure

    table = table[table["blocks"] == table["blocks"].min()]
    groups = list(table.groupby(["representation", "threshold"], sort=False))
    names = ["\n".join([*name.split("_"), threshold]) for (name, threshold), _ in groups]
    picture = Figure(figsize=(13, 8), layout="constrained")
    panels = picture.subplots(2, 3)
    parts = [rows for _, rows in groups]
    for column, label, colour, marker in VARIANCES:
        _points(panels[0, 0], parts, column, colour, marker, label)
    panels[0, 0].set_ylim(0, 1.02)
    _dress(panels[0, 0], names, "share of unseen logits' variance")
    _points(panels[0, 1], parts, "joint_gain", "#0072b2", "o", "over seeds")
    panels[0, 1].axhline(0, color="#999999", linewidth=0.8)
    _dress(panels[0, 1], names, "share that subsets of two or more\nadd to all single units")
    _stack(panels[0, 2], parts, "weight_share_", names, "share of squared weight, by degree")
    _stack(panels[1, 0], parts, "subsets_of_", names, "subsets, by degree")
    for column, label, colour, marker in SLOPES:
        _points(panels[1, 1], parts, column, colour, marker, label)
    panels[1, 1].axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    _dress(panels[1, 1], names, "slope of measured against\npredicted change of the logit")
    _accuracies(panels[1, 2], table)
    panels[0, 0].legend(frameon=False, fontsize=8)
    panels[1, 0].legend(frameon=False, fontsize=8, title="units", loc="upper right")
    panels[1, 1].legend(frameon=False, fontsize=8)
    picture.suptitle(f"A transformer for sentiment: mean ± standard error over {table['seed'].nunique()} seeds")
    return picture


def _mean(values) -> Level:
    """Mean with its standard error; nothing to draw where there are no values."""
    return level_of(values.dropna()) if values.notna().any() else Level(np.nan, np.nan)


def _points(axes, parts, column, colour, marker, label):
    means, errors = zip(*(_mean(rows[column]) for rows in parts), strict=True)
    found = Curve(np.arange(len(parts)), np.array(means), np.array(errors))
    draw(axes, found, label, {"color": colour, "marker": marker, "linestyle": "", "capsize": 3})


def _stack(axes, parts, stem, names, title):
    columns = sorted(column for column in parts[0].columns if column.startswith(stem))
    base = np.zeros(len(parts))
    for at, column in enumerate(columns):
        heights = np.array([_mean(rows[column]).value for rows in parts])
        axes.bar(
            range(len(parts)), heights, bottom=base, color=DEGREES[at % 4], hatch=HATCHES[at % 4],
            edgecolor="white", label=column.removeprefix(stem),
        )  # fmt: skip
        base += heights
    _dress(axes, names, title)


def _accuracies(axes, table):
    cells = table.drop_duplicates("seed")
    for place, (column, colour, hatch) in enumerate((("accuracy", "#0072b2", ""), ("tfidf_accuracy", "#999999", "//"))):
        # of the test sentences: seeds differ by less
        axes.bar(
            place, cells[column].mean(), yerr=cells[f"{column}_error"].mean(), color=colour, hatch=hatch, capsize=4
        )
    axes.axhline(cells["larger_class"].mean(), color="#555555", linestyle=":", linewidth=1)
    axes.set_ylim(0.4, 1)
    _dress(axes, ["transformer", "TF-IDF"], "test sentences judged rightly\n(dotted: always the same answer)")


def _dress(axes, names, title):
    axes.set_xticks(range(len(names)), names, fontsize=8)
    dress(axes, up=title)
