import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Cancelled
from actspec_widgets.compute.queries.bucket_tree import Level, plan_tree, power_limit
from actspec_widgets.compute.queries.goldreich_levin import goldreich_levin
from actspec_widgets.compute.queries.queries import MeteredQuery
from actspec_widgets.compute.queries.remainder import Remainder, half_width, mean_limit
from naive_query import Planted, all_subsets, bucket_weight, cube, f_hat, planted


def table_query(table):
    return lambda points: np.array([table[tuple(p)] for p in points.tolist()])


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 8), st.integers(0, 10_000), st.floats(0.02, 0.8), st.none() | st.integers(0, 4))
def test_small_cubes_give_what_the_definition_gives(n, seed, tau, max_degree):
    rng = np.random.default_rng(seed)
    table = dict(zip(cube(n), rng.normal(size=2**n), strict=True))
    found = goldreich_levin(table_query(table), n, tau=tau, max_degree=max_degree, seed=seed)
    expected = {
        s: v
        for s, v in f_hat(table.__getitem__, n).items()
        if abs(v) >= tau and (max_degree is None or len(s) <= max_degree)
    }
    assert dict(zip(found.subsets, found.values, strict=True)) == pytest.approx(expected, abs=1e-12)
    assert found.coverage.complete and found.coverage.method == "exhaustive"
    assert not found.standard_errors.any()


@pytest.mark.compiled
@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.sampled_from([(0, 2), (2, 2), (2, 3), (4, 1), (3, 3)]), st.integers(2, 6))
def test_bucket_weights_are_unbiased_with_the_variance_that_is_claimed(seed, place, cluster):
    decided, units = place
    n, clusters = 6, 3000
    rng = np.random.default_rng(seed)
    table = dict(zip(cube(n), rng.uniform(-1, 1, 2**n), strict=True))
    coefficients = f_hat(table.__getitem__, n)
    buckets = [s for s in all_subsets(n) if not s or max(s) < decided]
    level = Level(buckets, decided, units, n)
    level.ask(MeteredQuery(table_query(table), n), clusters, cluster, rng, Remainder((), np.zeros(0), 1.0, 0.0))
    pairs = cluster * (cluster - 1)
    power = sum(v * v for v in table.values()) / 2**n
    for bucket, sums in zip(buckets, level.pairs, strict=True):
        for mask in range(2**units):
            child = {decided + i for i in range(units) if mask >> i & 1} | set(bucket)
            truth = bucket_weight(coefficients, range(decided + units), child)
            signs = [1 - 2 * ((w & mask).bit_count() % 2) for w in range(2**units)]
            estimate = float(sums @ signs) / (clusters * pairs / 2)
            variance = truth * (1 + 4 * (cluster - 2) / pairs) + 2 * power / pairs
            assert abs(estimate - truth) <= 6 * math.sqrt(variance / clusters)
    kept = level.survivors(cluster, 0.05, max_degree=2)
    assert all(len(child) <= 2 for child in kept) and len(set(kept)) == len(kept)


def test_every_pair_counts_once():
    class Given:
        batch_size = 100

        def evaluate_many(self, count, make_points):
            self.points = make_points(0, count)
            return np.arange(1.0, count + 1)

    query = Given()
    level = Level([(), (0,)], 1, 2, 5)
    level.ask(query, 3, 4, np.random.default_rng(0), Remainder((), np.zeros(0), 100.0, 0.0))
    expected = np.zeros((2, 4))
    for z in range(3):
        rows = range(4 * z, 4 * z + 4)
        assert len({tuple(query.points[r, 3:]) for r in rows}) == 1  # the undecided units are shared
        for a, b in itertools.combinations(rows, 2):
            differ = [int(query.points[a, i] != query.points[b, i]) for i in (0, 1, 2)]
            product = (a + 1.0) * (b + 1.0)
            expected[0, differ[1] + 2 * differ[2]] += product
            expected[1, differ[1] + 2 * differ[2]] += product * (1 - 2 * differ[0])
    assert np.array_equal(level.pairs, expected)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_planted_spectra_hold_everything_above_tau_and_nothing_below_half(noise):
    for seed in range(8):
        strong = planted(40, 3, 6, seed).coefficients
        weak = {s: 0.2 for s in planted(40, 3, 3, 1000 + seed).coefficients}
        function = Planted(weak | strong, noise, seed)
        found = goldreich_levin(function, 40, tau=0.5, seed=seed)
        assert set(found.subsets) == set(strong)
        for subset, value, error in zip(found.subsets, found.values, found.standard_errors, strict=True):
            assert abs(value - strong[subset]) <= 6 * error + 1e-12
        assert found.queries == function.asked
        assert found.coverage.complete and found.coverage.missed_bound == 0.5


