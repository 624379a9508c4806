"""Experiments: what was resampled, what came of it, and which subsets are said to act jointly."""

from dataclasses import replace

import numpy as np
import pytest

import naive_effects
from actspec_widgets import Cancelled, Experiment, Spectrum, activation_spectroscopy, experiment
from actspec_widgets.compute.effects.joint import joint_effect, superset_importance
from actspec_widgets.compute.effects.rest import Donors, States, as_rest

pytestmark = pytest.mark.compiled  # thousands of draws are scanned

N = 12
RNG = np.random.default_rng(0)
A = np.maximum(RNG.normal(size=(1500, N)) + 0.7 * RNG.normal(size=(1500, 1)), 0)  # units go together
SLOPES = RNG.normal(size=N)


def additive(a):
    return np.sqrt(a + 0.1) @ SLOPES


def both(a):
    return (a[:, 0] > 0) & (a[:, 1] > 0)


def joint(found):
    return {subset for subset, claimed in zip(found.subsets, found.joint, strict=True) if claimed}


@pytest.mark.parametrize("states", ["natural", "balanced"])
def test_draws_are_what_they_say(states):
    made = experiment(lambda a: a @ np.arange(N), activations=A, draws=20_000, states=states, seed=3)
    played, new, old = (table.signs() > 0 for table in (made.in_play, made.new, made.old))
    on = A > 0
    assert (old == on[made.base]).all() and (new[~played] == old[~played]).all()
    assert abs(played.mean() - made.share) < 0.01
    rates = np.full(N, 0.5) if states == "balanced" else on.mean(axis=0)
    assert np.abs((played & new).sum(axis=0) / played.sum(axis=0) - rates).max() < 0.03
    np.testing.assert_allclose(made.means, 2 * rates - 1)
    np.testing.assert_allclose(made.before, A[made.base] @ np.arange(N))
    assert (made.change[~played.any(axis=1)] == 0).all()


@pytest.mark.parametrize("states", ["natural", "balanced"])
def test_a_sum_of_units_has_no_joint_effect_whatever_the_units_do_together(states):
    for seed in range(2):
        made = experiment(additive, activations=A, draws=10_000, states=states, seed=seed)
        assert not joint(activation_spectroscopy(made, max_degree=2, seed=seed))
        kept = replace(made, rest=None)  # as opened from a file: draws estimate what draws proposed
        assert not joint(activation_spectroscopy(kept, max_degree=2, seed=seed))


@pytest.mark.parametrize("states", ["natural", "balanced"])
def test_planted_products_are_found_and_measured(states):
    made = experiment(
        lambda a: additive(a) + 2 * both(a) + 3 * a[:, 2] * a[:, 3] * a[:, 4], activations=A, states=states
    )
    found = activation_spectroscopy(made, max_degree=3, top=40)
    assert {(0, 1), (2, 3), (2, 4), (3, 4), (2, 3, 4)} <= joint(found)
    assert not [s for s in joint(found) if not (set(s) <= {2, 3, 4} or s == (0, 1))]
    at = found.subsets.index((0, 1))
    assert found.coefficients[at] == pytest.approx(0.5) and found.evidence == "resampled"  # an AND is 1/4 per product
    assert found.superset_importance[at] == pytest.approx(4 * rates()[0] * rates()[1], rel=0.2)
    assert 0 < found.explained_variance < 1


def rates():
    """Variance of the state of each unit, as 0 or 1."""
    p = (A > 0).mean(axis=0)
    return p * (1 - p)


def test_an_and_that_acts_only_where_few_units_are_active_is_found():
    rare = A * (RNG.random(A.shape) < 0.4)
    made = experiment(lambda a: additive(a) + 4 * both(a) * ((a > 0).sum(axis=1) <= 4), activations=rare)
    assert (0, 1) in joint(activation_spectroscopy(made, max_degree=2))


def test_an_interaction_whose_sign_changes_is_found_and_never_called_none():
    table = np.c_[A[:, :6], RNG.normal(size=(1500, 40))]

    def f(a):
        return a[:, :6] @ SLOPES[:6] + 2 * both(a) * np.sign(a[:, 6:].sum(axis=1))  # 40 units decide the sign

    made = experiment(f, activations=table, threshold=0, units=range(6), share=0.5)
    found = activation_spectroscopy(made, max_degree=2)
    assert joint(found) == {(0, 1)}
    at = found.subsets.index((0, 1))
    assert abs(found.coefficients[at]) < 0.1 and found.superset_importance[at] > 10 * found.superset_errors[at]


def test_two_experiments_agree_within_their_errors():
    def f(a):
        return additive(a) + a[:, 0] * a[:, 1] * a[:, 2]

    one, two = (
        activation_spectroscopy(experiment(f, activations=A, seed=s, draws=40_000), seed=s, top=40) for s in (1, 2)
    )
    shared = set(one.subsets) & set(two.subsets)
    gaps = [
        (one.coefficients[one.subsets.index(s)] - two.coefficients[two.subsets.index(s)])
        / np.hypot(one.standard_errors[one.subsets.index(s)], two.standard_errors[two.subsets.index(s)])
        for s in shared
    ]
    assert len(shared) >= 12 and np.mean(np.abs(gaps) < 2) > 0.8 and max(map(abs, gaps)) < 5


