"""The paper's experiment by the paper's procedure, beside three other measures of the same networks."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..needs import missing, torch_and_full_mnist
from ..study import Study, grid
from . import figure, findings, run
from .run import Published

__all__ = ["STUDY", "Published"]

RATES = (0.0, 0.2, 0.5, 0.7)  # published: the first two


def _cells(seeds: int, rates: tuple[float, ...], **changes: Any) -> tuple[Published, ...]:
    """All rates of one seed before the next."""
    return tuple(cell for seed in range(seeds) for cell in grid(Published, seed=seed, dropout=list(rates), **changes))


STUDY = Study(
    name="published",
    title="The paper's experiment, by four measures",
    version=1,
    settings=Published,
    run=run.run,
    full=_cells(5, RATES),
    quick=_cells(2, (0.0, 0.5), data="small", epochs=4, samples=80, draws=4000, tolerance=0.3),
    figure=figure.figure,
    findings=findings.findings,
    overview=findings.overview,
    extra="studies,torch",
    needs=partial(missing, torch_and_full_mnist),
)
