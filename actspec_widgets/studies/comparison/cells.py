"""One cell: a method on the problems of one scene, in a process of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..apart import Apart
from ..study import Row

UNAVAILABLE = "unavailable"  # what the process says where a library is not here; no row has it
_START = 180.0  # seconds for starting Python and importing the library, which is noted and not counted
_RESULTS = (
    "status", "note", "library", "access", "told", "precision", "recall", "f1", "coefficient_error", "found_subsets",
    "true_subsets", "wrong_subsets", "outranking", "single_unit_ceiling",
    "queries", "samples_used", "time_s", "first_call_s", "import_s", "peak_MiB",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Settings of one cell; see :func:`actspec_widgets.studies.problems.make_problem`.

    ``samples`` is the budget: samples for the methods that learn from them, queries for the other libraries' methods
    that ask. This package's two that ask choose their queries themselves, more for some problems: the column
    ``queries`` tells. ``limit`` is in seconds; :func:`allowed` is what a problem gets.
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
    seeds: int = 3
    limit: float = 60.0


def allowed(limit: float) -> float:
    """Seconds until a method is stopped: a first call of a quarter of the limit is repeated, and problems are made."""
    return 1.25 * limit + 5


def comparison_rows(cell: Comparison) -> list[Row]:
    """A row for each seed.

    ``library`` is the package that was called, with its version; empty for this one's own methods.
    ``status`` is "ok", "timeout", "failed" or "does not apply", with a sentence in ``note``; after a timeout or a death
    of the process further seeds are "not tried". ``outranking`` and ``single_unit_ceiling`` are told of methods that
    give every unit an importance: see :mod:`..outranking`. ``time_s`` leaves out imports, and where the first call was
    short compared with the limit, compiling too (``first_call_s`` has both). ``peak_MiB`` is memory beyond what the
    imports hold.

    Raises
    ------
    ModuleNotFoundError
        If the method's library is not here: a cell is finished only where its method could be tried.
    """
    from .child import measured

    rows: list[Row] = []
    about: Row = {}
    rest: Row = {}
    with Apart(measured) as process:
        process.ask(asdict(cell))
        try:
            about = process.answer(_START) or {}
            while len(rows) < cell.seeds:
                said = process.answer(allowed(cell.limit)) or {}
                if said.get("status") == UNAVAILABLE:
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
