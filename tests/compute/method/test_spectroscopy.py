import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy, synthetic


def same_numbers(a, b):
    names = ("coefficients", "standard_errors", "character_means", "p_values", "gains", "gram")
    return a.subsets == b.subsets and all(np.array_equal(getattr(a, n), getattr(b, n)) for n in names)


@pytest.mark.compiled
@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_planted_subsets_come_back_and_nothing_else(seed):
    rng = np.random.default_rng(seed)
    n = 12
    subsets = {tuple(sorted(rng.choice(n, k, replace=False))) for k in (1, 2, 3, 3)}
    weights = rng.uniform(0.5, 1, len(subsets)) * rng.choice([-1, 1], len(subsets))
    problem = synthetic.planted(n, sorted(subsets), weights, samples=3000, noise=0.5, seed=seed)
    found = activation_spectroscopy(problem.patterns, problem.target, seed=seed, alpha=1e-6)
    assert set(found.subsets) == set(problem.subsets)
    truth = dict(zip(problem.subsets, problem.coefficients, strict=True))
    for subset, value, error in zip(found.subsets, found.coefficients, found.standard_errors, strict=True):
        assert abs(value - truth[subset]) <= 6 * error


@pytest.mark.once
def test_constants_and_duplicates_change_nothing_but_the_equivalents():
    plain = synthetic.planted(8, [(0, 1), (2,)], [1.0, -0.5], samples=1000, noise=0.3, seed=3)
    X = plain.patterns.signs()
    more = Patterns.from_signs(np.column_stack([X, np.ones(1000, int), -X[:, 1], X[:, 2]]))
    a, b = (activation_spectroscopy(p, plain.target) for p in (plain.patterns, more))
    assert same_numbers(a, b)
    assert b.constant_units == (8,)
    assert dict(zip(b.subsets, b.equivalents, strict=True)) == {(0, 1): ((0, 9),), (2,): ((10,),)}
    assert a.equivalents == ((), ())


@pytest.mark.compiled
def test_near_duplicates_are_listed_and_not_reported():
    rng = np.random.default_rng(0)
    X = rng.choice([-1, 1], (4000, 6))
    X[:, 5] = X[:, 0] * np.where(rng.random(4000) < 0.02, -1, 1)
    found = activation_spectroscopy(Patterns.from_signs(X), X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=4000))
    assert found.subsets == ((0, 1),)
    assert found.equivalents == (((1, 5),),)


@pytest.mark.compiled
def test_a_seed_gives_the_same_bits_on_any_number_of_threads(monkeypatch):
    problem = synthetic.planted(30, [(0, 1), (2,), (3, 4, 5)], [1, 1, 1], samples=2000, noise=1, bias=0.4, seed=0)
    answers = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("ACTSPEC_THREADS", threads)
        answers.append(activation_spectroscopy(problem.patterns, problem.target, seed=7))
    assert same_numbers(answers[0], answers[1]) and same_numbers(answers[0], answers[2])
    other = activation_spectroscopy(problem.patterns, problem.target, seed=8)
    assert same_numbers(answers[0], other)  # all samples take part; the seed decides which judge the share of variance
    assert other.explained_variance != answers[0].explained_variance


@pytest.mark.compiled
def test_pure_noise_reports_nothing():
    # Bonferroni at 0.05 over hundreds of subsets: 3 or more of 60 runs would be a sign of a fault
    reports = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        X = rng.choice([-1, 1], (300, 15), p=[0.2, 0.8])
        reports += len(activation_spectroscopy(Patterns.from_signs(X), rng.standard_t(3, 300), max_degree=2)) > 0
    assert reports <= 2


def test_the_truth_is_predicted():
    problem = synthetic.planted(6, [(0, 1), (3,)], [1.0, 2.0], samples=500, seed=0)
    found = activation_spectroscopy(problem.patterns, problem.target + 5)
    assert found.predict(problem.patterns) == pytest.approx(problem.target + 5)
    assert found.explained_variance == pytest.approx(1.0)
    assert found.intercept == pytest.approx(5.0)


