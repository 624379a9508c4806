"""Linked labs, and two explorers side by side."""

import numpy as np
import pytest

from actspec_widgets.views import RecoveryLab, SideBySide, SpectrumExplorer, link_labs
from views.spectra import make, values


@pytest.fixture
def two():
    a = SpectrumExplorer(make([(0,), (1, 2), (3, 4, 5)], [0.25, -1.0, 0.5]))
    b = SpectrumExplorer(make([(1, 2), (6,)], [0.5, 2.0]))
    return a, b


def test_selection_and_settings_follow_in_both_directions_until_unlinked(two):
    a, b = two
    a.selection = (0,)
    a.top = b.top = 2
    a.max_degree = b.max_degree = 3
    link = link_labs(a, b)
    assert b.selection == (0,)
    b.selection = (1, 2)
    assert a.selection == a.bars.selection == (1, 2)
    b.max_degree = 1
    assert a.max_degree == 1 and values(a.bars) == [0.25]
    link.unlink()
    link.unlink()
    a.selection, a.max_degree = (0,), 3
    assert b.selection == (1, 2) and b.max_degree == 1


def test_settings_that_differ_are_compared_and_stay_apart():
    pixels, hidden = (
        SpectrumExplorer(layer="pixels", max_degree=1),
        SpectrumExplorer(layer="hidden", logit=3, max_degree=1),
    )
    link_labs(pixels, hidden, selection=False)
    assert (pixels.layer, pixels.logit, hidden.layer, hidden.logit) == ("pixels", 0, "hidden", 3)
    hidden.top = 5
    assert pixels.top == 5
    pixels.logit = 7
    assert hidden.logit == 3


def test_settings_can_stay_apart(two):
    a, b = two
    link_labs(a, b, settings=False)
    a.top = 1
    assert b.top == 2
    a.selection = (1, 2)
    assert b.selection == (1, 2)


def test_a_lab_that_can_not_follow_keeps_its_own_and_says_so(two):
    a, _ = two
    small = SpectrumExplorer(make([(0,)], n_units=2))
    link_labs(a, small, settings=False)
    a.selection = (3, 4, 5)
    assert a.selection == (3, 4, 5) and small.selection == (0,) and "outside 0..1" in small.banner.text


def test_labs_of_different_kinds_share_what_both_have(two):
    recovery = RecoveryLab(samples=200)
    explorer = SpectrumExplorer(layer="hidden", max_degree=recovery.max_degree)
    link = link_labs(recovery, explorer)
    shared = set(RecoveryLab.SETTINGS) & set(SpectrumExplorer.SETTINGS)
    assert set(link.names[recovery]) == set(link.names[explorer]) == shared | {"selection"}
    assert "seed" in shared
    explorer.seed = 7
    assert recovery.seed == 7
    explorer.selection = (3,)
    assert recovery.selection == (3,)


def test_what_is_no_lab_or_only_one_is_refused(two):
    with pytest.raises(TypeError, match="got a int; give labs"):
        link_labs(two[0], 3)
    with pytest.raises(ValueError, match="give two or more"):
        link_labs(two[0], two[0])


def test_side_by_side_says_what_differs_and_selects_in_both(two):
    pair = SideBySide(*two, names=("before", "<b>after"))
    assert "1 subset in both, 2 only in <bdi>before</bdi>, 1 only in <bdi>&lt;b&gt;after</bdi>" in pair.words.value
    assert pair.comparison.subsets == ((1, 2), (3, 4, 5), (0,), (6,))
    pair.twin.button.value = True
    heads = [head["text"] for head in pair.twin.table.content["heads"]]
    assert heads[1:4] == ["reported by", "before", "± before"] and len(pair.twin.table.content["cells"]) == 4
    assert pair.twin.table.content["cells"][0][6] == "-1.500" and pair.twin.table.content["cells"][3][2] == "–"
    pair.twin.table.chosen = 3
    assert pair.selection == pair.a.selection == pair.b.selection == (6,)
    pair.a.selection = (1, 2)
    assert pair.b.selection == pair.selection == pair.twin.table.selection == (1, 2)
    assert pair.banner.text == ""
    pair.selection = None
    assert pair.a.selection is None and pair.b.bars.figure.chosen == -1


def test_layers_with_other_units_are_set_side_by_side_and_their_selections_stay_apart():
    layers = SpectrumExplorer(layer="pixels", max_degree=1), SpectrumExplorer(layer="hidden", max_degree=1)
    pair = SideBySide(*layers, names=("pixels", "hidden"))
    assert pair.comparison is None and "of 784 units" in pair.words.value and "of 64 units" in pair.words.value
    pixel = pair.a.spectrum.subsets[0]
    pair.a.selection = pixel
    assert pair.a.selection == pixel and pair.selection is None
    assert pair.b.selection == pair.b.spectrum.subsets[0]  # the one that every explorer opens with
    assert pair.banner.text == pair.a.banner.text == pair.b.banner.text == ""
    pair.twin.button.value = True
    assert pair.twin.table.content["cells"] == []
    pair.a.layer = "hidden"
    assert len(pair.comparison) and "in both" in pair.words.value
    pair.a.selection = pair.a.spectrum.subsets[0]
    assert pair.selection == pair.b.selection == pair.a.selection


def test_side_by_side_follows_new_spectra(two):
    pair = SideBySide(*two)
    pair.b.spectrum = make([(0,), (1, 2), (3, 4, 5)], [0.25, -1.0, 0.5])
    assert "3 subsets in both, 0 only in" in pair.words.value
    np.testing.assert_array_equal(pair.comparison.differences, 0.0)


def test_spectra_are_taken_too_and_a_wrong_number_of_names_is_not():
    pair = SideBySide(make([(0,)]), make([(1,)]))
    assert isinstance(pair.a, SpectrumExplorer)
    with pytest.raises(ValueError, match="give two names"):
        SideBySide(make([(0,)]), make([(1,)]), names="AB")


def test_a_selection_that_one_side_never_reported_survives_a_new_setting():
    pair = SideBySide(SpectrumExplorer(layer="hidden", max_degree=1), SpectrumExplorer(layer="hidden", max_degree=1))
    pair.link.unlink()
    pair.b.logit = 1
    only = next(s for s in pair.a.spectrum.subsets if s not in pair.b.spectrum.subsets)
    pair.selection = only
    pair.b.rho_max = 0.8
    assert pair.selection == pair.a.selection == pair.b.selection == only


def test_sides_of_one_output_share_their_axis_and_shares_of_two_outputs_are_not_subtracted():
    small, large = make([(0,), (1, 2)], [0.2, -0.1]), make([(0,), (1, 2)], [4.0, -2.0])
    pair = SideBySide(SpectrumExplorer(small, output_names=["y"]), SpectrumExplorer(large, output_names=["y"]))
    ranges = [[e.bars.figure.content[end] for end in ("low", "high")] for e in (pair.a, pair.b)]
    assert ranges[0] == ranges[1] and ranges[0][1] > 4 and "+0.0% ±" in pair.words.value
    apart = SideBySide(SpectrumExplorer(small, output_names=["y"]), SpectrumExplorer(large, output_names=["z"]))
    assert apart.a.bars.figure.content["high"] < 1 and ", of different outputs." in apart.words.value
