"""One picture of the comparison: F1 of every method on every scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .table import table

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame


def figure(df: DataFrame) -> Figure:
    """Mean F1 as a number in each field; words where a method gave no answer, a dash where it does not apply."""
    from matplotlib.figure import Figure

    known = table(df).set_index(["method", "scene"])
    methods, scenes = list(dict.fromkeys(df.method)), list(dict.fromkeys(df.scene))
    scores = known.f1.unstack().reindex(index=methods, columns=scenes)
    silent = known[known.finished.str.startswith("0/")].silent
    access = df.dropna(subset=["access"]).groupby("method").access.first()
    picture = Figure(figsize=(2.8 + 0.85 * scores.shape[1], 1.6 + 0.3 * scores.shape[0]), layout="constrained")
    axes = picture.add_subplot()
    shown = axes.imshow(np.ma.masked_invalid(scores.to_numpy(float)), vmin=0, vmax=1, cmap="cividis", aspect="auto")
    for (i, j), value in np.ndenumerate(scores.to_numpy(float)):
        said = silent.get((methods[i], scenes[j]), "")
        text = "–" if np.isnan(value) else said.split(" ")[0] if said else f"{value:.2f}"
        axes.text(j, i, text, ha="center", va="center", fontsize=8, color="white" if value < 0.5 else "black")
    axes.set_xticks(range(scores.shape[1]), scores.columns, rotation=35, ha="right", fontsize=8)
    names = [f"{name} ({access.get(name, '?')})" for name in scores.index]
    axes.set_yticks(range(scores.shape[0]), names, fontsize=8)
    axes.set_title("Mean F1 on subsets; a run without an answer counts 0", fontsize=10)
    picture.colorbar(shown, ax=axes, label="F1")
    return picture
