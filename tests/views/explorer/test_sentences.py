"""What is said of a spectrum and of one subset: right in number, sign and parity, and never markup from a name."""

from dataclasses import replace

import numpy as np
import pytest

from actspec_widgets import explain, goldreich_levin
from actspec_widgets.results.encoding import Encoding
from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.explorer.sentences import coverage_html, empty_html, subset_html, title_html
from actspec_widgets.views.kit.evidence import Effects
from views.spectra import make

HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("subset", "coefficient", "case"),
    [
        ((1,), 0.5, "higher when this unit is on, and 0.500 lower when off"),
        ((1,), -0.5, "higher when this unit is off, and 0.500 lower when on"),
        ((1, 2), 0.5, "higher when both or neither of these units are off, and 0.500 lower when exactly one is off"),
        ((1, 2), -0.5, "higher when exactly one of these two units is off, and 0.500 lower when both or neither are"),
    ],
)
def test_direction_of_a_coefficient_in_words(subset, coefficient, case):
    # chi_S = +1 where an even number of units is inactive (-1)
    spectrum = make([subset], [coefficient], standard_errors=[0.04])
    assert case in subset_html(spectrum, subset, "logit 3", "unit", None)


def test_equivalent_of_a_reported_subset_names_it():
    spectrum = make([(0, 1)], equivalents=(((0, 5),),))
    assert "same information as <bdi>{0, 1}</bdi>" in subset_html(spectrum, (0, 5), "y", "unit", None)
    assert "Not among the reported" in subset_html(spectrum, (3, 4), "y", "unit", None)
    assert "{0, 5}" in subset_html(spectrum, (0, 1), "y", "unit", None)


def test_pixels_are_placed_by_row_and_column():
    spectrum = make([(3, 30)], n_units=784)
    assert "row 0, column 3; row 1, column 2" in subset_html(spectrum, (3, 30), "y", "pixel", 28)


def test_a_subset_is_called_joint_by_its_joint_part_only():
    claimed = subset_html(make([(0, 1)]), (0, 1), "y", "unit", None)
    assert "Joint in on/off terms: beside all smaller subsets of its units it adds +1.000 ± 0.050." in claimed
    cut = subset_html(make([(0, 1)], binarisation=(True,)), (0, 1), "y", "unit", None)
    assert "with the activations in the model that vanishes, so it comes from binarising" in cut
    weak = subset_html(make([(0, 1)], joint_p_values=[0.3]), (0, 1), "y", "unit", None)
    assert "Nothing joint is claimed: beside all smaller subsets of its units it adds" in weak and "p = 0.3" in weak
    unknown = make([(0, 1)], joint_parts=[np.nan], joint_errors=[np.nan], joint_p_values=[1.0])
    assert "Its joint part is not estimable" in subset_html(unknown, (0, 1), "y", "unit", None)
    assert "oint" not in subset_html(make([(0,)]), (0,), "y", "unit", None)


def test_a_class_is_one_of_these():
    shared = make([(0, 1)], classes=(((0, 1), (2, 3), (4,)),))
    said = subset_html(shared, (0, 1), "y", "unit", None)
    assert "cannot tell which is needed, it or <bdi>{2, 3}</bdi>, <bdi>{4}</bdi>: the claim is one of these" in said
    assert "Nothing joint is claimed" in said  # a class with a single unit in it is no joint claim
    assert "No other subset could stand in its place" in subset_html(make([(0, 1)]), (0, 1), "y", "unit", None)
    none = subset_html(make([(0, 1)], classes=((),)), (0, 1), "y", "unit", None)
    assert none.index("Nothing is claimed of it") < none.index("after correction")  # before any number
    assert "<b>" not in none
    assert "<b>" in subset_html(make([(0, 1)]), (0, 1), "y", "unit", None)


@pytest.mark.parametrize("kind", ["biased", "continuous"])
def test_products_of_standardised_units_are_not_spoken_of_as_parities(kind):
    encoding = Encoding(kind, None, np.zeros(8), np.ones(8))
    spectrum = make([(1,), (2, 3)], [0.5, -0.25], encoding=encoding)
    single, pair = (subset_html(spectrum, s, "y", "unit", None) for s in spectrum.subsets)
    assert "changes by +0.500 when this unit moves up by one standard deviation" in single
    assert "changes by -0.250 when the product of these 2 standardised units grows by 1" in pair
    assert not any(word in single + pair for word in ("parity", "swing", "is off"))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "never occurs in the 1,000 samples: these data cannot tell a joint effect from separate ones."),
        (9, "occurs in 9 of the 1,000 samples: hardly enough to tell a joint effect from separate ones."),
        (10, "occurs in 10 of the 1,000 samples."),
    ],
)
def test_how_much_a_joint_effect_rests_on(count, said):
    spectrum = make([(0,), (1, 2)], smallest_cells=[300, count])
    assert said in subset_html(spectrum, (1, 2), "y", "unit", None)
    assert "combination" not in subset_html(spectrum, (0,), "y", "unit", None)  # a unit alone has no joint effect


