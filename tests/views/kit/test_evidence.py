"""What stands beside a coefficient, and which subsets hold up to it."""

import numpy as np

from actspec_widgets.results import Coverage, Families, Measure
from actspec_widgets.views.kit.evidence import Effects, facts, holds
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


def test_facts_are_columns_of_what_is_known():
    spectrum = three()
    plain = facts(spectrum, [1, 0])
    assert [fact.head for fact in plain] == ["rarest", "joint part"]
    assert plain[0].cells == ["5", "900"] and plain[1].cells == ["+0.75 ± 0.05", ""]
    measured = Effects("by experiment", {(1, 2): (0.031, 0.022)})
    all_known = facts(spectrum, [1, 0], families(spectrum, [0.9, 0.0, 1.0]), measured)
    assert [fact.head for fact in all_known] == ["returns", "rarest", "joint part", "by experiment"]
    assert all_known[0].cells == ["0%", "90%"] and all_known[3].cells == ["+0.03 ± 0.02", "–"]
    assert facts(make([(0,)]), [0]) == []
