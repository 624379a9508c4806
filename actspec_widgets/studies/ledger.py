"""The ledger: a page that opens with ten claims, then has every case beside its number, and the rules at its end.

In one folder: ``results/NAME.csv`` is the table of each study, ``results/note.md`` what has to be said of how they
were made, where there is such a file, ``ledger.md`` the page, ``images`` its pictures.
"""

from __future__ import annotations

import io
import itertools
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import write_whole
from . import STUDIES, headlines, load
from .study import Study
from .tables import age, lacks_of_grid, read_table, stamped, table_file
from .verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

_DPI = 70
_HEAD = """# The ledger of claims

Each claim about the method stands beside what was measured, also where it does not hold. This first page takes two
minutes to read. Every case follows below it; the rules of the verdicts are at the end.
"""
_RULES = """## The rules of the verdicts

"By two standard errors" means: a claim *holds* where the measurement and two standard errors on either side of it lie
on the claim's side of the bound; it *does not hold* where they all lie on the other side; otherwise it is *undecided*.
It *holds under this reading* where it holds in half or more of its cases, or in a reading that the row names. A claim
of the first page *holds in part* where half or more of its cases hold, at least under a reading. Errors are one
standard error unless said otherwise. The rules were first written before the tables were seen, those of the dropout
study in part after; all were made stricter later.

The page is made from the tables in the folder `results`, and each table by the command above it. A table carries the
version of its study and its grid; where the study has moved on, the page says so.
`python -m actspec_widgets.studies all` reruns everything. The claim holds where

"""


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
    found = [name for name in STUDIES if table_file(folder, name).exists()]
    if not found:
        raise ValueError(f"{folder / 'results'} holds no table of a study; run one, with --out {folder}")
    studies = {name: load(name) for name in found}
    tables = {name: read_table(study, table_file(folder, name)) for name, study in studies.items()}
    verdicts = {name: _verdicts(study, tables[name], table_file(folder, name)) for name, study in studies.items()}
    old = {name for name, study in studies.items() if age(study, tables[name])}
    rules = _lettered(verdict for each in verdicts.values() for verdict in each)
    note = folder / "results" / "note.md"
    parts = [_HEAD]
    pictures: dict[str, bytes] = {}
    if rows := headlines.told(verdicts):
        pictures["ledger.png"] = _picture(headlines.figure(rows))
        parts.append(_first_page(rows, verdicts, studies, old))
    if note.exists():
        parts.append(note.read_text(encoding="utf-8"))
    for name, study in studies.items():
        parts += _section(name, study, tables[name], verdicts[name], rules)
        if study.figure is not None:
            pictures[f"study-{name}.png"] = _picture(study.figure(tables[name]))
            parts.append(f"![{study.title}](images/study-{name}.png)\n")
        if study.overview is not None:
            parts.append(_folded("All numbers of the table", study.overview(tables[name])))
    if missing := [name for name in STUDIES if name not in found]:
        parts.append(f"Not in this page, because their tables were not there: {', '.join(missing)}.\n")
    parts.append(_RULES + "".join(f"- **{letter}**: {rule}.\n" for rule, letter in rules.items()))
    _write(folder / "ledger.md", "\n".join(parts), pictures)
    return verdicts


def _verdicts(study: Study, table: DataFrame, path: Path) -> tuple[Verdict, ...]:
    try:
        return tuple(study.findings(table)) if study.findings is not None else ()
    except KeyError as error:
        raise ValueError(
            f"{path} has no column {error}, which this version's findings are read from; rerun the study: "
            f"python -m actspec_widgets.studies {study.name}"
        ) from None


def _first_page(
    rows: Sequence[tuple[headlines.Headline, list[Verdict]]],
    verdicts: Mapping[str, Sequence[Verdict]],
    studies: Mapping[str, Study],
    old: set[str],
) -> str:
    """The picture of all headlines, and a row for each: claim, verdict, numbers, where its cases are."""
    lines = [
        "![How many cases of each claim hold, are undecided, and do not hold](images/ledger.png)\n",
        "| claim | verdict | in numbers | cases |",
        "| --- | --- | --- | --- |",
    ]
    older = False
    for headline, cases in rows:
        homes = [name for name, found in verdicts.items() if any(case in found for case in cases)]
        older = older or not old.isdisjoint(homes)
        where = ", ".join(f"[{name}](#{_anchor(studies[name].title)}){'†' if name in old else ''}" for name in homes)
        cells = (
            headline.claim,
            f"**{headlines.WORDS[headlines.overall(cases)]}**",
            headline.numbers(cases),
            f"{len(cases)}: {where}",
        )
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    if older:
        lines.append("\n† The table is older than its study.")
    return "\n".join(lines) + "\n"


def _section(
    name: str, study: Study, table: DataFrame, verdicts: Sequence[Verdict], rules: Mapping[str, str]
) -> list[str]:
    """A study: its command and table, a row for each case, and folded away all that was measured."""
    command = f"`python -m actspec_widgets.studies {name}`"
    parts = [f"## {study.title}\n\n{command} ({len(table):,} rows, {stamped(table)})\n"]
    parts += [f"**{said}**\n" for said in (age(study, table), lacks_of_grid(study, table)) if said]
    lines = ["| claim | case | measured | verdict | rule |", "| --- | --- | --- | --- | --- |"]
    by_claim: dict[str, list[tuple[str, Verdict]]] = {}
    for verdict in verdicts:
        claim, case = _claim_and_case(verdict.claim)
        by_claim.setdefault(claim, []).append((case, verdict))
    for claim, cases in by_claim.items():
        for at, (case, verdict) in enumerate(cases):
            letter = f"[{rules[verdict.rule]}](#the-rules-of-the-verdicts)" if verdict.rule else ""
            cells = (claim if at == 0 else "", case, verdict.short, f"**{verdict.outcome}**", letter)
            lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    parts.append("\n".join(lines) + "\n")
    if longer := [verdict for verdict in verdicts if verdict.reading or verdict.short != verdict.measured]:
        items = (
            f"- *{verdict.claim}.* "
            + " ".join(f"{_capital(said)}." for said in (verdict.measured, verdict.reading) if said)
            for verdict in longer
        )
        parts.append(_folded("All that was measured", "\n".join(items)))
    return parts


def _lettered(verdicts: Iterable[Verdict]) -> dict[str, str]:
    """The rules in the order in which they come, each with its letter."""
    rules = dict.fromkeys(verdict.rule for verdict in verdicts if verdict.rule)
    return dict(zip(rules, _letters(), strict=False))


def _letters() -> Iterable[str]:
    """a to z, then aa, ab, ..."""
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return itertools.chain(alphabet, map("".join, itertools.product(alphabet, repeat=2)))


def _claim_and_case(text: str) -> tuple[str, str]:
    """A claim without the case (layer, model, scene, disturbance) that it was tested in, and that case."""
    if found := re.search(r"(?:: (.*)|(?<=[\w)]) \(([^()]*)\))$", text):
        return text[: found.start()], found[1] or found[2]
    return text, ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text.rstrip()}\n\n</details>\n"


def _anchor(title: str) -> str:
    """The name that a page gives the section of this title."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


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


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
