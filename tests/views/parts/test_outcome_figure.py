"""Truth beside answer: read the marks and the legend."""

from actspec_widgets.views.parts.outcome import Entry
from actspec_widgets.views.parts.outcome_figure import OutcomeFigure
from views.spectra import make


def test_only_an_answer_with_errors_promises_bars():
    drawn, names = OutcomeFigure("ours"), make([(0,)])
    drawn.show("ours", "Found.", names, [Entry((0,), "hit", 1.0, 0.9, 0.1, (0,))], "coefficient")
    assert "standard error" in drawn.legend.value and drawn.errors.x.size == 2
    drawn.show("theirs", "Found.", names, [Entry((0,), "hit", 1.0, 0.9, None, (0,))], "coefficient")
    assert "standard error" not in drawn.legend.value and "planted and found" in drawn.legend.value
    assert drawn.errors.x.size == 0
