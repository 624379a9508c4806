"""The rows of an earlier run, from a table or a file, to compare a new run with."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...studies.study import Row

if TYPE_CHECKING:
    from pandas import DataFrame

_SCORES = ("f1", "precision", "recall", "coefficient_error")
_NEEDED = ("method", "disturbance", "level", "n", "samples", "seed", *_SCORES)


def earlier_rows(table: str | os.PathLike[str] | bytes | DataFrame, n: int, samples: int) -> tuple[Row, ...]:
    """The rows of a table that a run can be compared with.

    Parameters
    ----------
    table : path, bytes or DataFrame
        Of the study, as :func:`actspec_widgets.studies.run` returns it; its CSV file, or what is in it; or the folder
        that holds it.
    n, samples : int
        Of the run. Where the table holds several numbers of units or samples, the rows with these are taken.

    Raises
    ------
    ValueError
        If there is no such file, columns are missing, or it is not clear which rows are meant.
    """
    frame = _frame(table)
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise ValueError(
            f"the table has no column {', '.join(missing)}; give one of the noise study, with {', '.join(_NEEDED)}"
        )
    if frame.empty:
        raise ValueError("the table has no rows; give one of a run that has finished some cells")
    for name in ("level", "n", "samples", "seed", *_SCORES):
        if frame[name].dtype.kind not in "iuf":
            raise ValueError(f"the column {name} holds words; give a table of the noise study, where it holds numbers")
    settings = frame[["n", "samples"]].drop_duplicates()
    if len(settings) > 1:
        frame = frame[(frame["n"] == n) & (frame["samples"] == samples)]
        if frame.empty:
            kinds = ", ".join(f"{row.n} units and {row.samples} samples" for row in settings.itertuples())
            raise ValueError(
                f"the table holds {kinds[:200]}, and this run has {n} and {samples}; keep one kind of rows"
            )
    columns = [*_NEEDED]
    records: Any = frame[columns].to_dict("records")
    return tuple(records)


def _frame(table):
    from pandas import DataFrame, read_csv
    from pandas.errors import EmptyDataError, ParserError

    if isinstance(table, DataFrame):
        return table
    if isinstance(table, bytes):
        path, source = "the file", io.BytesIO(table)
    else:
        path = source = Path(table) / "table.csv" if Path(table).is_dir() else Path(table)
        if not path.is_file():
            raise ValueError(f"there is no file {path}; give a CSV of the noise study, or the folder that holds it")
    try:
        return read_csv(source)
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} can not be read as a CSV table ({type(error).__name__}); give one of the study"
        ) from None
