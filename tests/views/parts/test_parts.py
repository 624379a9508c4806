"""What all parts have in common."""

import numpy as np
import pytest

from actspec_widgets.views.parts.degree import DegreeProfile
from actspec_widgets.views.parts.hypergraph import Hypergraph
from actspec_widgets.views.parts.influence import InfluenceProfile
from actspec_widgets.views.parts.redundancy import RedundancyMap
from actspec_widgets.views.parts.subset_matrix import SubsetMatrix
from actspec_widgets.views.parts.subset_picture import SubsetPicture
from views.spectra import make

KINDS = (SubsetPicture, DegreeProfile, InfluenceProfile, SubsetMatrix, Hypergraph, RedundancyMap)
HOSTILE = ("<script>alert(1)</script>", "quo\"te'", "w" * 10_000, "\u202eright to left אב", "😀 & <b>", "a\nb")
SPECTRUM = make([(0, 1), (2,), (3, 4, 5)], [1.0, -0.5, 0.25], n_units=6, unit_names=HOSTILE)

each_part = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@each_part
def test_says_what_it_shows_and_has_its_numbers_as_a_table(kind):
    part = kind(spectrum=SPECTRUM)
    assert 'role="status"' in part.heading.value and part.twin in part.children
    table = part.twin._make()
    assert len(table) and table.caption and len(table.csv().splitlines()) > len(table)


@each_part
def test_hostile_names_are_text(kind):
    part = kind(spectrum=SPECTRUM)
    for html in (part.heading, part.legend, part.note):
        assert "<script" not in html.value and "<b>" not in html.value and len(html.value) < 5000
    part.twin.button.value = True
    shown = [text for row in part.twin.table.content["cells"] for text in row]
    assert all(len(text) < 200 and "\n" not in text and "\u202e" not in text for text in shown)


@each_part
def test_nothing_to_draw_is_a_sentence_and_a_spectrum_brings_the_picture_back(kind):
    part = kind()
    for nothing in (None, make([])):
        part.spectrum = nothing
        assert part.children == (part.heading,) and "nothing to draw" in part.heading.value
    part.spectrum = SPECTRUM
    assert part.twin in part.children


@each_part
def test_selection_reaches_the_table_and_comes_back(kind):
    part = kind(spectrum=SPECTRUM)
    part.twin.button.value = True
    part.selection = (3, 4, 5)
    keys = part.twin.table.table.keys
    if keys is not None:
        assert keys[part.twin.table._rows[part.twin.table.chosen]] == (3, 4, 5)
        part.twin.table.chosen = -1
        assert part.selection is None
    part.selection = (0, 5)  # not reported: marks nothing, breaks nothing
    assert part.twin.table.chosen == -1


@each_part
def test_zero_coefficients_and_missing_errors_can_be_drawn(kind):
    part = kind(spectrum=make([(0, 1), (2,)], [0.0, 0.0], standard_errors=np.zeros(2)))
    assert "nan" not in part.heading.value


@each_part
def test_a_large_spectrum_is_drawn_in_part(kind):
    rng = np.random.default_rng(0)
    subsets = sorted({tuple(sorted(rng.choice(200, 2, replace=False).tolist())) for _ in range(2000)})
    part = kind(spectrum=make(subsets, rng.normal(size=len(subsets)), n_units=200, gram=np.eye(len(subsets))))
    if kind is SubsetPicture:
        assert len(part.figure.content["rows"]) == 200
    else:
        assert sum(np.size(mark.x) for mark in part.figure.marks if hasattr(mark, "x")) < 3000
    assert "Not drawn" in part.note.value or kind is DegreeProfile
