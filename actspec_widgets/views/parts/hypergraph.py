"""Subsets of two or more units as outlined areas around the units that they join."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bqplot as bq
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial import ConvexHull
from traitlets import Instance

from ...results import Families, Spectrum
from ..kit.drawn import choose, spectrum_table
from ..kit.evidence import Effects, holds
from ..kit.figure import degree_points, figure, place, texts
from ..kit.part import SpectrumPart
from ..kit.row_bars import clicked_row
from ..kit.theme import DEGREES, INK, degree_class
from ..kit.words import counted, degrees_html, unit_label

_MOST_SUBSETS, _MOST_UNITS = 30, 40
_SIDE, _LARGE, _EDGE = 440, 580, 6  # pixels
_ROOMY = 20  # units that the smaller picture has room for
_RADIUS = 0.085  # of an area around its unit, where the page is two wide
_NAME = 10  # letters
_ROUNDS = 150
_CORNERS = 20  # of the circle around a unit


class Hypergraph(SpectrumPart):
    """Units that lie near each other share subsets; the stronger a coefficient, the denser its area.

    The shape in the middle of an area stands for the subset's size, as does the colour; a broken outline for a
    negative coefficient; faint for what does not hold. A click on the shape selects the subset.

    Attributes
    ----------
    families, effects
        As of :class:`~actspec_widgets.views.parts.subset_picture.SubsetPicture`.
    """

    DEPENDS_ON = ("spectrum", "unit", "families", "effects")

    families = Instance(Families, allow_none=True)
    effects = Instance(Effects, allow_none=True)

    def __init__(self, **traits: Any):
        self.order: list[int] = []
        self.x, self.y = (bq.LinearScale(min=-1.16, max=1.16, allow_padding=False) for _ in range(2))
        scales = {"x": self.x, "y": self.y}

        def areas(**options):
            return bq.Lines(
                x=[0.0, 1.0], y=[0.0, 1.0], scales=scales, close_path=True, visible=False, colors=[INK], **options
            )

        self.positive = areas(fill="inside", stroke_width=1.6)
        self.negative = areas(fill="inside", stroke_width=1.6, line_style="dashed")
        self.chosen = areas(stroke_width=3)
        self.shapes = degree_points(scales, 70)
        self.units = bq.Scatter(x=[], y=[], scales=scales, marker="circle", colors=[INK], default_size=30)
        # Beside its unit, on the side where the page goes on.
        self.names = [
            texts(scales, 12, align=align, x_offset=offset, y_offset=-6, visible=False)
            for align, offset in (("start", 6), ("end", -6))
        ]
        for shapes in self.shapes:
            shapes.on_element_click(self._clicked)
        drawn = figure(
            [self.positive, self.negative, self.chosen, self.units, *self.shapes, *self.names],
            name="hypergraph", height=_SIDE, margin=(_EDGE,) * 4, padding_x=0, min_aspect_ratio=1, max_aspect_ratio=1,
        )  # fmt: skip
        super().__init__("Units joined by subsets", "subsets of several units", drawn, **traits)

    def _draw(self, spectrum: Spectrum) -> None:
        chosen = choose(spectrum, None, _MOST_SUBSETS, min_degree=2)
        self.order, units = self._within(spectrum, chosen.order)
        self.subsets = [spectrum.subsets[i] for i in self.order]
        if not self.order:
            self.say_nothing("No reported subset joins two or more units.")
            return
        row = {unit: at for at, unit in enumerate(units)}
        edges = [[row[unit] for unit in subset] for subset in self.subsets]
        at = places(edges, len(units))
        self._outlines = same_length(
            [outline(at[edge], _RADIUS * (1 + 0.14 * len(edge))) for edge in edges]
        )  # larger around more units, so that an area inside another one shows
        self._faint = ~holds(spectrum, self.families, self.effects)[self.order]
        self._draw_areas(spectrum.coefficients[self.order])
        self._draw_shapes(np.array([at[edge].mean(axis=0) for edge in edges]))
        self._draw_units(spectrum, units, at)
        often = np.bincount([unit for s in self.subsets for unit in s])
        busiest = int(np.argmax(often))
        joint = int(spectrum.joint[self.order].sum())
        crowded = len(chosen.order) - len(self.order)
        more = f"Not drawn for want of room: {counted(crowded, 'subset')} of yet other {self.unit}s. "
        self.say(
            f"{counted(len(self.order), 'subset')} {'joins' if len(self.order) == 1 else 'join'} "
            f"{counted(len(units), self.unit)}, {joint or 'none'} of these subsets called joint; "
            f"{self.unit} {unit_label(spectrum, busiest, 40)} "
            f"is in {often[busiest]} of them.",
            lambda: spectrum_table(spectrum, self.order),
            legend=degrees_html(map(len, self.subsets), self.unit)
            + "<span>denser: a larger coefficient</span><span>- - negative</span>"
            + "<span>faint: does not hold</span>" * bool(self._faint.any()),
            note=(more if crowded else "") + chosen.sentence(None, self.unit),
        )
        self._mark()

    def _within(self, spectrum, order):
        """Strongest first, the subsets whose units together are not too many, and these units."""
        kept, units = [], set()
        for i in order:
            if len(units | set(spectrum.subsets[i])) <= _MOST_UNITS:
                kept.append(i)
                units |= set(spectrum.subsets[i])
        return kept, sorted(units)

    def _draw_areas(self, coefficients):
        dense = np.abs(coefficients) / np.abs(coefficients).max() if coefficients.any() else np.ones(len(coefficients))
        classes = np.array([degree_class(len(s)) for s in self.subsets])
        strokes = np.where(self._faint, 0.25, 0.35 + 0.65 * dense)
        fills = np.where(self._faint, 0.02, 0.04 + 0.3 * dense)
        for mark, mine in ((self.positive, coefficients >= 0), (self.negative, coefficients < 0)):
            rows = np.flatnonzero(mine)
            rows = rows[np.argsort([-len(self.subsets[r]) for r in rows], kind="stable")]  # small ones lie on top
            mark.visible = rows.size > 0
            if not rows.size:
                continue
            with mark.hold_sync():
                mark.colors = mark.fill_colors = [DEGREES[classes[r]].colour for r in rows]
                mark.opacities, mark.fill_opacities = strokes[rows].tolist(), fills[rows].tolist()
                mark.x, mark.y = self._outlines[rows, :, 0], self._outlines[rows, :, 1]

    def _draw_shapes(self, middles):
        classes = np.array([degree_class(len(s)) for s in self.subsets])
        self._shape_rows = [np.flatnonzero(classes == c) for c in range(len(DEGREES))]
        for shapes, rows in zip(self.shapes, self._shape_rows, strict=True):
            shapes.opacities = np.where(self._faint[rows], 0.35, 1.0).tolist() or [1.0]
            place(shapes, *middles[rows].T)

    def _draw_units(self, spectrum, units, at):
        place(self.units, *at.T)
        names = np.array([unit_label(spectrum, unit, _NAME) for unit in units])
        far = at[:, 0] > 0.4
        for mark, mine in zip(self.names, (~far, far), strict=True):
            mark.visible = bool(mine.any())
            if mark.visible:
                with mark.hold_sync():
                    mark.x, mark.y, mark.text = at[mine, 0], at[mine, 1], names[mine].tolist()
        side = _SIDE if len(units) <= _ROOMY else _LARGE
        self.figure.layout.height, self.figure.layout.max_width = f"{side}px", f"{side}px"

    def _clicked(self, mark, content):
        rows = self._shape_rows[self.shapes.index(mark)]
        at = clicked_row(content)
        if self.spectrum is not None and at < len(rows):
            self.selection = self.subsets[rows[at]]

    def _mark(self) -> None:
        at = self.subsets.index(self.selection) if self.order and self.selection in self.subsets else None
        self.chosen.visible = at is not None
        if at is not None:
            place(self.chosen, *self._outlines[at].T)


def places(edges: Sequence[Sequence[int]], n_nodes: int) -> NDArray[np.float64]:
    """Stress majorization of the nodes and one hub for each edge, shape (n_nodes, 2), within [-1, 1].

    Distances on the page follow the numbers of steps between nodes. No chance takes part: the same edges, the same
    places.

    References
    ----------
    Gansner, Koren and North, "Graph drawing by stress majorization", Graph Drawing 2004.
    """
    total = n_nodes + len(edges)
    steps = [(node, n_nodes + at) for at, edge in enumerate(edges) for node in edge]
    a, b = np.array(steps, dtype=np.intp).T
    distance = shortest_path(coo_array((np.ones(len(a)), (a, b)), shape=(total, total)), directed=False)
    apart = distance[np.isfinite(distance)].max() * 0.6 + 2.0  # pieces that share nothing
    distance = np.where(np.isfinite(distance), distance, apart)
    np.fill_diagonal(distance, 1.0)
    weight = distance**-2
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    turn = 2.399963 * np.arange(total)  # the golden angle spreads any number of points
    at = np.sqrt(np.arange(1, total + 1))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(_ROUNDS):
        gaps = np.linalg.norm(at[:, None] - at[None], axis=2)
        ratio = np.divide(weight * distance, gaps, out=np.zeros_like(gaps), where=gaps > 1e-9)
        at = inverse @ ((np.diag(ratio.sum(axis=1)) - ratio) @ at)
    nodes = at[:n_nodes] - (at[:n_nodes].max(axis=0) + at[:n_nodes].min(axis=0)) / 2
    return nodes / (np.abs(nodes).max() or 1.0)


def outline(points: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """The convex outline of circles around some points, shape (corners, 2)."""
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    circle = radius * np.column_stack([np.cos(angle), np.sin(angle)])
    around = (points[:, None] + circle).reshape(-1, 2)
    return around[ConvexHull(around).vertices]


def same_length(outlines: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Outlines as one array, shape (k, corners, 2); shorter ones repeat their last corner."""
    most = max(map(len, outlines))
    return np.stack([np.concatenate([o, np.repeat(o[-1:], most - len(o), axis=0)]) for o in outlines])
