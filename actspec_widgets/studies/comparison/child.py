"""What the process of one cell does: a row about the method, and one for each problem."""

from __future__ import annotations

import importlib.metadata
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...compute.method.relations import unit_classes
from ..apart import Tell
from ..methods import Found, Problem, bring, is_told, method, refusal
from ..outranking import outranking, single_unit_ceiling
from ..problems import make_problem
from ..scoring import score
from .cells import UNAVAILABLE, Comparison


def measured(settings: dict[str, Any], tell: Tell) -> None:
    """Tell a row with what holds for all seeds of a cell, given as a dict, then one for each seed."""
    cell = Comparison(**settings)
    searcher: Any = method(cell.method)
    started = time.perf_counter()
    sentence = bring(cell.method)
    tell(
        {
            "library": None if sentence else _version(getattr(searcher, "library", None)),
            "access": searcher.access,
            "told": is_told(searcher),
            "import_s": time.perf_counter() - started,
        }
    )
    before = _memory("VmRSS")
    for seed in range(cell.seeds):
        tell({"status": UNAVAILABLE, "note": sentence} if sentence else _measure(cell, searcher, seed, before))


def _version(library: str | None) -> str | None:
    if library is None:
        return None
    name = importlib.metadata.packages_distributions()[library][0]
    return f"{name} {importlib.metadata.version(name)}"


def _measure(cell: Comparison, searcher: Any, seed: int, before: float | None) -> dict[str, Any]:
    problem, truth, asked = _problem(cell, seed)
    if sentence := refusal(searcher, problem):
        return {"status": "does not apply", "note": sentence}
    _forget_peak()
    started = time.perf_counter()
    try:
        found: Found = searcher.find(problem)
        first = elapsed = time.perf_counter() - started
        queries = asked[0]
        if seed == 0 and first < cell.limit / 4:
            again, _, _ = _problem(cell, seed)
            started = time.perf_counter()
            searcher.find(again)
            elapsed = time.perf_counter() - started
    except ImportError as error:  # of a library that the method's own needs
        return {"status": UNAVAILABLE, "note": str(error)}
    except (Exception, MemoryError) as error:
        return {"status": "failed", "note": f"{type(error).__name__}: {error}"[:200]}
    peak = _memory("VmHWM")
    classes = unit_classes(problem.patterns)
    scores: dict[str, Any] = dict(score(found, truth, classes))
    if found.importances is not None:
        scores["outranking"] = outranking(found.importances, truth, classes)
        scores["single_unit_ceiling"] = single_unit_ceiling(truth, classes)
    if not getattr(searcher, "coefficients", True):
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
    asked = [0]
    ask = problem.query
    if ask is None:
        return problem, truth, asked

    def counted(points):
        asked[0] += len(points)
        return ask(points)

    return replace(problem, query=counted), truth, asked


def _memory(name: str) -> float | None:
    """A size of this process in MiB, as Linux tells it; None elsewhere."""
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
