"""Comparison with what people use today: which method finds the subsets, which reports wrong ones, at what cost."""

from __future__ import annotations

from ..study import Study
from . import figure, findings, overview, run
from .run import Comparison
from .scenes import cells

__all__ = ["STUDY", "Comparison"]

STUDY = Study(
    name="comparison",
    title="Against what people use today",
    version=5,  # classes count as claims
    settings=Comparison,
    run=run.run,
    full=cells(quick=False),
    quick=cells(quick=True),
    figure=figure.figure,
    findings=findings.findings,
    overview=overview.overview,
    extra="studies,neighbours",
)
