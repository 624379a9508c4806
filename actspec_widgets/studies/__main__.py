"""Studies from the command line: ``python -m actspec_widgets.studies NAME --out DIR [--quick] [--workers N]``."""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from ..files import write_whole
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
        if options.name == "all":
            _run_all(options)
        else:
            _run(options.name, options.out, options)
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
    parser.add_argument(
        "name",
        choices=(*STUDIES, "all", "ledger"),
        help="a study; 'all' for one after the other, with the claims beside the results in DIR/ledger.md; 'ledger' "
        "for that page alone, from the tables in --tables",
    )
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


def _run_all(options: argparse.Namespace) -> None:
    """Every study in a folder of its own, their tables side by side, and the ledger; one that fails stops no other."""
    tables = options.out / "tables"
    wrong = []
    for name in STUDIES:
        try:
            _run(name, options.out / name, options)
        except (ValueError, ImportError, StudyIncomplete, RuntimeError) as error:
            wrong.append(f"{name}: {error}")
        if (done := options.out / name / "table.csv").exists():
            tables.mkdir(exist_ok=True)
            write_whole(tables / f"{name}.csv", done.read_text(encoding="utf-8"))
    if tables.exists():
        write_ledger(tables, options.out / "ledger.md")
        print(f"the ledger is {options.out / 'ledger.md'}")
    if wrong:
        raise ValueError("; ".join(wrong))


def _run(name: str, out: Path, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    for variable in _ONE_THREAD:  # cells share the cores among themselves
        os.environ.setdefault(variable, "1")
    study = load(name)
    with ExitStack() as stack:
        executor: Executor | None = None
        if options.workers > 1:
            executor = stack.enter_context(ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")))
        bar = stack.enter_context(tqdm(desc=study.title, unit="cell"))

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        table = run(study, quick=options.quick, out=out, executor=executor, progress=show)
    print(f"{len(table)} rows in {out / 'table.csv'}")
    if study.figure is not None:
        study.figure(table).savefig(out / "figure.png", dpi=120)
        print(f"the picture is {out / 'figure.png'}")
    for finding in study.findings(table) if study.findings is not None else ():
        print(f"\n{finding.claim}\n  {finding.verdict}: {finding.measured}\n  ({finding.reading})")


if __name__ == "__main__":
    sys.exit(main())