def test_every_html_escapes_names():
    names = (HOSTILE, "b", "c")
    spectrum = make([(0,), (1, 2)], n_units=3, unit_names=names, equivalents=(((0, 1),), ()))
    texts = [
        title_html(spectrum, HOSTILE, "unit"),
        subset_html(spectrum, (0,), HOSTILE, "unit", None),
        subset_html(spectrum, (0, 1), HOSTILE, "unit", None),
        coverage_html(spectrum, "unit"),
        empty_html(make([], n_units=3)),
    ]
    assert not any("<script" in text for text in texts)
    assert all("&lt;script&gt;" in text for text in texts[:3])


def test_title_says_beside_what_is_called_joint_what_the_network_does():
    pairs = make([(0, 1), (2, 3), (4,)])
    said = {subset: (float(c), 0.001) for subset, c in zip(pairs.subsets, pairs.coefficients, strict=True)}
    none = said | {(0, 1): (0.0, 0.001), (2, 3): (0.0, 0.001)}
    for found, words in (
        (
            said,
            "As recorded, both with several units are joint in on/off terms; changed in the network, 2 of these",
        ),
        (
            said | {(0, 1): (0.0, 0.001)},
            "; changed in the network, 1 of these acts too, with a tenth of that or more. ",
        ),
        (none, "; changed in the network, none of these does even a tenth of that. "),
    ):
        assert words in title_html(pairs, "y", "unit", effects=Effects("by experiment", found))
    for unknown in (Effects("as recorded", said), Effects("by experiment", {(0, 1): (0.5, 0.001)}), None):
        assert "changed in the network" not in title_html(pairs, "y", "unit", effects=unknown)
    one = title_html(make([(0, 1)]), "y", "unit", effects=Effects("by experiment", {(0, 1): (0.0, 0.001)}))
    assert (
        "As recorded, it is joint in on/off terms; changed in the network, it does not do even a tenth of that. " in one
    )


def test_title_counts_and_agrees_in_number():
    one = title_html(make([(0, 1)]), "logit 3", "pixel")
    assert (
        "1 subset of 8 pixels explains 80.0%\u00a0±\u00a02.0% of" in one
        and "As recorded, it is joint in on/off terms. " in one
    )
    two = title_html(make([(0, 1), (2,)]), "logit 3", "pixel")
    assert (
        "2 subsets of 8 pixels explain" in two
        and "As recorded, the one with several pixels is joint in on/off terms. " in two
    )
    assert "It is a single pixel. " in title_html(make([(0,)]), "logit 3", "pixel")
    assert "All of them are single units. " in title_html(make([(0,), (1,)]), "y", "unit")
    sums = make([(0, 1), (2, 3)], joint_p_values=np.full(2, 0.3))
    assert "None of the 2 with several units is joint in on/off terms. " in title_html(sums, "y", "unit")
    sums = make([(0, 1), (2,)], joint_p_values=[0.3, np.nan])
    assert "The one with several units is not joint in on/off terms. " in title_html(sums, "y", "unit")
    assert "Nothing joint is claimed of it. " in title_html(make([(0, 1)], joint_p_values=[0.3]), "y", "unit")
    assert "No subset of 8 units is distinguishable from chance" in title_html(make([]), "y", "unit")
    unseen = make([], coverage=replace(make([]).coverage, examined=0))
    assert "No subset of 8 units was examined for" in title_html(unseen, "y", "unit")


def test_the_title_of_every_answer_speaks_of_no_chance_and_no_samples():
    exact = title_html(explain(lambda x: x[:, 0] * x[:, 1], [1] * 3), "y", "unit")
    assert "All 8 on/off combinations were asked: the coefficients are exact." in exact
    some = explain(lambda x: x[:, 0] * x[:, 1], [1] * 18, max_degree=2)
    asked = f"Asked at {some.queries:,} on/off patterns, each equally likely, not recorded"
    assert asked in title_html(some, "y", "unit") and "sample" not in title_html(some, "y", "unit")
    nothing = title_html(goldreich_levin(lambda x: np.zeros(len(x)), 3, tau=0.5), "y", "unit")
    assert "No subset of 3 units was found for" in nothing