def test_units_that_never_change_are_allowed():
    found = activation_spectroscopy(Patterns.from_signs(np.ones((60, 3), int)), np.arange(60.0))
    assert found.subsets == () and found.constant_units == (0, 1, 2)
    assert "3 units never change" in found.summary(full=True)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"max_degree": 0}, "max_degree=0; give a whole number, 1 or more"),
        ({"top": 2.5}, "top=2.5; give a whole number, 1 or more"),
        ({"rho_max": 0.0}, "rho_max=0"),
        ({"alpha": 1.0}, "alpha=1"),
        ({"search": "magic"}, "use one of auto, exhaustive, block, best-first, beam"),
        ({"split": 1.0}, "split=1"),
        ({"split": 0.99}, "leave 99 to search on and 1 to judge on"),
        ({"search": "exhaustive", "max_degree": 9}, "takes at most 8"),
    ],
)
def test_settings_out_of_range_are_refused(settings, sentence):
    problem = synthetic.planted(12, [(0,)], [1.0], samples=100, noise=1, seed=0)
    with pytest.raises(ValueError, match=sentence):
        activation_spectroscopy(problem.patterns, problem.target, **settings)


def test_targets_that_do_not_fit_are_refused():
    patterns = Patterns.from_signs(np.ones((50, 2), int))
    with pytest.raises(ValueError, match="for all 50 samples"):
        activation_spectroscopy(patterns, np.ones(50))
    with pytest.raises(ValueError, match="the patterns hold 50 samples"):
        activation_spectroscopy(patterns, np.ones(49))
    with pytest.raises(ValueError, match="nan at sample 0"):
        activation_spectroscopy(patterns, np.full(50, np.nan))


def test_columns_of_a_frame_name_the_units():
    pandas = pytest.importorskip("pandas")
    A = np.random.default_rng(0).normal(size=(300, 3))
    y = np.sign(A[:, 0]) * np.sign(A[:, 2])
    frame = pandas.DataFrame(A, columns=["edge", "curl", "dot"])
    for basis in ("signs", "continuous"):
        found = activation_spectroscopy(frame, y, max_degree=2, basis=basis)
        assert found.unit_names == ("edge", "curl", "dot") and found.label((0, 2)) == "{edge, dot}"
    assert activation_spectroscopy(A, y, max_degree=2).unit_names is None
    with pytest.raises(ValueError, match="masked array"):
        activation_spectroscopy(np.ma.masked_less(A, -3), y, max_degree=2)


@pytest.mark.compiled
def test_tables_that_people_keep_give_the_plain_answer():
    torch, sparse = pytest.importorskip("torch"), pytest.importorskip("scipy.sparse")
    A = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32).clip(0)
    y = (A[:, 0] > 0) * (A[:, 1] > 0) + 0.2 * np.random.default_rng(1).normal(size=300)
    plain = activation_spectroscopy(A, y, max_degree=2)
    tensor = torch.from_numpy(A).requires_grad_()
    for table, target in (
        (sparse.csr_matrix(A), y),
        (tensor, torch.from_numpy(y).requires_grad_()),
        (tensor.to(torch.bfloat16), list(y)),
    ):
        found = activation_spectroscopy(table, target, max_degree=2)
        assert found.subsets == plain.subsets and np.array_equal(found.coefficients, plain.coefficients)


@pytest.mark.once
def test_work_is_cancelled_wherever_it_is():
    """In the search, among classes, families and held-out samples: progress rises, and nothing is returned after."""
    problem = synthetic.planted(8, [(0, 1), (2,)], [1.0, 0.5], samples=300, noise=0.5, seed=0)
    seen = []
    activation_spectroscopy(problem.patterns, problem.target, progress=lambda *now: seen.append(now[0] / now[1]))
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(seen) > 40
    for calls in range(0, len(seen), len(seen) // 8):
        left = [calls]

        def stop(done, total, left=left):
            left[0] -= 1
            if left[0] < 0:
                raise Cancelled

        with pytest.raises(Cancelled):
            activation_spectroscopy(problem.patterns, problem.target, progress=stop)
