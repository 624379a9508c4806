"""One cell: a method on the problems of one scene, in a process of its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass

from ..study import Row

_START = 180.0  # seconds for starting Python and importing the library, which is noted and not counted
_RESULTS = (
    "status", "note", "access", "told", "precision", "recall", "f1", "coefficient_error", "found_subsets",
    "true_subsets", "wrong_subsets", "queries", "samples_used", "time_s", "first_call_s", "import_s", "peak_MiB",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Settings of one cell; see :func:`actspec_widgets.studies.problems.make_problem`.

    ``samples`` is the budget: samples for the methods that learn from them, queries for the other libraries' methods
    that ask. This package's two that ask choose their queries themselves, more for some problems: the column
    ``queries`` tells. ``limit`` is in seconds, for each problem.
    """

    method: str = "actspec"
    scene: str = "pairs"
    kind: str = "mixed"
    n: int = 30
    degree: int = 2
    terms: int = 8
    samples: int = 2000
    noise: float = 0.5
    duplicates: int = 0
    constants: int = 0
    copies: int = 0
    correlation: float = 0.0
    seeds: int = 3
    limit: float = 60.0


def comparison_rows(cell: Comparison) -> list[Row]:
    """A row for each seed.

    ``status`` is "ok", "timeout", "failed", "does not apply" or "unavailable", with a sentence in ``note``; after a
    timeout further seeds are not tried. ``time_s`` leaves out imports, and where the first call was short compared with
    the limit, compiling too (``first_call_s`` has both). ``peak_MiB`` is memory beyond what the imports hold.
    """
    command = [sys.executable, "-m", "actspec_widgets.studies.comparison.child"]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = os.environ | dict.fromkeys(threads, "1") | {"PYTHONWARNINGS": "ignore"}
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    lines: queue.Queue[str] = queue.Queue()
    assert child.stdin is not None
    reader = threading.Thread(target=_read, args=(child, lines), daemon=True)
    reader.start()
    rows: list[Row] = []
    try:
        try:
            child.stdin.write(json.dumps(asdict(cell)) + "\n")
            child.stdin.close()
        except OSError:  # it ended before it read; said below
            pass
        about = _next(lines, _START)
        while about is not None and len(rows) < cell.seeds:
            row = _next(lines, 1.25 * cell.limit + 5)
            if row is None:
                rows.append(_row(len(rows), about, status="timeout", note=f"not done after {cell.limit:g} s"))
                rows += [
                    _row(seed, about, status="timeout", note="not tried after a timeout")
                    for seed in range(len(rows), cell.seeds)
                ]
            elif not row:
                break
            else:
                rows.append(_row(len(rows), about | row))
    finally:
        child.kill()
        child.wait()
        reader.join()
    sentence = f"the process ended early (status {child.returncode}), perhaps for lack of memory"
    return rows + [_row(seed, about or {}, status="failed", note=sentence) for seed in range(len(rows), cell.seeds)]


def _row(seed: int, known: Row, **changes: str) -> Row:
    said = known | changes
    return {"seed": seed, **{name: said.get(name) for name in _RESULTS}}


def _read(child: subprocess.Popen, lines: queue.Queue[str]) -> None:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            lines.put(line)
    lines.put("{}")


def _next(lines: queue.Queue[str], limit: float) -> Row | None:
    """The child's next line; None if it takes too long, nothing in it if the child has ended."""
    try:
        return json.loads(lines.get(timeout=limit))
    except queue.Empty:
        return None
