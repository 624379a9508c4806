"""The picture of the study: four measures over the dropout rate, and the frequency map of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import curve, draw, dress, style
from .findings import LAYERS
from .run import counts

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

_SIDE = 14
_MEASURES = ("published procedure", "the same, ten × the draws", "recorded", "experiment")
_PREFIXES = ("published", "careful", "recorded", "experiment")


def figure(table: DataFrame) -> Figure:
    """A row for each layer: numbers of subsets, sizes, mean degree; and below the maps of pixels at each rate."""
    from matplotlib.figure import Figure

    rates = sorted(table["dropout"].unique())
    picture = Figure(figsize=(13, 11), layout="constrained")
    upper, lower = picture.subfigures(2, 1, height_ratios=(3, 1.2), squeeze=False)[:, 0]
    panels = upper.subplots(2, 3)
    for axes, layer in zip(panels, LAYERS, strict=True):
        rows = table[table["layer"] == layer]
        for at, (prefix, name) in enumerate(zip(_PREFIXES, _MEASURES, strict=True)):
            draw(axes[0], curve(rows, "dropout", f"{prefix}_subsets"), name, style(at))
            draw(axes[1], curve(rows, "dropout", f"{prefix}_size"), name, style(at))
        for at, (target, name) in enumerate((("class", "the class is 7"), ("logit", "centred logit 7"))):
            draw(axes[2], curve(rows, "dropout", f"mean_degree_{target}"), f"mean degree, {name}", style(4 + at))
        dress(axes[0], f"{layer}: how many subsets", "dropout rate", "subsets")
        dress(axes[1], f"{layer}: how large", "dropout rate", "mean size")
        dress(axes[2], f"{layer}: how jointly", "dropout rate", "mean degree")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    upper.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    panels[0, 2].legend(frameon=False, fontsize=8)
    pixels = table[table["layer"] == "pixels"]
    for axes, rate in zip(np.atleast_1d(lower.subplots(1, len(rates))), rates, strict=True):
        texts = pixels.loc[pixels["dropout"] == rate, "frequency"].fillna("")
        axes.imshow(np.mean([counts(text, _SIDE**2) for text in texts], axis=0).reshape(_SIDE, _SIDE), cmap="Blues")
        axes.set_title(f"dropout {rate:g}", fontsize=9)
        axes.set_xticks([])
        axes.set_yticks([])
    lower.suptitle("In how many subsets of the published procedure each pixel is, mean over seeds", fontsize=10)
    picture.suptitle(f"The paper's experiment: mean ± standard error over {table['seed'].nunique()} seeds")
    return picture
