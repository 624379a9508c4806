"""The picture of the study: F1 and precision of each method against each disturbance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..curves import curve, draw, dress, style
from .run import DISTURBANCES

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


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
                if len(rows):
                    draw(axes, curve(rows, "level", measure), method, style(i))
            axes.set_ylim(-0.05, 1.08)
            dress(axes, disturbance.replace("_", " "), DISTURBANCES[disturbance], "F1" if row == 0 else "precision")
            axes.xaxis.label.set_fontsize(8)
    panels[0, 0].legend(frameon=False, fontsize=8)
    picture.suptitle(f"Noise and irrelevance: mean ± standard error over up to {table['seed'].nunique()} seeds")
    return picture
