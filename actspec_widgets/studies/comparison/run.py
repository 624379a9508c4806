"""One cell: a method on the problems of one scene, in a process of its own."""

from __future__ import annotations

import importlib.metadata
import re
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ...compute.method.relations import unit_classes
from ..methods import Method, Problem, method
from ..problems import make_problem
from ..scoring import outranking, score, single_unit_ceiling
from ..study import Row
from ..worker import Tell, WorkerProcess

_UNAVAILABLE = "unavailable"  # what the process says where a library is not installed; no row has it
_START = 180.0  # seconds for starting Python and importing the library, which is noted and not counted
_RESULTS = (
    "status", "note", "library", "access", "told", "precision", "recall", "f1", "coefficient_error", "found_subsets",
    "true_subsets", "wrong_subsets", "claims", "false_claims", "claims_f1", "outranking", "single_unit_ceiling",
    "queries", "samples_used", "time_s", "first_call_s", "import_s", "peak_MiB",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Settings of one cell; see :func:`actspec_widgets.studies.problems.make_problem`.

    ``samples`` is the budget: samples for the methods that learn from them, queries for the other libraries' methods
    that ask. This package's two that ask choose their queries themselves, more for some problems: the column
    ``queries`` tells. ``searched`` is the largest size that methods are told, 0 for that of the truth. ``limit`` is
    in seconds; :func:`allowed` is what a problem gets.
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
    bias: float = 0.0
    flips: float = 0.0
    searched: int = 0
    seeds: int = 3
    limit: float = 60.0


def allowed(limit: float) -> float:
    """Seconds until a method is stopped: time to draw the problems and to repeat a first call is added to the limit."""
    return 1.25 * limit + 5


def run(cell: Comparison) -> list[Row]:
    """A row for each seed.

    ``library`` is the package that was called, with its version; empty for this one's own methods.
    ``status`` is "ok", "timeout", "failed" or "does not apply", with a sentence in ``note``; after a timeout or a death
    of the process further seeds are "not tried". ``outranking`` and ``single_unit_ceiling`` are of methods that give
    every unit an importance: see :func:`..scoring.outranking`. ``time_s`` leaves out imports, and where the first call
    was short compared with the limit, compiling too (``first_call_s`` has both). ``peak_MiB`` is memory beyond what
    the imports hold.

    Raises
    ------
    ModuleNotFoundError
        If the method's library is not here: a cell is finished only where its method could be tried.
    """
    rows: list[Row] = []
    about: Row = {}
    rest: Row = {}
    with WorkerProcess(measured) as process:
        process.ask(asdict(cell))
        try:
            about = process.answer(_START) or {}
            while len(rows) < cell.seeds:
                said = process.answer(allowed(cell.limit)) or {}
                if said.get("status") == _UNAVAILABLE:
                    raise ModuleNotFoundError(f"{cell.method} was not tried: {said['note']}")
                rows.append(_row(len(rows), about | said))
        except TimeoutError:
            note = f"not done after {allowed(cell.limit):g} s" if about else f"not started after {_START:g} s"
            rows.append(_row(len(rows), about, status="timeout", note=note))
            rest = {"status": "not tried", "note": "not tried after a timeout"}
        except RuntimeError as error:
            rows.append(_row(len(rows), about, status="failed", note=str(error)[:200]))
            rest = {"status": "not tried", "note": "not tried after the process had ended"}
    return rows + [_row(seed, about, **rest) for seed in range(len(rows), cell.seeds)]


def _row(seed: int, known: Row, **changes: Any) -> Row:
    said = known | changes
    return {"seed": seed, **{name: said.get(name) for name in _RESULTS}}


def measured(settings: dict[str, Any], tell: Tell) -> None:
    """What the process does: tell one row about the method, then one for each seed of the cell, given as a dict."""
    cell = Comparison(**settings)
    searcher = method(cell.method)
    started, sentence = time.perf_counter(), None
    try:
        searcher.load()
    except ImportError as error:
        sentence = str(error)
    tell(
        {
            "library": None if sentence else _version(searcher.library),
            "access": searcher.access,
            "told": searcher.told,
            "import_s": time.perf_counter() - started,
        }
    )
    before = _memory("VmRSS")
    for seed in range(cell.seeds):
        tell({"status": _UNAVAILABLE, "note": sentence} if sentence else _answer(cell, searcher, seed, before))


def _version(library: str | None) -> str | None:
    if library is None:
        return None
    name = importlib.metadata.packages_distributions()[library][0]
    return f"{name} {importlib.metadata.version(name)}"


def _answer(cell: Comparison, searcher: Method, seed: int, before: float | None) -> dict[str, Any]:
    problem, truth, asked = _problem(cell, seed)
    if sentence := searcher.refuses(problem):
        return {"status": "does not apply", "note": sentence}
    _forget_peak()
    started = time.perf_counter()
    try:
        found = searcher.find(problem)
        first = elapsed = time.perf_counter() - started
        queries = asked[0]
        if seed == 0 and first < cell.limit / 4:
            again, _, _ = _problem(cell, seed)
            started = time.perf_counter()
            searcher.find(again)
            elapsed = time.perf_counter() - started
    except ImportError as error:  # of a library that the method's own needs
        return {"status": _UNAVAILABLE, "note": str(error)}
    except (Exception, MemoryError) as error:
        return {"status": "failed", "note": f"{type(error).__name__}: {error}"[:200]}
    peak = _memory("VmHWM")
    classes = unit_classes(problem.patterns)
    scores: dict[str, Any] = dict(score(found, truth, classes))
    if found.importances is not None:
        scores["outranking"] = outranking(found.importances, truth, classes)
        scores["single_unit_ceiling"] = single_unit_ceiling(truth, classes)
    if not searcher.coefficients:
        scores["coefficient_error"] = None
    return {
        "status": "ok",
        **scores,
        "queries": queries,
        "samples_used": problem.patterns.n_samples if searcher.access == "samples" else 0,
        "time_s": elapsed,
        "first_call_s": first if seed == 0 else None,
        "peak_MiB": None if peak is None or before is None else max(0.0, peak - before),
    }


def _problem(cell: Comparison, seed: int) -> tuple[Problem, dict, list[int]]:
    """The problem, with its queries counted, the truth and the count."""
    names = (
        "n", "degree", "terms", "samples", "noise", "duplicates", "constants", "copies", "correlation", "bias", "flips"
    )  # fmt: skip
    problem, truth = make_problem(cell.kind, seed=seed, **{name: getattr(cell, name) for name in names})
    if cell.searched:
        problem = replace(problem, max_degree=cell.searched)
    asked = [0]
    ask = problem.query
    if ask is None:
        return problem, truth, asked

    def counted(points):
        asked[0] += len(points)
        return ask(points)

    return replace(problem, query=counted), truth, asked


def _memory(name: str) -> float | None:
    """A size of this process in MiB as Linux reports it; None on other systems."""
    try:
        said = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return None
    return int(said.group(1)) / 1024 if said else None


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass
