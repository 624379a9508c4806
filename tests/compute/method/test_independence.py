import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive
from actspec_widgets import Spectrum, activation_spectroscopy, synthetic
from actspec_widgets.compute.method.independence import Span

SUBSETS = st.lists(st.sets(st.integers(0, 7), max_size=5).map(lambda s: tuple(sorted(s))), max_size=9)


@pytest.fixture(scope="module")
def problem():
    """Three subsets of which the last is the symmetric difference of the others, and a fourth one."""
    subsets, sizes = [(0, 1), (1, 2), (0, 2), (4,)], [1.0, -0.8, 0.6, 0.4]
    return synthetic.planted(7, subsets, sizes, samples=1500, noise=0.5, seed=3)


def answer(problem, **constraints):
    return activation_spectroscopy(problem.patterns, problem.target, **constraints)


@given(SUBSETS, st.sets(st.integers(0, 7)).map(lambda s: tuple(sorted(s))))
def test_a_span_holds_what_does_not_raise_the_rank(subsets, asked):
    span = Span(subsets)
    held = naive.rank_of_subsets([*subsets, asked], 8) == naive.rank_of_subsets(subsets, 8)
    assert (asked in span) == held
    if held:
        made = set()
        for part in span.made_of(asked):
            assert part in subsets
            made ^= set(part)
        assert made == set(asked)


def test_a_span_takes_thousands_of_units():
    span = Span([(0, 4095), (63, 64), (64, 4095)])
    assert (0, 63) in span and (0, 64) in span and (0,) not in span


@pytest.mark.compiled
def test_dependent_subsets_are_reported_unless_asked_otherwise(problem):
    assert set(answer(problem).subsets) == {(0, 1), (1, 2), (0, 2), (4,)}
    found = answer(problem, independent=True)
    assert found.subsets == ((0, 1), (1, 2), (4,))
    assert "Symmetric differences of subsets chosen before were left out" in str(found.coverage)


@pytest.mark.compiled
@pytest.mark.parametrize("search", ["exhaustive", "block", pytest.param("beam", marks=pytest.mark.once)])
def test_reported_subsets_have_full_rank(search):
    subsets = [(0,), (1,), (0, 1), (2, 3), (0, 2, 3), (4,), (1, 4), (0, 1, 4)]
    problem = synthetic.planted(6, subsets, [1.0] * 8, samples=1200, noise=0.5, seed=1)
    found = answer(problem, independent=True, search=search).subsets
    assert naive.rank_of_subsets(subsets, 6) == 4 and len(found) >= 4
    assert naive.rank_of_subsets(found, 6) == len(found)
    assert len(answer(problem, search=search)) == 8


@pytest.mark.compiled
def test_independence_combines_with_the_other_constraints(problem, tmp_path):
    asked = {"must_include": [(0, 2), (5, 6)], "units": (0, 1, 2, 3, 5, 6), "min_share": 0.2, "independent": True}
    found = answer(problem, **asked)
    assert found.subsets == ((0, 2), (5, 6), (0, 1))  # not (1, 2), which (0, 2) and (0, 1) make
    found.save(tmp_path / "a.npz")
    again = answer(problem, **Spectrum.load(tmp_path / "a.npz").settings)
    assert again.subsets == found.subsets and np.array_equal(again.coefficients, found.coefficients)


@pytest.mark.compiled
def test_dependent_subsets_cannot_be_included(problem):
    with pytest.raises(ValueError, match=r"\(1, 2\), the symmetric difference of \(0, 1\) and \(0, 2\).*leave one out"):
        answer(problem, must_include=[(0, 1), (3,), (0, 2), (1, 2)], independent=True)
    assert len(answer(problem, must_include=[(0, 1), (0, 2), (1, 2)])) == 4