def boolean_functions():
    majority = {s: 0.375 for s in [(1,), (8,), (15,), (22,), (29,)]} | {(1, 8, 15, 22, 29): 0.375}
    majority |= {s: -0.125 for s in itertools.combinations((1, 8, 15, 22, 29), 3)}
    address = {(3,): 0.5, (4,): 0.5, (0, 3): 0.5, (0, 4): -0.5}
    conjunction = {(): 0.5} | {
        s: 0.5 * (-1) ** (len(s) + 1) for d in (1, 2) for s in itertools.combinations((7, 19), d)
    }
    return {
        "parity of 30": ({tuple(range(30)): 1.0}, 0.9),
        "majority of 5": (majority, 0.3),
        "address": (address, 0.45),
        "and of 2": (conjunction, 0.4),
        "constant": ({(): -1.0}, 0.5),
        "zero": ({}, 0.5),
    }


@pytest.mark.parametrize("name", boolean_functions())
@pytest.mark.parametrize("bound", [None, 1.0])
def test_functions_that_a_reader_can_check(name, bound):
    truth, tau = boolean_functions()[name]
    found = goldreich_levin(Planted(truth), 30, tau=tau, bound=bound, seed=1)
    assert set(found.subsets) == {s for s, v in truth.items() if abs(v) >= tau}
    assert found.values == pytest.approx([truth[s] for s in found.subsets], abs=0.1)
    assert found.coverage.complete


def test_a_degree_limit_prunes():
    truth = {(3,): 0.5, (1, 20): 0.5, (2, 5, 8, 30): 0.5}
    found = goldreich_levin(Planted(truth), 40, tau=0.4, max_degree=2, seed=0)
    assert set(found.subsets) == {(3,), (1, 20)} and found.coverage.examined == 1 + 40 + 780


def test_a_thousand_units():
    truth = {(3, 999): 0.6, (500, 501, 502): -0.6}
    found = goldreich_levin(Planted(truth), 1000, tau=0.5, seed=0)
    assert set(found.subsets) == set(truth)


def test_the_plan_grows_as_the_theory_says():
    plans = {tau: plan_tree(100, tau, 0.05, 1.0, 1.0).queries for tau in (0.4, 0.2, 0.1)}
    assert 4 < plans[0.2] / plans[0.4] < 16 and 4 < plans[0.1] / plans[0.2] < 16
    wide = [plan_tree(n, 0.3, 0.05, 1.0, 1.0).queries for n in (100, 1000)]
    assert wide[0] < wide[1] < 15 * wide[0]
    assert plan_tree(30, 0.5, 0.01, 1.0, 1.0).queries > plan_tree(30, 0.5, 0.1, 1.0, 1.0).queries


def test_the_power_limit_holds_as_often_as_it_says():
    rng = np.random.default_rng(0)
    draws = (rng.random((4000, 200)) < 0.02) * 1.0  # rare spikes are the hard case
    below = [power_limit(row, 1.0, 0.05) < 0.02 for row in draws]
    assert np.mean(below) <= 0.05