@pytest.mark.parametrize("subset", [(0,), (1, 2), (0, 1, 2)])
def test_the_effect_of_one_subset_is_that_of_the_definition(subset):
    rng = np.random.default_rng(1)
    table = np.round(rng.normal(size=(5, 3)), 1)
    table[0], table[1] = np.abs(table[0]), -np.abs(table[1])

    def f(a):
        return a[:, 0] + a[:, 0] * np.maximum(a[:, 1], a[:, 2]) + np.sin(3 * a.prod(axis=1))

    on, rest = table > 0, as_rest(f, table)
    effect = joint_effect(rest, States(on, rest.lengths), np.arange(5), subset, 40_000, rng)
    assert abs(effect.mean - naive_effects.joint_effect(f, table, on, subset)) < 5 * effect.error
    weights = naive_effects.component_variances(f, table)
    found = superset_importance(rest, Donors(np.arange(5), rest.lengths), np.arange(3), subset, 40_000, rng)
    assert abs(found.mean - naive_effects.superset_importance(weights, subset)) < 5 * found.error


def test_draws_are_kept_put_together_and_read_again(tmp_path):
    parts = [experiment(lambda a: a[:, 0] * a[:, 1], activations=A, draws=3000, seed=s) for s in (1, 2)]
    whole = Experiment.concatenate(parts)
    assert len(whole) == 6000
    whole.save(tmp_path / "draws.npz")
    again = Experiment.open(tmp_path / "draws.npz")
    for name in ("in_play", "new", "old"):
        assert getattr(again, name) == getattr(whole, name)
    for name in ("change", "before", "base", "means", "thresholds"):
        np.testing.assert_array_equal(getattr(again, name), getattr(whole, name))
    assert again.rest is None and again.units == whole.units
    found = activation_spectroscopy(again, max_degree=2)
    assert (0, 1) in joint(found) and np.isnan(found.superset_importance).all()
    found.save(tmp_path / "found.npz")
    assert Spectrum.load(tmp_path / "found.npz").evidence == "resampled"
    with pytest.raises(ValueError, match="differs from the first in share"):
        Experiment.concatenate([parts[0], experiment(additive, activations=A, draws=100, share=0.2)])
    (tmp_path / "draws.npz").write_bytes((tmp_path / "draws.npz").read_bytes()[:500])
    with pytest.raises(ValueError, match="cannot be read as an experiment"):
        Experiment.open(tmp_path / "draws.npz")


def test_seeds_and_stopping():
    f = lambda a: a[:, 0] * a[:, 1]  # noqa: E731
    one, two, other = (experiment(f, activations=A, draws=2000, seed=s) for s in (5, 5, 6))
    assert (one.change == two.change).all() and not (one.change == other.change).all()
    until = experiment(f, activations=A, until=0.2)
    assert 2 * 1.96 * until.change.std() / (until.share * np.sqrt(len(until))) <= 0.21

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        experiment(f, activations=A, progress=stop)
    assert set(experiment(f, activations=A, base=[3, 4], draws=100).base) == {3, 4}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"states": "odd"}, "states='odd'"),
        ({"share": 0}, "share=0"),
        ({"draws": 1}, "draws=1"),
        ({"draws": 10, "until": 0.1}, "both say when to stop"),
        ({"until": 0}, "until=0"),
        ({"activations": A - 1}, "give threshold="),
        ({"activations": A[:40]}, "both states"),
        ({"base": 99_999}, "no sample"),
        ({"base": 0.5}, "no sample"),
    ],
)
def test_what_does_not_fit_an_experiment_is_refused(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiment(lambda a: a[:, 0], **{"activations": A} | change)


def raises(a):
    raise ZeroDivisionError("in the middle")


def test_a_function_that_answers_badly_is_refused_and_what_it_raises_comes_through():
    rng = np.random.default_rng(0)
    for function, sentence in (
        (lambda a: np.where(a[:, 0] > 0, np.nan, 1.0), "must be finite at every mixture"),
        (lambda a: rng.normal(size=len(a)), "answers the same 16 points differently"),
    ):
        with pytest.raises(ValueError, match=sentence):
            experiment(function, activations=A)
    with pytest.raises(ZeroDivisionError, match="in the middle"):
        experiment(raises, activations=A)
    with pytest.raises(ValueError, match="none of 1 units ever changes"):
        experiment(additive, activations=np.c_[A[:, :11], np.zeros(1500)], units=[11])
    with pytest.raises(ValueError, match="1 sample; resampling takes values from others"):
        experiment(additive, activations=A[:1])


def test_one_sample_or_a_class_as_base_gives_local_answers():
    table = np.c_[A[:, :6], RNG.choice([0.0, 1.0], 1500)]
    gate = table[:, 6] > 0

    def f(a):
        return a[:, :6] @ SLOPES[:6] + 2 * both(a) * np.where(a[:, 6] > 0, 1, -1)

    for base, sign in ((int(np.flatnonzero(gate)[0]), 1), (np.flatnonzero(~gate), -1)):
        made = experiment(f, activations=table, units=range(6), base=base, draws=20_000)
        found = activation_spectroscopy(made, max_degree=2)
        assert joint(found) == {(0, 1)}
        assert found.coefficients[found.subsets.index((0, 1))] == pytest.approx(0.5 * sign)


def test_what_does_not_fit_a_spectrum_of_an_experiment_is_refused():
    with pytest.raises(ValueError, match="gives 3 numbers"):
        experiment(lambda a: a[:, :3], activations=A)
    made = experiment(lambda a: a[:, 0], activations=A, draws=500)
    with pytest.raises(ValueError, match="y= came with an experiment"):
        activation_spectroscopy(made, np.ones(500))
    with pytest.raises(ValueError, match="max_degree=4"):
        activation_spectroscopy(made, max_degree=4)
    with pytest.raises(ValueError, match=r"draws are too few for subsets of . units; make [0-9,]+ or more"):
        activation_spectroscopy(made.take(np.arange(50)))
    with pytest.raises(ValueError, match="did not change"):
        activation_spectroscopy(experiment(lambda a: np.where(a[:, 0] > 1e9, 1.0, 0.0), activations=A, draws=2000))
