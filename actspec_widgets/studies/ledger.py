"""The ledger: every claim beside what was measured, its error, the command that repeats it, and a verdict."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import write_whole
from . import STUDIES, load
from .study import Finding, Study
from .tables import beside_the_grid, read_table
from .verdict import VERDICTS

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
Errors are one standard error unless said otherwise. This page is made by
`python -m actspec_widgets.studies ledger` from the tables in `{tables}`, and those by the command above each table;
`python -m actspec_widgets.studies all --out DIR` reruns everything.
"""


def write_ledger(tables: str | os.PathLike, out: str | os.PathLike) -> str:
    """Write the page from the studies' tables, and return it; their pictures go into the folder ``images`` beside it.

    Parameters
    ----------
    tables : path
        Folder that holds ``NAME.csv`` for each study that was run.
    out : path
        The Markdown page.

    Raises
    ------
    ValueError
        If there is no table, or one is not of its study.
    OSError
        If the page cannot be written.
    """
    folder = Path(tables)
    found = [name for name in STUDIES if (folder / f"{name}.csv").exists()]
    if not found:
        raise ValueError(f"{folder} holds no table of a study; run one and copy its table.csv there as NAME.csv")
    everything: list[Finding] = []
    parts = []
    pictures: dict[str, bytes] = {}
    for name in found:
        study = load(name)
        table = read_table(study, folder / f"{name}.csv")
        findings = _findings(study, table, folder / f"{name}.csv")
        everything += findings
        parts.append(
            f"## {study.title}\n\n`python -m actspec_widgets.studies {name} --out DIR` "
            f"({len(table):,} rows, version {study.version})\n"
        )
        if lacks := beside_the_grid(study, table):
            parts.append(f"**{lacks}**\n")
        parts.append(_rows(findings))
        if study.figure is not None:
            pictures[f"study-{name}.png"] = _picture(study.figure(table))
            parts.append(f"![{study.title}](images/study-{name}.png)\n")
        if study.overview is not None:
            parts.append(f"{study.overview(table)}\n")
    parts = [_HEAD.format(tables=folder.as_posix()), _at_a_glance(everything), *parts]
    missing = [name for name in STUDIES if name not in found]
    if missing:
        parts.append(f"Not in this page, because their tables were not there: {', '.join(missing)}.\n")
    page = "\n".join(parts)
    _write(Path(out), page, pictures)
    return page


def _findings(study: Study, table: DataFrame, path: Path) -> tuple[Finding, ...]:
    try:
        return study.findings(table) if study.findings is not None else ()
    except KeyError as error:
        raise ValueError(
            f"{path} has no column {error}, which this version's findings are read from; rerun the study: "
            f"python -m actspec_widgets.studies {study.name} --out DIR"
        ) from None


def _write(out: Path, page: str, pictures: dict[str, bytes]) -> None:
    try:
        if pictures:
            (out.parent / "images").mkdir(exist_ok=True)
        for name, picture in pictures.items():
            write_whole(out.parent / "images" / name, picture)
        write_whole(out, page)
    except OSError as error:
        raise OSError(error.errno, f"could not write the page {out} ({error.strerror}); give a file to write") from None


def _picture(figure: Figure) -> bytes:
    """A PNG with a palette of its own: small enough for a repository, and each line keeps its colour."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=_DPI)
    # An octree keeps rare colours, where the median cut would give a few small markers the colour of a large bar.
    few = Image.open(drawn).convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    return small.getvalue()


def _at_a_glance(findings: list[Finding]) -> str:
    """How often each claim holds, over the cases (layers, models, scenes, disturbances) that it was tested in."""
    cases: dict[str, list[str]] = {}
    for finding in findings:
        cases.setdefault(re.sub(r"(: .*|(?<=[\w)]) \([^()]*\))$", "", finding.claim), []).append(finding.verdict)
    lines = ["## At a glance", "", f"| claim | {' | '.join(VERDICTS)} |", "| --- " * (len(VERDICTS) + 1) + "|"]
    for claim, verdicts in cases.items():
        counts = (verdicts.count(verdict) for verdict in VERDICTS)
        lines.append(f"| {_cell(claim)} | " + " | ".join(str(n) if n else "" for n in counts) + " |")
    return "\n".join(lines) + "\n"


def _rows(findings: tuple[Finding, ...]) -> str:
    lines = ["| claim | measured | verdict | rule and reading |", "| --- | --- | --- | --- |"]
    for finding in findings:
        cells = (finding.claim, finding.measured, f"**{finding.verdict}**", finding.reading)
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