@pytest.mark.parametrize("bound", [None, 30.0])
def test_twenty_parities_with_noise_take_few_queries(bound):
    for seed in range(10):
        function = planted(30, 20, 5, seed, noise=0.1)
        found = goldreich_levin(function, 30, tau=0.4, seed=seed, bound=bound)
        assert set(found.subsets) == set(function.coefficients) and found.queries == function.asked < 100_000
        assert found.coverage.complete and found.coverage.missed_bound == 0.4
        assert found.explained_variance == pytest.approx(0.999, abs=0.001)


def test_what_hashing_misses_is_found_by_the_tree(monkeypatch):
    monkeypatch.setattr("actspec_widgets.compute.queries.peeling.Peeler.peel", lambda peeler: None)
    for seed in range(3):
        function = planted(30, 3, 4, seed, noise=0.2)
        found = goldreich_levin(function, 30, tau=0.45, seed=seed)
        assert set(found.subsets) == set(function.coefficients) and found.coverage.method == "bucket tree"


def test_the_tree_grows_over_what_hashing_left():
    strong = {s: 3 * c for s, c in planted(40, 6, 3, 0).coefficients.items()}
    function, mix = Planted(strong), np.random.default_rng(0).normal(size=40) * 1000

    def query(points):  # the rest is no noise, and in no coefficient that could be read
        return function(points) + 0.7 * np.sign(np.sin(points @ mix))

    found = goldreich_levin(query, 40, tau=0.6, seed=0)
    assert set(found.subsets) == set(strong) and found.coverage.method == "bucket tree"
    assert "over what" in str(found.coverage) and found.coverage.complete


@pytest.mark.once
@pytest.mark.parametrize("noise", [0.6, 1.5])
def test_noise_above_tau_is_told_from_coefficients(noise):
    for seed in range(4):
        function = planted(30, 3, 4, seed, noise=noise)
        found = goldreich_levin(function, 30, tau=0.4, seed=seed)
        assert set(found.subsets) == set(function.coefficients)


def test_a_rest_with_a_coefficient_of_tau_is_seldom_declared_small():
    missed = {(1, 2, 3): 0.4, (5,): 0.2}
    rng = np.random.default_rng(0)
    shown = 0
    for seed in range(400):
        points = rng.choice([-1, 1], (64, 8)).astype(np.int8)
        rest = Remainder((), np.zeros(0), 1.0, 1.0)
        shown += rest.largest(rest.of(points, Planted(missed, 0.0, seed)(points)), 0.2) < 0.4
    assert shown <= 0.2 * 400


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_what_is_left_is_bounded_as_parseval_has_it(seed, held):
    n = 6
    rng = np.random.default_rng(seed)
    table = dict(zip(cube(n), rng.normal(size=2**n), strict=True))
    truth = f_hat(table.__getitem__, n)
    subsets = tuple(sorted(truth, key=lambda s: -abs(truth[s]))[:held])
    points = np.array(cube(n), dtype=np.int8)
    rest = Remainder(subsets, np.array([truth[s] for s in subsets]), 0.7, 10.0)
    left = rest.of(points, table_query(table)(points))
    assert np.square(left).mean() == pytest.approx(sum(truth[s] ** 2 for s in truth if s not in subsets))
    largest = max(abs(truth[s]) for s in truth if s not in subsets)
    assert rest.largest(left, 0.05) >= largest
    assert rest.largest_of_pairs(left, left, 0.05) >= largest


def test_limits_of_means_hold_as_often_as_they_say():
    rng = np.random.default_rng(1)
    draws = rng.random((4000, 100)) < 0.03
    below = [mean_limit(row * 2.0, 2.0, 0.1) < 0.06 for row in draws]
    assert np.mean(below) <= 0.1
    assert mean_limit(np.zeros(1000), 5.0, 0.01) == pytest.approx(5 * math.log(100) / 1000, rel=0.01)
    values = rng.choice([0.0, 1.0], (4000, 60), p=[0.8, 0.2])
    off = [row.mean() + half_width(float((row**2).mean()), 1.0, 60, 0.1) < 0.2 for row in values]
    assert np.mean(off) <= 0.1


