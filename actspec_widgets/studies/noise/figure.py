"""The picture of the study: F1 and precision of each method against each disturbance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..curves import curve, draw, dress
from .run import DISTURBANCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#222222", "#7f3c8d")
MARKERS = "osD^vPX*"


def figure(table: DataFrame) -> Figure:
    """Means over seeds with standard errors; one column for each disturbance."""
    from matplotlib.figure import Figure

    shown = [name for name in DISTURBANCES if name in set(table["disturbance"])]
    picture = Figure(figsize=(max(3.2 * len(shown), 5), 6.5), layout="constrained")
    panels = picture.subplots(2, len(shown), squeeze=False)
    methods = list(dict.fromkeys(table["method"]))
    for column, disturbance in enumerate(shown):
        for row, measure in enumerate(("f1", "precision")):
            axes = panels[row, column]
            for i, method in enumerate(methods):
                rows = table[(table["disturbance"] == disturbance) & (table["method"] == method)]
                style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 4, "linewidth": 1.2}
                if len(rows):
                    draw(axes, curve(rows, "level", measure), method, style)
            axes.set_ylim(-0.05, 1.08)
            dress(axes, disturbance.replace("_", " "), DISTURBANCES[disturbance], "F1" if row == 0 else "precision")
            axes.xaxis.label.set_fontsize(8)
    panels[0, 0].legend(frameon=False, fontsize=8)
    picture.suptitle(f"Noise and irrelevance: mean ± standard error over up to {table['seed'].nunique()} seeds")
    return picture
