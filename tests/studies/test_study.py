"""Settings, grids and rows."""

import numpy as np
import pytest

from actspec_widgets.studies import STUDIES, Verdict, grid, load
from actspec_widgets.studies.study import row_of
from studies.toy import Toy, study


def test_a_grid_is_every_combination_and_the_last_axis_changes_fastest():
    cells = grid(Toy, scale=(1.0, 2.0), seed=np.arange(3), trace="x")
    assert [(c.scale, c.seed, c.trace) for c in cells] == [(s, i, "x") for s in (1.0, 2.0) for i in range(3)]


@pytest.mark.parametrize(
    "axes, sentence", [({"sede": 1}, "has no setting 'sede'; it has seed"), ({"seed": []}, "'seed' has no values")]
)
def test_a_grid_refuses_what_is_no_setting(axes, sentence):
    with pytest.raises(ValueError, match=sentence):
        grid(Toy, **axes)


def test_cells_of_another_kind_repeated_cells_and_no_cells_are_refused():
    wrong = {"no cells": (), "its cells are Toy": ({"seed": 1},), "more than once": (Toy(), Toy())}
    for sentence, cells in wrong.items():
        with pytest.raises(ValueError, match=sentence):
            study().check(cells)


def test_a_row_has_the_settings_first_and_only_numbers_and_words():
    row = row_of(Toy(seed=4), {"mean": np.float64(0.5), "count": np.int64(3), "none": float("nan")})
    assert row == {"seed": 4, "scale": 1.0, "trace": "", "wait": 0.0, "mean": 0.5, "count": 3, "none": None}
    assert type(row["mean"]) is float and type(row["count"]) is int
    with pytest.raises(TypeError, match="'mean' holds a list"):
        row_of(Toy(), {"mean": [1]})
    with pytest.raises(ValueError, match="repeats the setting"):
        row_of(Toy(), {"seed": 1})


def test_a_verdict_is_one_of_four():
    with pytest.raises(ValueError, match="does not hold"):
        Verdict("claim", "0.1 ± 0.2", "perhaps", "rule")


def test_an_unknown_study_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="choose one of recovery"):
        load("recovry")


@pytest.mark.parametrize("name", STUDIES)
def test_each_study_has_both_grids_and_the_name_that_it_is_called_by(name):
    found = load(name)
    assert found.name == name
    for cells in (found.quick, found.full):
        found.check(cells)
    assert len(found.quick) < len(found.full)
