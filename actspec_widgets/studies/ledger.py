"""The ledger: every claim beside what was measured, its error, the command that repeats it, and a verdict.

In one folder: ``results/NAME.csv`` is the table of each study, ``results/note.md`` what has to be said of how they
were made, where there is such a file, ``ledger.md`` the page, ``images`` its pictures.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import write_whole
from . import NOT_IN_LEDGER, STUDIES, load
from .study import Study
from .verdict import OUTCOMES, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

_DPI = 70
_HEAD = """# The ledger of claims

Every claim beside what we measured. The verdict follows from a rule, which the last column gives. "By two standard
errors" means: a claim *holds* where the measurement, two standard errors either way, lies on its side of the bound,
*does not hold* where all of that lies on the other side, and is *undecided* otherwise. It *holds under this reading*
where it holds in half or more of its cases, or in a reading that the row names. The rules were first written before the
tables were seen, those of the dropout study in part after; all were made stricter later.
Errors are one standard error unless said otherwise. The page is made from the tables in the folder `results` beside it,
and each table by the command above it; `python -m actspec_widgets.studies all` reruns everything.
"""


def table_file(folder: Path, name: str) -> Path:
    """Where the ledger of a folder reads the table of a study."""
    return folder / "results" / f"{name}.csv"


def write_ledger(folder: str | os.PathLike) -> dict[str, tuple[Verdict, ...]]:
    """Write the page of a folder, ``ledger.md``, and its pictures, from the tables in ``results``.

    Returns
    -------
    dict
        The verdicts of each study that has a table.

    Raises
    ------
    ValueError
        If there is no table, or one is not of its study.
    OSError
        If the page cannot be written.
    """
    folder = Path(folder)
    found = [name for name in (*STUDIES, *NOT_IN_LEDGER) if table_file(folder, name).exists()]
    if not found:
        raise ValueError(f"{folder / 'results'} holds no table of a study; run one, with --out {folder}")
    verdicts: dict[str, tuple[Verdict, ...]] = {}
    parts = []
    pictures: dict[str, bytes] = {}
    for name in found:
        study = load(name)
        table = read_table(study, table_file(folder, name))
        verdicts[name] = _verdicts(study, table, table_file(folder, name))
        parts.append(
            f"## {study.title}\n\n`python -m actspec_widgets.studies {name}` "
            f"({len(table):,} rows, version {study.version})\n"
        )
        if lacks := lacks_of_grid(study, table):
            parts.append(f"**{lacks}**\n")
        parts.append(_rows(verdicts[name]))
        if study.figure is not None:
            pictures[f"study-{name}.png"] = _picture(study.figure(table))
            parts.append(f"![{study.title}](images/study-{name}.png)\n")
        if study.overview is not None:
            parts.append(f"{study.overview(table)}\n")
    if missing := [name for name in STUDIES if name not in found]:
        parts.append(f"Not in this page, because their tables were not there: {', '.join(missing)}.\n")
    everything = [verdict for each in verdicts.values() for verdict in each]
    note = folder / "results" / "note.md"
    head = _HEAD if not note.exists() else f"{_HEAD}\n{note.read_text(encoding='utf-8')}"
    _write(folder / "ledger.md", "\n".join([head, _at_a_glance(everything), *parts]), pictures)
    return verdicts


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
        raise ValueError(f"{path} cannot be read as a table ({error}); run the study {study.name!r} again") from None
    if missing := [name for name in _settings(study) if name not in table]:
        raise ValueError(
            f"{path} has no column {', '.join(missing[:3])}, so it is no table of the study {study.name!r}; "
            "run that study again"
        )
    return table


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


def _settings(study):
    return [field.name for field in fields(study.settings)]


def _text(value: Any) -> str:
    """A setting in a form that survives a file with four digits."""
    if value is None or value != value:  # not a number: an empty cell
        return ""
    return f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _verdicts(study: Study, table: DataFrame, path: Path) -> tuple[Verdict, ...]:
    try:
        return study.findings(table) if study.findings is not None else ()
    except KeyError as error:
        raise ValueError(
            f"{path} has no column {error}, which this version's findings are read from; rerun the study: "
            f"python -m actspec_widgets.studies {study.name}"
        ) from None


def _write(page: Path, text: str, pictures: dict[str, bytes]) -> None:
    images = page.parent / "images"
    try:
        if pictures:
            images.mkdir(exist_ok=True)
        for name, picture in pictures.items():
            write_whole(images / name, picture)
        write_whole(page, text)
    except OSError as error:
        raise OSError(error.errno, f"could not write the page {page} ({error.strerror}); give another folder") from None


def _picture(figure: Figure) -> bytes:
    """A PNG with a palette of its own: small enough for a repository, and each line keeps its colour."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=_DPI)
    # An octree keeps rare colours, where the median cut would give a few small markers the colour of a large bar.
    few = Image.open(drawn).convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


def _at_a_glance(verdicts: list[Verdict]) -> str:
    """How often each claim holds, over the cases (layers, models, scenes, disturbances) that it was tested in."""
    cases: dict[str, list[str]] = {}
    for verdict in verdicts:
        claim = re.sub(r"(: .*|(?<=[\w)]) \([^()]*\))$", "", verdict.claim)
        cases.setdefault(claim, []).append(verdict.outcome)
    lines = ["## At a glance", "", f"| claim | {' | '.join(OUTCOMES)} |", "| --- " * (len(OUTCOMES) + 1) + "|"]
    for claim, outcomes in cases.items():
        counts = (outcomes.count(outcome) for outcome in OUTCOMES)
        lines.append(f"| {_cell(claim)} | " + " | ".join(str(n) if n else "" for n in counts) + " |")
    return "\n".join(lines) + "\n"


def _rows(verdicts: tuple[Verdict, ...]) -> str:
    lines = ["| claim | measured | verdict | rule and reading |", "| --- | --- | --- | --- |"]
    for verdict in verdicts:
        cells = (verdict.claim, verdict.measured, f"**{verdict.outcome}**", verdict.reading)
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
