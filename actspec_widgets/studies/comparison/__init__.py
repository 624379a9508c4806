"""Against what people use today: who finds the subsets, who reports wrong ones, and at what cost."""

from __future__ import annotations

from ..study import Study
from .cells import Comparison, comparison_rows
from .figure import figure
from .overview import overview
from .scenes import cells
from .table import findings, table

__all__ = ["STUDY", "Comparison", "table"]

STUDY = Study(
    name="comparison",
    title="Against what people use today",
    version=2,  # exhaustive search reaches past four units
    settings=Comparison,
    run=comparison_rows,
    full=cells(quick=False),
    quick=cells(quick=True),
    figure=figure,
    findings=findings,
    overview=overview,
    extra="studies,neighbours",
)
