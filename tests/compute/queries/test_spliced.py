"""Goldreich-Levin over spliced recorded samples: bucket weights by the definition, and every large mean in the list."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Cancelled, Patterns, goldreich_levin
from actspec_widgets.compute.effects.rest import Donors, as_rest
from actspec_widgets.compute.queries.spliced import _Draws
from naive_query import chi, cube, mean, spliced_weight

CUBE = np.array(cube(7), dtype=float)


class Network:
    """A function of activations with its recording, as a SubNetwork is one."""

    def __init__(self, f, activations):
        self.f, self.activations = f, activations
        self.lengths = np.ones(len(activations), dtype=np.int64)
        self.asked = 0

    def resample(self, base, donors):
        self.asked += len(base)
        rows = np.where(donors < 0, base[:, None], donors)
        return self.f(self.activations[rows, np.arange(rows.shape[1])])


def real_valued(a):
    return 3 + 0.9 * a[:, 0] * a[:, 3] - 0.6 * a[:, 2] + 0.5 * a[:, 1] * a[:, 4] * a[:, 6] + 0.1 * a[:, 5]


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_a_bucket_has_the_weight_that_the_definition_gives(seed, decided):
    rng = np.random.default_rng(seed)
    samples = rng.normal(size=(14, 5)) + 0.8 * rng.normal(size=(14, 1))  # units go together
    weights = rng.normal(size=(5, 3))

    def f(a):
        return np.tanh(a @ weights).sum(axis=1)

    signs, own = np.where(samples > 0, 1, -1).astype(np.int8), float(f(samples).mean())
    rest = as_rest(f, samples)
    draws = _Draws(rest, Donors(np.arange(14), rest.lengths), signs, decided, own, 10.0, rng)
    draws.go_on(20_000)
    subsets = [tuple(range(size)) for size in range(decided + 1)]
    found, widths = draws.weigh(subsets, 0.01)
    for subset, estimate, width in zip(subsets, found, widths, strict=True):
        truth = spliced_weight(
            lambda x: float(f(np.array([x]))[0]) - own, samples.tolist(), signs.tolist(), decided, subset
        )
        assert abs(estimate - truth) <= width


@pytest.mark.parametrize("tau", [0.48, 0.8])
def test_of_independent_units_every_mean_of_tau_or_more_is_found_and_none_below(tau):
    patterns = Patterns.from_signs(CUBE.astype(np.int8))
    y = real_valued(CUBE)
    expected = {}
    for mask in range(1, 1 << 7):
        subset = tuple(i for i in range(7) if mask >> i & 1)
        value = mean((v - y.mean()) * chi(subset, x) for v, x in zip(y, CUBE, strict=True))
        if abs(value) >= tau:
            expected[subset] = value
    for seed in range(2):
        found = goldreich_levin(Network(real_valued, CUBE), tau=tau, patterns=patterns, seed=seed)
        assert dict(zip(found.subsets, found.values, strict=True)) == pytest.approx(expected)
    assert "be missed" in found.coverage.notes[1] and not found.coverage.complete


def test_degree_budget_and_seed_are_kept():
    patterns = Patterns.from_signs(CUBE.astype(np.int8))
    small = goldreich_levin(Network(real_valued, CUBE), tau=0.48, patterns=patterns, max_degree=2)
    assert set(small.subsets) == {(0, 3), (2,)} and small.coverage.max_degree == 2
    network = Network(real_valued, CUBE)
    found = goldreich_levin(network, tau=0.48, patterns=patterns, seed=4)
    assert f"{network.asked:,} queries" in found.coverage.notes[0]
    again = goldreich_levin(Network(real_valued, CUBE), tau=0.48, patterns=patterns, seed=4)
    assert again.coverage.notes == found.coverage.notes
    with pytest.raises(ValueError, match=r"max_queries=5000 is too small: after .* queries 0 of 7 units are decided"):
        goldreich_levin(Network(real_valued, CUBE), tau=0.4, patterns=patterns, max_queries=5000)


def test_a_unit_that_never_changes_is_no_part_of_a_subset():
    samples = np.c_[CUBE, np.ones(len(CUBE))]
    found = goldreich_levin(
        Network(real_valued, samples), tau=0.55, patterns=Patterns.from_signs(samples.astype(np.int8))
    )
    assert set(found.subsets) == {(0, 3), (2,)} and "1 units never change" in found.coverage.notes[-1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"query": real_valued}, "give a SubNetwork"),
        ({"patterns": CUBE}, "patterns are ndarray"),
        ({"patterns": Patterns.from_signs(CUBE[:9].astype(np.int8))}, "patterns of its own activations"),
        ({"n_units": 3}, "n_units=3 came with patterns of 7"),
        ({"tau": 0}, "tau"),
        ({"delta": 1}, "no probability"),
        ({"query": Network(lambda a: np.ones(len(a)), CUBE)}, "the output is 1 in all 128"),
        ({"query": Network(lambda a: a[:, :2], CUBE)}, "choose one output"),
        ({"query": Network(lambda a: a[:, 0] * np.nan, CUBE)}, "must be finite"),
    ],
)
def test_what_does_not_fit_is_refused(change, sentence):
    given = {"query": Network(real_valued, CUBE), "patterns": Patterns.from_signs(CUBE.astype(np.int8)), "tau": 0.5}
    with pytest.raises((TypeError, ValueError), match=sentence):
        goldreich_levin(**given | change)


def test_cancelling_stops():
    def stop(done, total):
        assert total == 7
        raise Cancelled

    with pytest.raises(Cancelled):
        goldreich_levin(
            Network(real_valued, CUBE), tau=0.5, patterns=Patterns.from_signs(CUBE.astype(np.int8)), progress=stop
        )
