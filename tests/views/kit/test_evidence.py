"""What stands beside a coefficient, and which subsets hold up to it."""

import numpy as np

from actspec_widgets import Patterns, activation_spectroscopy, by_experiment
from actspec_widgets.results import Coverage, Families, Family, Measure
from actspec_widgets.views.kit.evidence import Effects, effects_of, facts, holds, objections
from views.spectra import make


def families(spectrum, returned):
    nothing = Measure(np.nan, np.nan)
    return Families(
        (), spectrum.subsets, np.array(returned), 20, 0.9, 0.5, nothing, nothing, nothing, None,
        Coverage("exhaustive", 8, 2, 36, True),
    )  # fmt: skip


def three():
    return make([(0,), (1, 2), (3, 4)], joint_p_values=[np.nan, 1e-4, 0.4], smallest_cells=[900, 5, 1200])


def test_several_units_hold_where_they_are_called_joint():
    assert holds(three()).tolist() == [True, True, False]
    exact = make([(0,), (1, 2)], joint_p_values=np.full(2, np.nan))  # nothing to test
    assert holds(exact).all()


def test_what_is_no_claim_does_not_hold_whatever_its_size():
    open_ = make([(0,), (1, 2)], [9.0, 1.0], classes=((), ((1, 2),)))
    assert holds(open_).tolist() == [False, True]


def test_what_holds_is_what_nothing_speaks_against():
    spectrum = make([(0,), (1, 2), (3, 4)], joint_p_values=[np.nan, 1e-4, 0.4], classes=((), ((1, 2),), ((3, 4),)))
    still = Effects("by experiment", {(1, 2): (0.01, 0.1)})
    against = objections(spectrum, families(spectrum, [1.0, 0.2, 1.0]), still)
    assert {name: mask.tolist() for name, mask in against.items()} == {
        "no claim": [True, False, False], "not joint": [False, False, True], "binarised": [False] * 3,
        "seldom": [False, True, False], "ignored": [False, True, False],
    }  # fmt: skip
    assert not holds(spectrum, families(spectrum, [1.0, 0.2, 1.0]), still).any()


def test_what_was_asked_for_by_name_does_not_hold_on_noise():
    rng = np.random.default_rng(0)
    X = Patterns.from_signs(rng.choice([-1, 1], (600, 12)))
    found = activation_spectroscopy(X, rng.normal(size=600), must_include=[(3,), (1, 2)])
    assert len(found) == 2 and not holds(found).any()


def test_no_product_holds_by_experiment_where_units_add_up():
    rng = np.random.default_rng(0)
    A = np.maximum(rng.normal(size=(1000, 6)) + rng.normal(size=(1000, 1)), 0)  # units go together

    def linear(a):
        return a @ np.array([1, 0.8, 0.6, 0.5, 0.7, 0])

    recorded = activation_spectroscopy(Patterns.from_activations(A), linear(A), max_degree=2)
    several = np.array([len(subset) > 1 for subset in recorded.subsets])
    assert recorded.joint.sum() >= 3, "recorded units go together, so that their products are claimed"
    asked = by_experiment(linear, recorded, activations=A, samples=200)
    stands = holds(asked, effects=effects_of(asked))
    assert not stands[several].any() and stands[[s in [(0,), (1,)] for s in asked.subsets]].all()


def test_what_returns_in_fewer_than_half_of_the_halves_does_not_hold():
    spectrum = three()
    assert holds(spectrum, families(spectrum, [0.9, 0.0, 1.0])).tolist() == [True, False, False]
    assert holds(spectrum, families(make([(7,)]), [0.0])).tolist() == [True, True, False]  # of another answer


def test_what_the_network_does_not_do_does_not_hold():
    spectrum = three()
    measured = Effects("by experiment", {(0,): (0.5, 0.01), (1, 2): (0.03, 0.02)})
    assert holds(spectrum, effects=measured).tolist() == [True, False, False]
    little = Effects("by experiment", {(0,): (0.09, 0.001), (1, 2): (-0.5, 0.001)})  # too small; the other way
    assert holds(spectrum, effects=little).tolist() == [False, False, False]
    unknown = Effects("by experiment", {(0,): (np.nan, np.nan)})
    assert holds(spectrum, effects=unknown).tolist() == [True, True, False]
    recorded = Effects("as recorded", {(1, 2): (0.0, 0.1)})
    assert holds(spectrum, effects=recorded).tolist() == [True, True, False]  # what is recorded refutes no experiment


def test_what_binarising_made_does_not_hold():
    made = make([(0,), (1, 2), (3, 4)], joint_p_values=[np.nan, 1e-4, 1e-4], binarisation=(None, True, False))
    assert holds(made).tolist() == [True, False, True]


def test_a_claim_of_one_among_several_says_of_how_many():
    near = make([(0,), (1, 2), (3, 4)], classes=(((0,),), ((1, 2), (1, 5), (1, 6)), ()))
    (claim,) = [fact for fact in facts(near, [2, 1, 0]) if fact.head == "claim"]
    assert claim.cells == ["nothing", "1 of 3", ""]
    said = [claim.said(row) for row in range(3)]
    assert said == ["nothing is claimed", "claimed as one of 3 that the data cannot tell apart", ""]
    assert "claim" not in [fact.head for fact in facts(three(), [0, 1])]


def test_until_half_samples_are_asked_for_the_answers_own_families_say_how_often_each_returns():
    own = make([(0,), (1, 2), (3, 4)], families=(Family((0,), ((3, 4),), 0.7, 10),))
    (returns,) = [fact for fact in facts(own, [0, 1, 2]) if fact.head == "returns"]
    assert returns.cells == ["70%", "–", "70%"] and "10 half-samples" in returns.help
    assert facts(own, [0], families(own, [0.9, 0.0, 0.0]))[0].cells == ["90%"]


def test_facts_are_columns_of_what_is_known():
    spectrum = three()
    plain = facts(spectrum, [1, 0])
    assert [fact.head for fact in plain] == ["rarest", "joint part"]
    assert plain[0].cells == ["5", "900"] and plain[1].cells == ["+0.75 ± 0.05", ""]
    measured = Effects("by experiment", {(1, 2): (0.031, 0.022)})
    all_known = facts(spectrum, [1, 0], families(spectrum, [0.9, 0.0, 1.0]), measured)
    assert [fact.head for fact in all_known] == ["returns", "rarest", "joint part", "by experiment"]
    assert all_known[0].cells == ["0%", "90%"] and all_known[3].cells == ["+0.03 ± 0.02", "–"]
    nothing = facts(spectrum, [1], effects=Effects("by experiment", {(1, 2): (-0.001, 0.0)}))
    assert nothing[-1].cells == ["+0.00 ± 0.00"]
    assert facts(make([(0,)]), [0]) == []