def test_the_title_says_what_single_units_alone_explain_and_both_axes_of_the_code():
    both = make([(0, 1), (2,)], singles_explain=0.724)
    assert "of <bdi>logit 3</bdi>; single pixels alone 72.4%" in title_html(both, "logit 3", "pixel")
    assert "alone" not in title_html(make([(2,)], singles_explain=0.724), "logit 3", "pixel")
    assert "alone" not in title_html(make([(0, 1)]), "logit 3", "pixel")  # not looked at
    measured = title_html(both, "logit 3", "pixel", "spread over <5> pixels, which add up")
    assert (
        '<p class="actspec-axes">In the network the output is spread over &lt;5&gt; pixels, which add up<' in measured
    )
    assert "As recorded, the one with several" in measured and "; the network has not been asked about it. " in measured
    assert "In the network: too rare to say" in title_html(both, "logit 3", "pixel", "too rare to say")
    asked = title_html(make([(0, 1), (2,)], evidence="resampled"), "y", "unit")
    assert "Changed in the network, the one with several units acts jointly. " in asked and "on/off" not in asked


def test_the_title_always_says_over_how_many_units_and_of_which_degree_and_never_twice():
    single = title_html(make([(2,)]), "y", "pixel")
    assert "As recorded, this list is spread over 1 of 8 pixels, mean degree 1; what a network does can" in single
    pair = title_html(make([(0, 1), (2,)], [1.0, 1.0]), "y", "unit")
    assert "As recorded, this list is spread over 3 of 8 units, mean degree 1.50; what a network does" in pair
    sums = title_html(make([(0, 1), (2,)], [1.0, 1.0], joint_p_values=[0.3, np.nan]), "y", "unit")
    assert "mean degree 1.50, though none of it is claimed to be joint." in sums
    asked = title_html(make([(0, 1)], evidence="resampled"), "y", "unit")
    assert "By experiment, this list is spread over 2 of 8 units, mean degree 2.00." in asked
    for axes, whose in (("spread over 5 of 8 units: mean degree 1.1", 1), ("too rare to say: 3 draws", 2)):
        said = title_html(make([(0, 1)]), "y", "unit", axes)
        assert said.count("actspec-axes") == whose and ("this list" in said) == (whose == 2)
    assert "this list" not in title_html(make([(0, 1)]), "y", "unit", asking=True)
    whole = title_html(explain(lambda x: x[:, 0] * x[:, 1], [1] * 3), "y", "unit")
    assert "Over all on/off patterns, the output is spread over 2 of 3 units, mean degree " in whole
    queried = goldreich_levin(lambda points: points[:, 0] * points[:, 1] * 1.0, 3, tau=0.5)
    assert "Over random on/off patterns, this list is spread over 2 of 3 units" in title_html(queried, "y", "unit")
    for nothing in (make([]), goldreich_levin(lambda x: np.zeros(len(x)), 3, tau=0.5)):
        assert "mean degree" not in title_html(nothing, "y", "unit")


def test_what_speaks_against_a_subset_is_said_before_its_number_which_is_not_bold():
    for against in ("not joint", "ignored", "seldom", "binarised"):
        said = subset_html(make([(0, 1)]), (0, 1), "y", "pixel", None, against)
        assert said.index("Does not hold") < said.index("after correction") and "<b>" not in said
    assert "Does not hold" not in subset_html(make([(0, 1)]), (0, 1), "y", "pixel", None)


def test_an_explorer_says_of_a_pair_that_the_network_ignores_it():
    explorer = SpectrumExplorer(make([(0, 1), (2,)]))
    assert "Does not hold" not in explorer.words.value
    explorer.effects.found = Effects("by experiment", {(0, 1): (0.0, 0.01), (2,): (1.0, 0.01)})
    explorer.selection = (0, 1)
    assert "Does not hold: when its units alone are changed, the network does not follow" in explorer.words.value


def test_the_title_says_where_no_more_subsets_were_asked_for():
    cut = make([(0, 1), (2,)], settings={"top": 2, "alpha": 0.05})
    assert "No more than 2 were asked for. " in title_html(cut, "y", "unit")
    assert "asked for" not in title_html(make([(0, 1), (2,)], settings={"top": 3, "alpha": 0.05}), "y", "unit")


def test_an_empty_list_of_what_could_not_be_decided_is_not_called_chance():
    nothing = make([], [])
    undecided = replace(nothing, coverage=replace(nothing.coverage, undecided=2))
    assert "is distinguishable from chance" in title_html(nothing, "y", "unit")
    said = title_html(undecided, "y", "unit")
    assert "can be told from others that could stand in its place" in said and "chance" not in said
    assert "2 passed their tests" in empty_html(undecided) and "even chance" not in empty_html(undecided)
