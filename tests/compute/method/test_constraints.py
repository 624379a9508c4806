import numpy as np
import pytest

from actspec_widgets import Patterns, Spectrum, activation_spectroscopy, synthetic


@pytest.fixture(scope="module")
def problem():
    return synthetic.planted(8, [(0, 1), (2,), (3, 4)], [1.0, -0.8, 0.6], samples=1500, noise=0.5, seed=2)


def answer(problem, **constraints):
    return activation_spectroscopy(problem.patterns, problem.target, **constraints)


def test_only_the_units_named_take_part(problem):
    found = answer(problem, units=(5, 0, 1, 2))
    assert found.subsets == ((0, 1), (2,))
    assert found.coverage.n_units == 4 and "4 units were left out, as asked" in str(found.coverage)
    assert found.n_units == 8


def test_fewer_units_are_corrected_for(problem):
    few, all_units = answer(problem, units=(2, 3), max_degree=1), answer(problem, max_degree=1)
    assert few.coverage.examined == 2 and all_units.coverage.examined == 8
    assert few.p_values[0] < all_units.p_values[0]


@pytest.mark.compiled
def test_a_duplicate_stands_in_for_a_unit_left_out(problem):
    X = problem.patterns.signs()
    more = Patterns.from_signs(np.column_stack([X, -X[:, 0]]))
    found = activation_spectroscopy(more, problem.target, units=range(1, 9))
    assert set(found.subsets) == {(1, 8), (2,), (3, 4)}
    assert found.equivalents == ((), (), ())  # (0, 1) is one, and may not be used


@pytest.mark.compiled
def test_both_sides_of_a_character_need_their_share():
    problem = synthetic.planted(3, [(0,), (0, 1)], [1.0, 1.0], samples=3000, noise=0.5, bias=0.7, seed=0)
    X = problem.patterns.signs()
    assert set(answer(problem).subsets) == {(0,), (0, 1)}
    # the rarer side holds 15 % of the samples for one unit, 25.5 % for the product of two and 32.9 % for three
    for share, sizes in [(0.2, {2, 3}), (0.3, {3})]:
        found = answer(problem, min_share=share).subsets
        assert found and {len(s) for s in found} <= sizes
        for subset in found:
            inactive = np.mean(X[:, list(subset)].prod(axis=1) < 0)
            assert share <= min(inactive, 1 - inactive)
    assert answer(problem, min_share=0.4).subsets == ()


@pytest.mark.compiled
def test_what_must_be_included_comes_first_whatever_its_p_value(problem):
    found = answer(problem, must_include=[(5, 6, 7, 1), (2,)])
    assert found.subsets[:2] == ((1, 5, 6, 7), (2,))
    assert set(found.subsets[2:]) == {(0, 1), (3, 4)}
    assert found.p_values[0] > 0.05 and found.p_values[1:].max() < 1e-6


@pytest.mark.compiled
def test_what_is_included_is_not_found_again(problem):
    X = problem.patterns.signs()
    more = Patterns.from_signs(np.column_stack([X, -X[:, 2], np.ones(1500, int)]))
    found = activation_spectroscopy(more, problem.target, must_include=[(8, 9)], units=[*range(8), 9])
    assert found.subsets == ((8, 9), (0, 1), (3, 4))


def test_nothing_is_searched_where_nothing_is_left_to_find(problem):
    found = answer(problem, must_include=[(2,)], top=1)
    assert found.subsets == ((2,),) and "Nothing was left to search for" in str(found.coverage)
    exact = synthetic.planted(4, [(0, 1)], [1.0], samples=200, seed=0)
    assert answer(exact, must_include=[(0, 1)]).coefficients == pytest.approx([1.0])


def test_constraints_combine_and_reproduce_the_answer(problem, tmp_path):
    asked = {"units": (0, 1, 2), "min_share": 0.1, "must_include": [(3, 4)]}
    found = answer(problem, **asked)
    assert found.subsets == ((3, 4), (0, 1), (2,))
    found.save(tmp_path / "a.npz")
    again = answer(problem, **Spectrum.load(tmp_path / "a.npz").settings)
    assert again.subsets == found.subsets and np.array_equal(again.coefficients, found.coefficients)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"units": ()}, "units is empty; name one or more of the 8 units"),
        ({"units": (8,)}, "has a unit outside 0..7"),
        ({"units": (1, 1)}, "repeats a unit"),
        ({"min_share": 0.5}, "from 0 to below 0.5"),
        ({"min_share": -0.1}, "from 0 to below 0.5"),
        ({"must_include": [()]}, "the empty subset or a subset twice"),
        ({"must_include": [(0, 1), (1, 0)]}, "the empty subset or a subset twice"),
        ({"must_include": [(0,), (1,)], "top": 1}, "raise top"),
        ({"must_include": [(9,)]}, "has a unit outside 0..7"),
    ],
)
def test_constraints_out_of_range_are_refused(problem, asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        answer(problem, **asked)


def test_what_cannot_be_estimated_cannot_be_included(problem):
    X = problem.patterns.signs()
    more = Patterns.from_signs(np.column_stack([X, -X[:, 2], np.ones(1500, int)]))
    for included in [[(9,)], [(2, 8)], [(2,), (8,)]]:
        with pytest.raises(ValueError, match="changes too rarely among the samples, or is settled"):
            activation_spectroscopy(more, problem.target, must_include=included)
