"""Noise and irrelevance: what misread signs, noise and units that do not matter do to each method's answer."""

from __future__ import annotations

from ..study import Study, grid
from . import figure, findings, run
from .run import Nuisance, disturbed_problem

__all__ = ["STUDY", "Nuisance", "disturbed_problem"]

LEVELS = {
    "noise": (0.0, 0.5, 1.0, 2.0, 4.0, 8.0),
    "flips": (0.0, 0.02, 0.05, 0.1, 0.2, 0.3),
    "constants": (0.0, 4.0, 12.0, 24.0),
    "duplicates": (0.0, 4.0, 8.0, 12.0),
    "copies": (0.0, 4.0, 8.0, 12.0),
    "noise_units": (0.0, 6.0, 12.0, 24.0),
}
SAMPLE_METHODS = ("actspec", "scan", "lasso", "omp", "fast")  # all that work from samples alone, but for the slow one
SLOW = "boosting_machine"


def cells(methods: tuple[str, ...], seeds: int, thin: int = 1) -> tuple[Nuisance, ...]:
    """Every disturbance at every ``thin``-th of its levels, for these methods."""
    found: tuple[Nuisance, ...] = ()
    for disturbance, levels in LEVELS.items():
        axes = {"disturbance": disturbance, "level": levels[::thin], "method": methods, "seed": range(seeds)}
        found += grid(Nuisance, **axes)
    return found


STUDY = Study(
    name="noise",
    title="Noise and irrelevance",
    version=4,  # classes count as claims
    settings=Nuisance,
    run=run.run,
    full=cells(SAMPLE_METHODS, 20) + cells((SLOW,), 6),
    quick=cells(("actspec", "scan"), 4, thin=3),
    figure=figure.figure,
    findings=findings.findings,
)