@pytest.mark.compiled
def test_promises_hold_at_the_rate_they_say_on_functions_with_a_tail():
    broken = 0
    for seed in range(40):
        strong = planted(24, 4, 4, seed).coefficients
        tail = {s: 0.05 for s in planted(24, 60, 5, 500 + seed).coefficients}
        function = Planted(tail | strong, 0.3, seed)
        found = goldreich_levin(function, 24, tau=0.5, delta=0.2, seed=seed)
        broken += set(found.subsets) != set(strong)
    assert broken <= 8


@pytest.mark.compiled
def test_rare_spikes_beyond_the_pilot_are_said_to_be_cut():
    function = Planted({(1, 2): 1.0})
    spikes = np.random.default_rng(5)

    def query(points):
        return function(points) + 50.0 * (spikes.random(len(points)) < 2e-4)

    found = goldreich_levin(query, 30, tau=0.8, seed=3)
    assert found.subsets[0] == (1, 2) and "moves a coefficient by at most about" in str(found.coverage)


def test_a_value_beyond_the_bound_is_refused():
    with pytest.raises(ValueError, match=r"beyond bound=0\.5"):
        goldreich_levin(Planted({(1, 2): 1.0}), 30, tau=0.4, bound=0.5)
    late = {"asked": 0}

    def query(points):
        late["asked"] += len(points)
        return points[:, 3] * (2.0 if late["asked"] > 1500 else 1.0)

    with pytest.raises(ValueError, match="beyond bound=1"):
        goldreich_levin(query, 30, tau=0.4, bound=1.0)


@pytest.mark.parametrize("n, bound, budget", [(12, None, 1000), (12, None, 2000), (30, None, 2000), (30, 3.0, 1000)])
def test_a_small_budget_is_refused_with_one_that_does(n, bound, budget):
    function = planted(n, 3, 3, 0)
    with pytest.raises(ValueError, match=f"max_queries={budget} is too small") as refused:
        goldreich_levin(function, n, tau=0.45, max_queries=budget, bound=bound, seed=0)
    assert function.asked in (0, 1024)
    enough = int(re.search(r"units takes ([\d,]+) queries", str(refused.value)).group(1).replace(",", ""))
    function = planted(n, 3, 3, 0)
    found = goldreich_levin(function, n, tau=0.45, max_queries=enough, bound=bound, seed=0)
    assert set(found.subsets) == set(function.coefficients) and found.queries == function.asked <= enough


def test_a_budget_below_the_pilot_says_what_to_do():
    function = planted(30, 3, 3, 0)
    with pytest.raises(ValueError, match="at least the 1,024 of the pilot"):
        goldreich_levin(function, 30, tau=0.45, max_queries=500)
    assert function.asked == 0


def test_small_cubes_are_asked_in_full_when_that_is_cheaper():
    function = Planted({(0, 3): 0.4, (1, 2, 11): -0.4})
    found = goldreich_levin(function, 14, tau=0.1, seed=0)
    assert found.coverage.method == "exhaustive" and set(found.subsets) == {(0, 3), (1, 2, 11)}
    assert found.values == pytest.approx([0.4, -0.4], abs=1e-12) and found.queries == function.asked


def test_noise_shows_in_the_errors_of_a_full_table():
    found = goldreich_levin(Planted({(0, 3): 0.7}, noise=0.5), 9, tau=0.5, seed=0)
    assert found.subsets == ((0, 3),)
    assert 0.5 < found.standard_errors[0] / (0.5 / 2**4.5) < 2


def test_the_same_seed_gives_the_same_bits_whatever_the_batches():
    runs = [goldreich_levin(planted(40, 3, 3, 0), 40, tau=0.5, seed=5, batch_size=size) for size in (None, None, 999)]
    other = goldreich_levin(planted(40, 3, 3, 0), 40, tau=0.5, seed=6)
    for run in runs[1:]:
        assert run.subsets == runs[0].subsets and run.values.tobytes() == runs[0].values.tobytes()
    assert other.values.tobytes() != runs[0].values.tobytes()


