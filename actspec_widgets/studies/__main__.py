"""Studies from the command line: ``python -m actspec_widgets.studies NAME [--quick] [--workers N] [--out DIR]``.

A run ends in the ledger: the study's table, the page with every claim and verdict, and its pictures lie in one folder.
In a checkout that is ``notebooks/``, whose page the repository shows; elsewhere, and for the small grid, a new folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from ..progress import shown
from . import STUDIES, load
from .ledger import write_ledger
from .running import StudyIncomplete, run
from .study import Study
from .tables import stamp_of, table_file, write_table

if TYPE_CHECKING:
    from pandas import DataFrame

_ONE_THREAD = ("ACTSPEC_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main(arguments: list[str] | None = None) -> int:
    """Run studies and write the ledger; the exit status is 0 when all cells are finished."""
    options = _parser().parse_args(arguments)
    folder = options.out or _usual_folder(options.quick)
    try:
        if options.name == "ledger":
            write_ledger(folder)
            print(f"the ledger is {folder / 'ledger.md'}")
        else:
            _run(STUDIES if options.name == "all" else (options.name,), folder, options)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        print(f"{options.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nstopped; what was finished is kept in {folder}, the same command goes on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m actspec_widgets.studies",
        description="Rerun a study and write its verdicts into the ledger. An interrupted run goes on where it stopped "
        "when it is started again.",
    )
    parser.add_argument(
        "name",
        choices=(*STUDIES, "all", "ledger"),
        help="a study; 'all' for one after the other; 'ledger' for the page alone, from the tables that are there",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder of the ledger: ledger.md, images/, and results/ with the tables and the finished cells (default: "
        "notebooks in a checkout, else actspec-studies; actspec-studies-quick with --quick)",
    )
    parser.add_argument("--quick", action="store_true", help="the small grid: minutes in place of an hour or two")
    parser.add_argument("--workers", type=_positive, default=1, help="processes to use (default 1)")
    return parser


def _usual_folder(quick: bool) -> Path:
    if quick:
        return Path("actspec-studies-quick")  # never the page of the full grids
    return Path("notebooks" if Path("notebooks/ledger.md").is_file() else "actspec-studies")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return number


def _run(names: tuple[str, ...], folder: Path, options: argparse.Namespace) -> None:
    """Run studies, one after the other, and write the ledger; a study that fails stops no other."""
    wrong = []
    for name in names:
        try:
            study = load(name)
            table = _table(study, folder / "results" / name, options)
            _keep(study, table, table_file(folder, name), options.quick)
        except StudyIncomplete as error:
            wrong.append(f"{name}: {error}" if len(names) > 1 else str(error))
            if len(error.table) and not table_file(folder, name).exists():
                _keep(study, error.table, table_file(folder, name), options.quick)
        except (ValueError, ImportError, RuntimeError) as error:
            wrong.append(f"{name}: {error}" if len(names) > 1 else str(error))
    if any(table_file(folder, name).exists() for name in names):
        verdicts = write_ledger(folder)
        for verdict in (verdict for name in names for verdict in verdicts.get(name, ())):
            why = "; ".join(text for text in (verdict.rule, verdict.reading) if text)
            print(f"\n{verdict.claim}\n  {verdict.outcome}: {verdict.measured}\n  ({why})")
        print(f"\nthe ledger is {folder / 'ledger.md'}")
    if wrong:
        raise ValueError("; ".join(wrong))


def _table(study: Study, out: Path, options: argparse.Namespace) -> DataFrame:
    """The table of a study, its cells kept in ``out``."""
    for variable in _ONE_THREAD:  # cells share the cores among themselves
        os.environ.setdefault(variable, "1")
    with ExitStack() as stack:
        executor: Executor | None = None
        if options.workers > 1:
            executor = stack.enter_context(ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")))
        show = stack.enter_context(shown(True, study.title, "cell"))
        return run(study, quick=options.quick, out=out, executor=executor, progress=show)


def _keep(study: Study, table: DataFrame, path: Path, quick: bool) -> None:
    """Write the table that the ledger reads, stamped with the study's version and the grid that was run."""
    write_table(table, path, stamp_of(study, study.quick if quick else study.full))
    print(f"{len(table)} rows in {path}")


if __name__ == "__main__":
    sys.exit(main())
