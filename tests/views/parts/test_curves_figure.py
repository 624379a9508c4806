"""Curves with bands: read the marks."""

import numpy as np
import pytest

from actspec_widgets.views.parts.curves_figure import CurvesFigure, NamedCurve


def curve(name, mean, error, at=(0.0, 1.0, 2.0)):
    return NamedCurve(name, np.array(at[: len(mean)]), np.array(mean), np.array(error))


@pytest.fixture
def curves():
    made = CurvesFigure()
    made.x_label, made.y_label = "noise", "F1"
    made.curves = (curve("ours", [1.0, 0.8, 0.5], [0.0, 0.1, 0.2]), curve("<b>theirs</b>", [0.9], [0.05]))
    return made


def test_band_runs_there_above_and_back_below(curves):
    band = curves.bands[0]
    assert band.visible and band.x.tolist() == [0, 1, 2, 2, 1, 0]
    np.testing.assert_allclose(band.y, [1.0, 0.9, 0.7, 0.3, 0.7, 1.0])


def test_a_curve_of_one_point_has_a_whisker_and_no_band(curves):
    assert not curves.bands[1].visible
    np.testing.assert_allclose(curves.errors[1].y, [0.85, 0.95])
    assert curves.errors[0].y.size == 0


def test_one_seed_has_neither(curves):
    curves.curves = (curve("ours", [1.0, 0.5], [np.nan, np.nan]),)
    assert not curves.bands[0].visible and curves.errors[0].y.size == 0
    assert "nan" not in curves.heading.value


def test_curves_grow(curves):
    curves.curves = (curve("ours", [1.0, 0.8], [0.1, 0.1]), curve("<b>theirs</b>", [0.9, 0.4], [0.05, 0.05]))
    assert [band.visible for band in curves.bands] == [True, True, False, False, False]
    assert "2 curves up to noise 1; there ours is highest, 0.80 ± 0.10." in curves.heading.value


def test_the_earlier_run_is_dashed_and_in_the_table(curves):
    curves.earlier = (curve("ours", [0.7, 0.6, 0.4], [0.1] * 3),)
    assert curves.dashed[0].y.tolist() == [0.7, 0.6, 0.4] and "the earlier run" in curves.legend.value
    lines = curves.twin._make().csv().splitlines()
    assert lines[0] == "curve,run,noise,F1,± error" and len(lines) == 1 + 3 + 1 + 3


def test_names_are_text(curves):
    assert "<b>theirs" not in curves.legend.value and "&lt;b&gt;theirs" in curves.legend.value


def test_without_curves_there_is_a_sentence():
    assert "nothing to draw yet" in CurvesFigure().heading.value


def test_the_axis_of_a_score_starts_at_zero_so_that_a_small_fall_looks_small(curves):
    curves.curves = (curve("ours", [1.0, 0.95], [0.01, 0.01]),)
    assert curves.figure.marks[0].scales["y"].min == 0.0
    curves.curves = (curve("ours", [1.0, -0.5], [0.1, 0.1]),)
    assert curves.figure.marks[0].scales["y"].min < -0.6
