"""MNIST and dropout: does dropping units in training concentrate the information, and in what sense."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..needs import missing, torch_and_full_mnist
from ..study import Study, grid
from . import figure, findings, run
from .run import Dropout

__all__ = ["STUDY", "Dropout"]

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7)


def _cells(rates: tuple[float, ...], seeds: int, **changes: Any) -> tuple[Dropout, ...]:
    """No dropout, then pixels dropped at each rate, then hidden units; all of one seed before the next."""
    cells: list[Dropout] = []
    for seed in range(seeds):
        cells += grid(Dropout, seed=seed, input_dropout=list(rates), **changes)
        cells += grid(Dropout, seed=seed, hidden_dropout=list(rates[1:]), **changes)
    return tuple(cells)


STUDY = Study(
    name="dropout",
    title="MNIST and dropout",
    version=2,  # the search of all samples
    settings=Dropout,
    run=run.run,
    full=_cells(RATES, 5),
    quick=_cells((0.0, 0.5), 2, resamples=2),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,torch",
    needs=partial(missing, torch_and_full_mnist),
)
