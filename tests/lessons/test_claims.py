import numpy as np
import pytest

from actspec_widgets.lessons.claims import what_we_measured


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ((0.5,), "0.5"),
        ((0.5, "exact"), "0.5 (exact)"),
        ((np.int64(3),), "3"),
        ((12345,), "12,345"),
        ((12.3456, 0.0789), "12.346 ± 0.079"),
        ((1234.5, 67.8), "1234 ± 68"),
        ((0.25, 0.0), "0.25 ± 0"),
        ((0.25, float("nan")), "0.25 ± nan"),
        (("3 of 200",), "3 of 200"),
    ],
)
def test_a_number_is_told_to_the_figures_that_its_error_allows(row, told):
    assert repr(what_we_measured(("claim", *row))) == f"claim: {told}"


def test_in_a_notebook_it_is_a_table():
    table = what_we_measured(("a", 1.0, "exact"), ("b", "text"))._repr_markdown_().splitlines()
    assert table == ["| claim | measured here |", "| --- | --- |", "| a | 1 (exact) |", "| b | text |"]
