"""The picture of the study: accuracy by the units that stay, and what noise costs, by spread and by jointness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import dress, level_of, style
from .findings import ALIKE, AXES, NOISE
from .run import ORDERS, SHARES

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


def figure(table: DataFrame) -> Figure:
    """One row of panels for each layer."""
    from matplotlib.figure import Figure

    layers = list(dict.fromkeys(table["layer"]))
    picture = Figure(figsize=(13, 3.8 * len(layers)), layout="constrained")
    panels = picture.subplots(len(layers), 3, squeeze=False)
    for row, layer in zip(panels, layers, strict=True):
        rows = table[table["layer"] == layer]
        for at, order in enumerate(ORDERS):
            levels = [level_of(rows[f"{order}_at_{share}"]) for share in SHARES]
            values, errors = np.array(levels).T
            row[0].errorbar(SHARES, values, np.nan_to_num(errors), label=order, capsize=2, **style(at))
        row[0].axhline(rows["accuracy"].mean(), color="#999999", linewidth=0.8, linestyle=":")
        row[0].invert_xaxis()
        dress(row[0], f"{layer}: units kept by", "share of the units kept", "share of digits read rightly")
        row[0].legend(frameon=False, fontsize=8)
        for axes, axis in zip(row[1:], AXES, strict=True):
            if rows[axis].std() <= ALIKE:
                axes.text(0.5, 0.5, f"{axis.replace('_', ' ')} {rows[axis].mean():.2f} in every network", ha="center")
                axes.set_axis_off()
                continue
            for at, (noise, words) in enumerate(NOISE.items()):
                axes.plot(rows[axis], rows[noise], label=words, **{**style(4 + at), "linewidth": 0})
            dress(axes, "", axis.replace("_", " "), "accuracy lost under noise")
        row[2].legend(frameon=False, fontsize=8)
    return picture
