"""Truth beside answer: read the marks and the legend."""

from actspec_widgets.views.parts.outcome import Entry
from actspec_widgets.views.parts.outcome_figure import OutcomeFigure, share_range
from views.spectra import make


def test_only_an_answer_with_errors_promises_bars():
    drawn, names = OutcomeFigure("ours"), make([(0,)])
    drawn.show("ours", "Found.", names, [Entry((0,), "hit", 1.0, 0.9, 0.1, (0,))], "coefficient")
    assert "standard error" in drawn.legend.value and drawn.errors.x.size == 2
    drawn.show("theirs", "Found.", names, [Entry((0,), "hit", 1.0, 0.9, None, (0,))], "coefficient")
    assert "standard error" not in drawn.legend.value and "planted and found" in drawn.legend.value
    assert drawn.errors.x.size == 0


def test_pictures_beside_each_other_share_the_range_of_what_they_draw():
    names, ours, theirs, empty = make([(0,)]), OutcomeFigure("ours"), OutcomeFigure("theirs"), OutcomeFigure("none")
    ours.show("ours", "Found.", names, [Entry((0,), "hit", 1.0, 0.9, 0.1, (0,))], "coefficient")
    theirs.show("theirs", "Found.", names, [Entry((0,), "hit", 1.0, -2.0, None, (0,))], "importance")
    alone = ours.value_scale.min
    share_range(ours, theirs, empty)
    assert alone > ours.value_scale.min == theirs.value_scale.min < -2.0
    assert ours.value_scale.max == theirs.value_scale.max > 1.0
    assert ours.rows.base == ours.value_scale.min and ours.value_axis.tick_values.min() == -2.0
    share_range(ours, empty)
    assert ours.value_scale.min == alone
