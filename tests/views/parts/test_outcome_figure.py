"""Truth beside answer: read the marks and the legend."""

from actspec_widgets.views.parts.outcome import Entry
from actspec_widgets.views.parts.outcome_figure import OutcomeFigure, share_places
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
    share_places(ours, theirs, empty)
    assert alone > ours.value_scale.min == theirs.value_scale.min < -2.0
    assert ours.value_scale.max == theirs.value_scale.max > 1.0
    assert ours.band.base == ours.value_scale.min and ours.value_axis.tick_values.min() == -2.0
    share_places(ours, empty)
    assert ours.value_scale.min == alone


def test_pictures_beside_each_other_have_the_same_row_for_the_same_subset():
    names, ours, theirs = make([(0,), (1, 2), (3,)]), OutcomeFigure("ours"), OutcomeFigure("theirs")
    hit, missed = Entry((0,), "hit", 1.0, 0.9, 0.1, (0,)), Entry((1, 2), "miss", -0.5)
    ours.show("ours", "Found.", names, [hit, missed], "coefficient")
    found = Entry((1, 2), "hit", -0.5, -0.4, None, (1, 2))
    wrong = Entry((3,), "false find", None, 0.3, None, (3,))
    theirs.show("theirs", "Found.", names, [found, wrong, Entry((0,), "miss", 1.0)], "coefficient")
    share_places(ours, theirs)
    assert ours.rows == theirs.rows == ((0,), (1, 2), (3,))
    assert ours.figure.layout.height == theirs.figure.layout.height
    assert [text[-1] for text in ours.row_axis.tick_labels.values()] == ["●", "✕", "–"]
    assert [text[-1] for text in theirs.row_axis.tick_labels.values()] == ["✕", "●", "▲"]
    assert theirs.points["hit"].y.tolist() == [1] and theirs.points["false find"].y.tolist() == [2]
    theirs.selection = (3,)
    share_places(ours)
    assert ours.rows == ((0,), (1, 2))
