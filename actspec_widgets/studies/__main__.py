"""Studies from the command line: ``python -m actspec_widgets.studies NAME --out DIR [--quick] [--workers N]``."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from . import STUDIES, load
from .ledger import write_ledger
from .running import StudyIncomplete, run

_ONE_THREAD = ("ACTSPEC_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main(arguments: list[str] | None = None) -> int:
    """Run one study, or write the ledger; the exit status is 0 when all cells are finished."""
    options = _parser().parse_args(arguments)
    try:
        if options.name == "ledger":
            write_ledger(options.tables, options.out or options.tables.parent / "ledger.md")
            return 0
        if options.out is None:
            raise ValueError("a study needs --out DIR: the folder where each cell is kept as it finishes")
        _run(options)
    except (ValueError, OSError, ImportError, StudyIncomplete, RuntimeError) as error:
        print(f"{options.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\nstopped; what was finished is kept in {options.out}, the same command goes on", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m actspec_widgets.studies",
        description="Rerun a study. An interrupted run goes on where it stopped when it is started again.",
    )
    parser.add_argument("name", choices=(*STUDIES, "ledger"), help="the study; 'ledger' sets claims beside results")
    parser.add_argument("--out", type=Path, help="folder of the results (for the ledger: the page to write)")
    parser.add_argument("--quick", action="store_true", help="the small grid: minutes in place of an hour or two")
    parser.add_argument("--workers", type=_positive, default=1, help="processes to use (default 1)")
    parser.add_argument(
        "--tables", type=Path, default=Path("notebooks/results"), help="for the ledger: folder of the studies' tables"
    )
    return parser


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes; give 1 or more")
    return number


def _run(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    for variable in _ONE_THREAD:  # cells share the cores among themselves
        os.environ.setdefault(variable, "1")
    study = load(options.name)
    with ExitStack() as stack:
        executor: Executor | None = None
        if options.workers > 1:
            executor = stack.enter_context(ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")))
        bar = stack.enter_context(tqdm(desc=study.title, unit="cell"))

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        table = run(study, quick=options.quick, out=options.out, executor=executor, progress=show)
    print(f"{len(table)} rows in {options.out / 'table.csv'}")
    if study.figure is not None:
        study.figure(table).savefig(options.out / "figure.png", dpi=120)
        print(f"the picture is {options.out / 'figure.png'}")
    for finding in study.findings(table) if study.findings is not None else ():
        print(f"\n{finding.claim}\n  {finding.verdict}: {finding.measured}\n  ({finding.reading})")


if __name__ == "__main__":
    sys.exit(main())
