"""The scan over three states, against every product written out."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Cancelled, Patterns
from actspec_widgets.compute.exhaustive.masked import scan_masked


def naive_sums(signs, in_play, y, degree):
    """Sum of y times the product of a subset's signs over the draws in which all its units are in play."""
    sums = {}
    for subset in itertools.combinations(range(signs.shape[1]), degree):
        sums[subset] = sum(
            float(y[j]) * float(np.prod(signs[j, list(subset)]))
            for j in range(len(y))
            if all(in_play[j, i] for i in subset)
        )
    return sums


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(3, 7), st.integers(1, 150), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_list_is_that_of_the_definition(seed, degree, n, k, two_valued):
    rng = np.random.default_rng(seed)
    signs, in_play = rng.choice([-1, 1], (k, n)), rng.random((k, n)) < rng.uniform(0.2, 1)
    y = rng.choice([-1.0, 1.0], k) if two_valued else rng.standard_t(3, k)
    sums = naive_sums(signs, in_play, y, degree)
    subsets, values = scan_masked(
        Patterns.from_signs(signs), Patterns.from_signs(in_play), y, degree=degree, top=4, threads=1
    )
    wanted = sorted(sums, key=lambda s: (-round(abs(sums[s]) / np.abs(y).sum(), 11), s))[:4]
    assert list(subsets) == wanted
    np.testing.assert_allclose(values, [sums[s] for s in wanted], atol=1e-9 * np.abs(y).sum())


@pytest.mark.compiled
def test_threads_do_not_change_a_bit_and_cancel_stops():
    rng = np.random.default_rng(0)
    signs, in_play = rng.choice([-1, 1], (20_000, 60)), rng.random((20_000, 60)) < 0.5
    y = signs[:, 3] * signs[:, 9] * (in_play[:, 3] & in_play[:, 9]) + rng.normal(size=20_000)
    tables = Patterns.from_signs(signs), Patterns.from_signs(in_play)
    one, two = (scan_masked(*tables, y, degree=3, top=50, threads=t) for t in (1, 2))
    assert one[0] == two[0] and (one[1] == two[1]).all()
    assert scan_masked(*tables, y, degree=2, top=1)[0] == ((3, 9),)

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        scan_masked(*tables, y, degree=3, top=5, progress=stop)
