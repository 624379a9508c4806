"""MNIST and dropout: does dropping units in training concentrate the information, and in what sense."""

from __future__ import annotations

from typing import Any

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


def _needs() -> str | None:
    """What is missing: torch, or the full MNIST where it can not be downloaded."""
    try:
        from ...datasets import load_mnist
        from ...networks import trained_digits  # noqa: F401

        load_mnist("full")
    except (ImportError, OSError, ValueError) as error:
        return str(error)
    return None


STUDY = Study(
    name="dropout",
    title="MNIST and dropout",
    version=1,
    settings=Dropout,
    run=run.run,
    full=_cells(RATES, 5),
    quick=_cells((0.0, 0.5), 2, top=30, resamples=2),
    figure=figure.figure,
    findings=findings.findings,
    extra="studies,torch",
    needs=_needs,
)
