"""The picture of the study: each layer a place on the axis, both kinds of evidence with standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Curve, draw, dress
from .findings import measured
from .material import FEED_FORWARD, LATENTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

PLACES = [
    *(("encoder", layer, str(number)) for number, layer in enumerate(FEED_FORWARD, start=1)),
    ("encoder", LATENTS, "latents"),
    ("encoder", "embedding", "embedding"),
    ("small", "feed_forward", "small, feed-f."),
    ("small", "hidden", "small, hidden"),
]
SHARES = (
    ("activation_variance", "all activations", "#555555", "^"),
    ("single_variance", "all units, on or off", "#d55e00", "s"),
    ("unseen_variance", "subsets found", "#0072b2", "o"),
)
BLUE = "#0072b2"


def figure(table: DataFrame) -> Figure:
    """Mean degree, joint share and effective units; explained variance, gain of joint subsets, and fidelity."""
    from matplotlib.figure import Figure

    rows = {place: table[(table["network"] == place[0]) & (table["layer"] == place[1])] for place in PLACES}
    places = [place for place in PLACES if len(rows[place])]
    parts, names = [rows[place] for place in places], [place[2] for place in places]
    picture = Figure(figsize=(13, 8), layout="constrained")
    panels = picture.subplots(2, 3)
    _points(panels[0, 0], parts, "mean_degree", BLUE, "o")
    panels[0, 0].axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    _dress(panels[0, 0], names, "mean degree (dotted: units add up)")
    _points(panels[0, 1], parts, "joint_share", BLUE, "o")
    _dress(panels[0, 1], names, "joint share of the variance")
    _points(panels[0, 2], parts, "effective_units", BLUE, "o")
    panels[0, 2].scatter(range(len(parts)), [part["units"].iloc[0] for part in parts], marker="_", color="#555555")
    panels[0, 2].set_yscale("log")
    _dress(panels[0, 2], names, "effective units (dashes: all units)")
    for column, label, colour, marker in SHARES:
        _points(panels[1, 0], parts, column, colour, marker, label)
    panels[1, 0].set_ylim(0, 1.02)
    panels[1, 0].legend(frameon=False, fontsize=8)
    _dress(panels[1, 0], names, "recorded: share of unseen logits' variance")
    _points(panels[1, 1], parts, "joint_gain", BLUE, "o")
    panels[1, 1].axhline(0, color="#999999", linewidth=0.8)
    _dress(panels[1, 1], names, "recorded: what subsets of two or more\nadd to all single units")
    panels[1, 2].bar(range(len(parts)), [part["fidelity"].mean() for part in parts], color="#009e73", hatch="//")
    panels[1, 2].set_ylim(0, 1)
    _dress(panels[1, 2], names, "variance left with two levels a unit")
    for axes in panels[1]:
        axes.set_xlabel("feed-forward layers 1 to 6, and others")
    picture.suptitle("A sentence encoder, layer by layer: units resampled (above), recorded and two levels (below)")
    return picture


def _points(axes, parts, column, colour, marker, label=""):
    levels = [measured(part, column) for part in parts]
    found = Curve(np.arange(len(parts)), *(np.array(values) for values in zip(*levels, strict=True)))
    draw(axes, found, label, {"color": colour, "marker": marker, "linestyle": "", "capsize": 3})


def _dress(axes, names, title):
    axes.set_xticks(range(len(names)), names, fontsize=8, rotation=45, ha="right", rotation_mode="anchor")
    dress(axes, up=title)
