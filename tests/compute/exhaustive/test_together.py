"""Subsets of units that are ever active together: the list, errors and counts that the definition gives."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_coactive
from actspec_widgets import Patterns, coactive, scan
from actspec_widgets.compute.exhaustive import search, together
from actspec_widgets.patterns.sparse import ActiveLists


@settings(max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(2, 60),
    st.integers(1, 7),
    st.integers(1, 3),
    st.sampled_from(together.KINDS),
    st.integers(1, 4),
    st.integers(1, 40),
)
def test_the_list_is_the_one_that_the_definition_gives(seed, m, n, degree, kind, least, top):
    rng = np.random.default_rng(seed)
    X, y = np.where(rng.random((m, n)) < rng.random(n), 1, -1), rng.standard_t(2, size=m)
    X[:, -1] = X[:, 0]
    expected = naive_coactive.coactive(X.tolist(), y.tolist(), kind, degree, least)
    patterns = Patterns.from_signs(X)
    asked = {"max_degree": degree, "kind": kind, "least": least, "top": top}
    if not expected:
        with pytest.raises(ValueError, match="active together in"):
            coactive(patterns, y, **asked)
        return
    with patch.object(together, "_CHUNK", 20.0), patch.object(search, "_LIST_LIMIT", 5):
        found = coactive(patterns, y, **asked)
    subsets, values, errors, counts = zip(*expected[:top], strict=True)
    assert found.subsets == subsets and found.counts.tolist() == list(counts)
    assert found.values == pytest.approx(values, abs=1e-11 * np.abs(y).max())
    assert found.standard_errors == pytest.approx(errors, rel=1e-6, abs=1e-6 * np.abs(y).max())
    assert found.coverage.examined == len(expected)


@pytest.mark.compiled
def test_a_planted_triple_of_rare_units_comes_first_whatever_the_threads_and_from_lists_or_bits():
    rng, m, n = np.random.default_rng(0), 4000, 300
    on = rng.random((m, n)) < 0.02
    on[:40, [7, 50, 200]] = True
    y = rng.normal(size=m) + 3.0 * on[:, [7, 50, 200]].all(axis=1)
    bits = Patterns.from_signs(on)
    lists = Patterns(ActiveLists(np.cumsum([0, *on.sum(axis=1)]), np.nonzero(on)[1].astype(np.int32), n), m)
    for kind in together.KINDS:
        one, three = (coactive(p, y, kind=kind, top=50, least=5, threads=t) for p, t in ((bits, 1), (lists, 3)))
        assert one.subsets == three.subsets and np.array_equal(one.values, three.values)
        assert np.array_equal(one.standard_errors, three.standard_errors) and str(one.coverage) == str(three.coverage)
    found = coactive(lists, y, kind="biased", top=20, least=5)
    assert (7, 50, 200) in found.subsets and found.counts[found.subsets.index((7, 50, 200))] >= 40
    signs, every = coactive(bits, y, kind="signs", max_degree=2, top=10), scan(bits, y, max_degree=2, top=45_000)
    known = dict(zip(every.subsets, every.values, strict=True))
    assert np.allclose(np.abs(signs.values), [abs(known[s]) for s in signs.subsets], atol=1e-12)
    some = coactive(lists, y, units=[7, 50, 200, 299], top=100)
    assert some.to_frame()["count"].tolist() == some.counts.tolist() and (7, 50, 200) in some.subsets


def test_refusals():
    patterns = Patterns.from_signs([[1, -1], [-1, 1]])
    with pytest.raises(ValueError, match="kind='or' is not known"):
        coactive(patterns, [0.0, 1.0], kind="or")
    with pytest.raises(ValueError, match="whole number from 1 to 3"):
        coactive(patterns, [0.0, 1.0], max_degree=4)


@pytest.mark.compiled
def test_of_a_target_that_does_not_depend_on_the_units_the_largest_values_are_those_of_chance_as_the_list_says():
    rng, m, n = np.random.default_rng(0), 3000, 200
    patterns, y = Patterns.from_signs(rng.random((m, n)) < 0.05), rng.standard_t(4, size=m)
    for kind in together.KINDS:
        asked = {"kind": kind, "max_degree": 3, "top": 20, "least": 5}
        largest = abs(coactive(patterns, y, **asked).values[0])
        shuffled = [abs(coactive(patterns, rng.permutation(y), **asked).values[0]) for _ in range(15)]
        assert min(shuffled) / 1.5 < largest < 1.5 * max(shuffled)
    found = coactive(patterns, y, max_degree=2, top=20_000, least=5)
    sizes = np.abs(found.values / found.standard_errors)
    by_chance = together.farthest_by_chance(found.coverage.examined)
    assert by_chance == pytest.approx(4.11, abs=0.02)  # of some 17,000 values
    assert by_chance - 1 < sizes.max() < by_chance + 1.5
    said = f"By chance alone the farthest of {found.coverage.examined:,} values is about 4.1 standard errors from 0"
    for text in (repr(found), found._repr_html_(), str(found.coverage)):
        assert said in text and "these are candidates and no findings" in text
    assert f"in {found.counts[0]:,} samples" in repr(found)
    assert "makes no claims" in " ".join(coactive.__doc__.split())