def test_batches_stay_within_their_size():
    function = planted(40, 2, 3, 0)
    goldreich_levin(function, 40, tau=0.5, seed=0, batch_size=500)
    assert function.largest == 500


class Faulty(Planted):
    """Answers ``good`` points properly, then does ``fault``."""

    def __init__(self, coefficients, good, fault):
        super().__init__(coefficients)
        self.good, self.fault = good, fault

    def __call__(self, points):
        values = super().__call__(points)
        return values if self.asked <= self.good else self.fault(values)


def fail(values):
    raise RuntimeError("the device went away")


def spoil(values):
    values[0] = np.nan
    return values


@pytest.mark.parametrize("fault, kind", [(fail, RuntimeError), (spoil, ValueError), (lambda v: v[1:], ValueError)])
def test_what_stood_out_before_a_fault_is_returned(fault, kind):
    truth = {(3,): 0.9, (5, 20): 0.8}
    full = goldreich_levin(Planted(truth), 40, tau=0.5, seed=0, batch_size=4096)
    counts = []
    for good in (1024, full.queries // 2, full.queries - 1):
        found = goldreich_levin(Faulty(truth, good, fault), 40, tau=0.5, seed=0, batch_size=4096)
        assert type(found.error) is kind and not found.coverage.complete and found.queries <= good
        assert set(found.subsets) <= set(truth)
        counts.append(len(found))
    assert counts[0] == 0 and counts[-1] == 2


@pytest.mark.parametrize("n", [5, 40])
@pytest.mark.parametrize(
    "query, message",
    [
        (lambda x: x, "returned shape"),
        (lambda x: np.full(len(x), np.nan), "returned nan"),
        (lambda x: [None] * len(x), "dtype object"),
    ],
)
def test_a_malformed_first_answer_is_refused(query, message, n):
    with pytest.raises(ValueError, match=message):
        goldreich_levin(query, n, tau=0.5)


@pytest.mark.parametrize("n", [5, 40])
def test_a_query_that_fails_at_once_returns_nothing_but_the_error(n):
    found = goldreich_levin(Faulty({}, 0, fail), n, tau=0.5)
    assert len(found) == 0 and "went away" in str(found.error) and not found.coverage.complete


def test_cancelling_returns_nothing():
    steps = []

    def stop(done, total):
        steps.append((done, total))
        if len(steps) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        goldreich_levin(planted(40, 3, 3, 0), 40, tau=0.5, progress=stop)
    assert all(done <= total for done, total in steps)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"tau": 0.0}, "tau=0.0"),
        ({"tau": float("nan")}, "tau=nan"),
        ({"tau": 0.5, "delta": 1.5}, "delta=1.5"),
        ({"tau": 0.5, "delta": 0}, "delta=0"),
        ({"tau": 0.5, "bound": -1.0}, "bound=-1.0"),
        ({"tau": 0.5, "max_degree": 1.5}, "max_degree=1.5"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        goldreich_levin(planted(40, 3, 3, 0), 40, **arguments)


@pytest.mark.parametrize("n", [5, 30])
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_where_nothing_is_there_nothing_is_found(n, noise):
    for seed in range(4):
        found = goldreich_levin(Planted({}, noise, seed), n, tau=0.7, seed=seed)
        assert len(found) == 0 and found.explained_variance == 0.0
        assert f"No subset of the {n} units was found." in found.summary()


def test_of_a_sum_only_single_units_are_found():
    sums = {(0,): 1.0, (3,): -0.8, (17,): 0.6}
    found = goldreich_levin(Planted(sums, 0.3), 30, tau=0.5)
    assert set(found.subsets) == set(sums) and not found.joint.any()
    assert "All of them are single units." in found.summary()
