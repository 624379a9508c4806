"""What a study is: settings, one function that turns a cell of the grid into rows, and how to read the table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

Scalar = str | int | float | bool | None
Row = dict[str, Scalar]


def _nothing_missing() -> str | None:
    return None


@dataclass(frozen=True)
class Study:
    """A grid of settings, and what is computed for each of them.

    Attributes
    ----------
    name, title : str
        As it is called on the command line, and in a line for people.
    version : int
        Raised whenever the same settings would give other numbers: old folders are then not continued.
    settings : type
        Frozen dataclass of plain numbers and words; one instance is one cell.
    run : callable
        ``run(settings)`` gives the row, or list of rows, of one cell, from these settings alone and on one thread.
        It may take ``progress=`` besides. It lives at the top of a module, so that other processes can import it.
        Columns that end in ``_s`` and ``_MiB`` are measured time and memory; all others must be the same each time.
    full, quick : tuple of settings
        The grid of an hour or two on two cores, and one of minutes.
    figure, findings, overview : callable or None
        From the table: a matplotlib figure, a tuple of :class:`~.verdict.Verdict`, and Markdown that the ledger adds.
    extra : str
        What to install: ``pip install "actspec_widgets[extra]"``.
    needs : callable
        A sentence about what is missing here (data, a library), or None.
    """

    name: str
    title: str
    version: int
    settings: type
    run: Callable[..., Row | list[Row]]
    full: tuple[Any, ...]
    quick: tuple[Any, ...]
    figure: Callable[[DataFrame], Figure] | None = None
    findings: Callable[[DataFrame], tuple[Verdict, ...]] | None = None
    overview: Callable[[DataFrame], str] | None = None
    extra: str = "studies"
    needs: Callable[[], str | None] = _nothing_missing

    def check(self, cells: tuple[Any, ...]) -> None:
        """Refuse cells of another study, repeated cells and an empty grid.

        Raises
        ------
        ValueError
        """
        if not cells:
            raise ValueError(f"study {self.name!r} was given no cells; give at least one {self.settings.__name__}")
        for cell in cells:
            if type(cell) is not self.settings:
                raise ValueError(
                    f"study {self.name!r} was given {cell!r}; its cells are {self.settings.__name__} objects with "
                    + ", ".join(field.name for field in fields(self.settings))
                )
        if len(set(cells)) < len(cells):
            twice = next(cell for at, cell in enumerate(cells) if cell in cells[:at])
            raise ValueError(f"study {self.name!r} was given {twice!r} more than once; give each cell once")


def grid(settings: type, **axes: Any) -> tuple[Any, ...]:
    """Every combination of the given values; the last axis changes fastest.

    Parameters
    ----------
    settings : type
        A frozen dataclass.
    **axes
        For any of its fields one value, or a list, tuple, range or array of them.

    Raises
    ------
    ValueError
        If a name is no field of ``settings``, or an axis has no values.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Cell:
    ...     samples: int = 100
    ...     seed: int = 0
    >>> grid(Cell, samples=[100, 200], seed=range(2))[1]
    Cell(samples=100, seed=1)
    """
    known = [field.name for field in fields(settings)]
    for name in axes:
        if name not in known:
            raise ValueError(f"{settings.__name__} has no setting {name!r}; it has {', '.join(known)}")
    values = {name: _values(value) for name, value in axes.items()}
    for name, choices in values.items():
        if not choices:
            raise ValueError(f"the axis {name!r} has no values; give at least one")
    return tuple(settings(**dict(zip(values, choice, strict=True))) for choice in itertools.product(*values.values()))


def _values(axis: Any) -> list[Any]:
    if isinstance(axis, np.ndarray):
        return axis.tolist()
    return list(axis) if isinstance(axis, list | tuple | range) else [axis]


def row_of(cell: Any, result: Row) -> Row:
    """One row of the table: the settings first, then what was measured."""
    if not is_dataclass(cell) or isinstance(cell, type):
        raise TypeError(f"{cell!r} is not a settings object")
    settings = asdict(cell)
    if twice := sorted(settings.keys() & result.keys()):
        raise ValueError(f"the result repeats the setting(s) {', '.join(twice)}; give the columns other names")
    return {name: _plain(name, value) for name, value in (settings | result).items()}


def table_of(done: Mapping[int, list[Row]]) -> DataFrame:
    """The rows of finished cells, given by their places in the grid, in the order of the grid."""
    from pandas import DataFrame

    return DataFrame([row for at in sorted(done) for row in done[at]])


def _plain(name: str, value: Any) -> Scalar:
    """A number or word that JSON keeps exactly; not-a-number becomes an empty cell."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"column {name!r} holds a {type(value).__name__}; a table holds numbers and words")
