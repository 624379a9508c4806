"""A study's finished table: read from a file, and held against the study's grid."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .study import Study

if TYPE_CHECKING:
    from pandas import DataFrame


def read_table(study: Study, path: Path) -> DataFrame:
    """The table in a CSV file.

    Raises
    ------
    ValueError
        If it is no table of this study, with the columns that are missing.
    """
    from pandas import read_csv
    from pandas.errors import EmptyDataError, ParserError

    try:
        table = read_csv(path)
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} cannot be read as a table ({error}); copy the study's table.csv there again"
        ) from None
    if missing := [name for name in _settings(study) if name not in table]:
        raise ValueError(
            f"{path} has no column {', '.join(missing[:3])}, so it is no table of the study {study.name!r}; "
            "copy that study's table.csv there"
        )
    return table


def beside_the_grid(study: Study, table: DataFrame) -> str:
    """What a table lacks of the study's full grid, or holds beyond it, as a sentence; "" where it is that grid."""
    names = _settings(study)
    wanted = {tuple(_text(getattr(cell, name)) for name in names) for cell in study.full}
    found = {tuple(map(_text, row)) for row in table[names].drop_duplicates().itertuples(index=False)}
    said = []
    if there := len(wanted - found):
        said.append(f"{len(wanted) - there:,} of the grid's {len(wanted):,} cells are there")
    if other := len(found - wanted):
        said.append(f"{other:,} cells are of another grid, such as the quick one")
    return f"Not the full grid: {'; '.join(said)}." if said else ""


def _settings(study):
    return [field.name for field in fields(study.settings)]


def _text(value: Any) -> str:
    """A setting as it compares after a round trip through a file with four digits."""
    if value is None or value != value:  # not a number: an empty cell
        return ""
    return f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
