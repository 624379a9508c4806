"""The picture of the study: how many subsets act, how large the effects are, and both over the dropout rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import dress, style
from .findings import PLACES, acting, rows_of, slope
from .places import DIGITS, LINEAR

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

KINDS = (("several", "two or more units"), ("single", "single units"))


def figure(table: DataFrame) -> Figure:
    """Shares of subsets that act, and effects over predictions, by layer; and the shares by dropout rate."""
    from matplotlib.figure import Figure

    picture = Figure(figsize=(13, 8), layout="constrained")
    panels = picture.subplots(2, 2, width_ratios=(2, 1))
    places = [place for place in PLACES if len(rows_of(table, *place))]
    names = [
        f"{network}:\n{layer.replace('feed_forward', 'feed-f.').replace('_', ' ')}" + ("\n(linear)" * linear)
        for network, layer in places
        for linear in [(network, layer) in LINEAR]
    ]
    for at, (kind, label) in enumerate(KINDS):
        for place, where in enumerate(places):
            rows = rows_of(table, *where)
            x = place + 0.2 * at - 0.1
            if (share := acting(rows, kind)) is not None:
                _bar(panels[0, 0], x, share.value, share.low, share.high, label if place == 0 else "", at)
            if (size := slope(rows, kind)) is not None:
                _bar(panels[1, 0], x, size.value, size.value - size.error, size.value + size.error, "", at)
    panels[0, 0].set_ylim(-0.03, 1.05)
    panels[1, 0].axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    panels[1, 0].axhline(0, color="#999999", linewidth=0.8)
    for axes, words in ((panels[0, 0], "share that acts in the network"), (panels[1, 0], "effect over prediction")):
        axes.set_xticks(range(len(places)), names, fontsize=8)
        dress(axes, up=words)
    panels[0, 0].legend(frameon=False, fontsize=9)
    for axes, (kind, label) in zip(panels[:, 1], KINDS, strict=True):
        _by_rate(axes, table, kind)
        dress(axes, f"digits: {label}", "dropout rate", "share that acts in the network")
    panels[0, 1].legend(frameon=False, fontsize=8)
    picture.suptitle("Of the subsets that go with the output on recorded samples: how many act, and how much")
    return picture


def _bar(axes, x, value, low, high, label, at):
    axes.errorbar(x, value, [[value - low], [high - value]], label=label, capsize=3, linestyle="", **style(at))


def _by_rate(axes, table, kind):
    for at, layer in enumerate(DIGITS):
        rows = rows_of(table, "digits", layer)
        found = [(rate, acting(rows[rows["dropout"] == rate], kind)) for rate in sorted(rows["dropout"].unique())]
        known = [(rate, one) for rate, one in found if one is not None]
        if known:
            shares = np.array([(rate, one.value) for rate, one in known])
            axes.plot(*shares.T, label=layer, **style(2 + at))
    axes.set_ylim(-0.03, 1.05)
