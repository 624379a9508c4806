"""Tables of studies as files, and what each says of itself: which version of its study made it, on which grid."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..files import write_whole
from .store import grid_hash
from .study import Study

if TYPE_CHECKING:
    from pandas import DataFrame

STAMP = "made_by"  # column: the study's name, version and grid, in every row


class Stamp(NamedTuple):
    """What a table says of how it was made."""

    study: str
    version: int
    grid: str

    def text(self) -> str:
        return f"{self.study}-{self.version}-{self.grid}"


def stamp_of(study: Study, cells: tuple[Any, ...]) -> Stamp:
    return Stamp(study.name, study.version, grid_hash(cells)[:8])


def table_file(folder: Path, name: str) -> Path:
    """Where the ledger of a folder reads the table of a study."""
    return folder / "results" / f"{name}.csv"


def write_table(table: DataFrame, path: Path, stamp: Stamp) -> None:
    """Write a table with its stamp, numbers with six digits: a repository holds it."""
    write_whole(path, table.assign(**{STAMP: stamp.text()}).to_csv(index=False, float_format="%.6g"))


def read_table(study: Study, path: Path) -> DataFrame:
    """The table in a CSV file.

    Raises
    ------
    ValueError
        If it is no table of this study, with the columns that are missing or the study that made it.
    """
    from pandas import read_csv
    from pandas.errors import EmptyDataError, ParserError

    try:
        table = read_csv(path)
    except (EmptyDataError, ParserError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as a table ({error}); run the study {study.name!r} again") from None
    if missing := [name for name in _settings(study) if name not in table]:
        raise ValueError(
            f"{path} has no column {', '.join(missing[:3])}, so it is no table of the study {study.name!r}; "
            "run that study again"
        )
    for stamp in _stamps(table):
        if stamp is None or stamp.study != study.name:
            raise ValueError(
                f"{path} is stamped {table[STAMP].iloc[0]!r}, so it is no table of the study {study.name!r}; "
                "run that study again"
            )
    return table


def stamped(table: DataFrame) -> str:
    """The version and grid of a table, for a line about it."""
    said = {f"version {stamp.version}, grid {stamp.grid}" for stamp in _stamps(table) if stamp is not None}
    return "; ".join(sorted(said)) or "version and grid unknown"


def age(study: Study, table: DataFrame) -> str:
    """A sentence where a table was not made by the version of the study that is here; else ""."""
    versions = sorted({stamp.version for stamp in _stamps(table) if stamp is not None})
    if not versions:
        return "This table does not say which version made it, so its numbers may be old ones."
    if versions == [study.version]:
        return ""
    made = " and ".join(map(str, versions))
    return f"An older table: version {made} made it, the study is at version {study.version}."


def lacks_of_grid(study: Study, table: DataFrame) -> str:
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


def _stamps(table: DataFrame) -> list[Stamp | None]:
    """The stamps in a table, None for one that cannot be read; no stamps where it has no such column."""
    if STAMP not in table:
        return []
    return [_stamp(str(text)) for text in table[STAMP].unique()]


def _stamp(text: str) -> Stamp | None:
    study, _, rest = text.partition("-")
    version, _, cells = rest.partition("-")
    return Stamp(study, int(version), cells) if version.isdecimal() else None


def _settings(study: Study) -> list[str]:
    return [field.name for field in fields(study.settings)]


def _text(value: Any) -> str:
    """A setting in a form that survives a file with four digits."""
    if value is None or value != value:  # not a number: an empty cell
        return ""
    return f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
