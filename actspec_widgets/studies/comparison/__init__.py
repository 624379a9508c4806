"""Against what people use today: who finds the subsets, who reports wrong ones, and at what cost."""

from __future__ import annotations

from ..study import Study
from .cells import Comparison, comparison_rows
from .figure import figure
from .findings import findings
from .overview import overview
from .scenes import cells
from .table import table

__all__ = ["STUDY", "Comparison", "table"]

STUDY = Study(
    name="comparison",
    title="Against what people use today",
    version=3,  # other libraries are shown distinct units; scenes with much noise; a rank for every unit
    settings=Comparison,
    run=comparison_rows,
    full=cells(quick=False),
    quick=cells(quick=True),
    figure=figure,
    findings=findings,
    overview=overview,
    extra="studies,neighbours",
)
