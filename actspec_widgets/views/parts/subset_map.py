"""The units of a subset outlined on the image whose pixels they are."""

from __future__ import annotations

from dataclasses import dataclass

import bqplot as bq
import numpy as np
from numpy.typing import NDArray
from traitlets import Instance, observe

from ..kit.figure import figure, set_range
from ..kit.part import NOTHING_YET, Part
from ..kit.table import Column, Table
from ..kit.theme import BLANK, PAPER, SLATE, degree_style
from ..kit.words import counted

_SIDE, _EDGE = 300, 2  # pixels: the longer side of the map, and the margin around it
_LARGEST_CELL = 40
MOST_CELLS = 292 * 292


INFLUENCE = "Shade: influence, the squared weight of the reported subsets that contain the unit."


@dataclass(frozen=True, eq=False)
class UnitGrid:
    """The pixels of an image, row after row, each with a shade from 0 to 1.

    Attributes
    ----------
    rows, columns : int
    shades : ndarray, shape (rows * columns,)
    caption : str
        What the shade means.
    """

    rows: int
    columns: int
    shades: NDArray[np.float64]
    caption: str

    @classmethod
    def of_image(cls, shape: tuple[int, int], values: NDArray, caption: str) -> UnitGrid:
        """Pixels of an image of ``shape``; ``values`` is what lies behind the subset, such as a mean image."""
        return cls(*shape, _scaled(values), caption)


def _scaled(values):
    values = np.asarray(values, dtype=np.float64).ravel()
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.zeros(values.size)


class SubsetMap(Part):
    """The units of one subset on their grid.

    Parameters
    ----------
    what : str
        What its buttons and files call it.

    Attributes
    ----------
    grid : UnitGrid or None
    """

    grid = Instance(UnitGrid, allow_none=True)

    def __init__(self, what: str = "map", **traits):
        self.columns, self.lines = (bq.LinearScale(reverse=r, allow_padding=False) for r in (False, True))
        across = {"x": self.columns, "y": self.lines}
        # Opaque on purpose: cells meet on fractions of a pixel, and seams show where two half-clear edges overlap.
        # The style sheet lets the page through, and turns the shades round in a dark theme.
        self.shade = bq.ColorScale(colors=[PAPER, SLATE], min=0.0, max=1.0)
        self.shades = bq.HeatMap(color=np.zeros((2, 2)), scales={**across, "color": self.shade}, null_color=BLANK)
        self.cells = bq.Lines(
            x=[0.0, 1.0], y=[0.0, 1.0], scales=across, close_path=True, fill="inside", stroke_width=2.5, visible=False
        )
        drawn = figure(
            [self.shades, self.cells],
            name="map", height=_SIDE, width=f"{_SIDE}px", margin=(_EDGE, _EDGE, _EDGE, _EDGE), padding_x=0,
        )  # fmt: skip
        super().__init__("", what, drawn)
        self.add_class("actspec-place")
        for name, value in traits.items():
            setattr(self, name, value)

    @observe("grid")
    def _redraw(self, _):
        grid = self.grid
        fits = grid is not None and grid.rows * grid.columns <= MOST_CELLS
        if not fits:
            many = "" if grid is None else f"{grid.shades.size:,} pixels are too many for a map."
            self.say_nothing(many or NOTHING_YET)
            return
        table = np.full(grid.rows * grid.columns, np.nan)
        table[: grid.shades.size] = grid.shades
        table = table.reshape(grid.rows, grid.columns)
        # bqplot makes a line of a table with one row or column: it gets one more, outside of the picture.
        spare = [(0, max(2 - side, 0)) for side in table.shape]
        table = np.pad(table, spare, constant_values=np.nan)
        # Whole pixels: a canvas draws seams between cells that end on fractions.
        self.cell = max((_SIDE - 2 * _EDGE) // max(grid.rows, grid.columns), 1)
        self.cell = min(self.cell, _LARGEST_CELL)
        self.figure.layout.width = f"{grid.columns * self.cell + 2 * _EDGE}px"
        self.figure.layout.height = f"{grid.rows * self.cell + 2 * _EDGE}px"
        set_range(self.columns, -0.5, grid.columns - 0.5)
        set_range(self.lines, -0.5, grid.rows - 0.5)
        with self.shades.hold_sync():
            self.shades.color = table
            self.shades.x, self.shades.y = np.arange(table.shape[1]), np.arange(table.shape[0])
        self._mark()

    def _mark(self):
        grid, subset = self.grid, self.selection
        if grid is None or grid.rows * grid.columns > MOST_CELLS:
            return
        drawn = bool(subset and subset[-1] < grid.shades.size)
        self._say(grid, subset if drawn else ())
        self.cells.visible = drawn
        if not drawn:
            return
        units = np.array(subset)
        row, column = units // grid.columns, units % grid.columns
        colour = degree_style(len(subset)).colour
        corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
        with self.cells.hold_sync():
            self.cells.colors = self.cells.fill_colors = [colour] * len(units)
            self.cells.fill_opacities = [0.85] * len(units)
            self.cells.x, self.cells.y = column[:, None] + corners[:, 0], row[:, None] + corners[:, 1]

    def _say(self, grid, subset):
        outlined = f" {len(subset)} of {counted(grid.shades.size, 'pixel')} outlined." if subset else ""
        self.say(grid.caption + outlined, lambda: _table(grid, subset))


def _table(grid, subset):
    """Every unit with its place; the outlined ones first."""
    chosen = set(subset)
    units = np.array([*subset, *(unit for unit in range(grid.shades.size) if unit not in chosen)], dtype=np.intp)
    return Table(
        (
            Column("pixel", units),
            Column("row", units // grid.columns),
            Column("column", units % grid.columns),
            Column("shade", grid.shades[units], lambda v: f"{v:.3f}"),
            Column("outlined", ["yes" if unit in chosen else "" for unit in units.tolist()]),
        ),
        caption=grid.caption,
    )
