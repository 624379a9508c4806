"""Samples that belong together: neither taken for separate ones, nor torn apart."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_inference
from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.compute.inference.groups import Groups
from actspec_widgets.compute.method.characters import Signs
from actspec_widgets.compute.method.parts import split_samples


def together(seed, count=40, size=12, n=10, share=0.9):
    """Units that go together within groups, and the group of each sample."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(count), rng.integers(size // 2, size * 3 // 2, count))
    mixed = np.sqrt(share) * rng.normal(size=(count, n))[labels] + np.sqrt(1 - share) * rng.normal(
        size=(labels.size, n)
    )
    return rng, np.where(mixed > 0, 1, -1), labels


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_design_effects_are_the_definition(seed):
    rng, X, labels = together(seed, count=8, size=6, n=4)
    y = rng.normal(size=labels.size) + rng.normal(size=8)[labels]
    groups = Groups(labels)
    groups.measure(y)
    assert groups.share == pytest.approx(naive_inference.intraclass(y.tolist(), labels.tolist()))
    subsets = [s for s in ((0,), (1, 2), (0, 1, 3)) if np.ptp(X[:, s].prod(axis=1))]
    spread = groups.spread(Signs(Patterns.from_signs(X)), subsets)
    columns = naive_inference.columns(X, subsets)
    assert spread == pytest.approx([naive_inference.spread(column.tolist(), labels.tolist()) for column in columns])


@given(st.integers(0, 10_000), st.floats(0.3, 0.9))
@settings(max_examples=25)
def test_a_split_keeps_groups_whole_and_comes_as_close_to_its_share_as_they_allow(seed, share):
    rng = np.random.default_rng(seed)
    labels = np.unique(rng.integers(0, 30, 400), return_inverse=True)[1]
    first, second = split_samples(400, share, seed, labels)
    assert not set(labels[first]) & set(labels[second])
    assert sorted([*first, *second]) == list(range(400))
    assert abs(len(first) - 400 * share) <= np.bincount(labels).max()


@pytest.mark.compiled
@pytest.mark.parametrize("share", [0.5, 1.0])
def test_noise_that_is_the_same_within_groups_is_not_reported(share):
    reported = {True: 0, False: 0}
    for seed in range(12):
        rng, X, labels = together(seed, share=share)
        y = rng.normal(size=40)[labels] + 0.1 * rng.normal(size=labels.size)
        for known in reported:
            groups = labels if known else None
            reported[known] += len(activation_spectroscopy(Patterns.from_signs(X), y, groups=groups, max_degree=2)) > 0
    assert reported[True] <= 2 < 10 <= reported[False]


def test_a_target_constant_within_all_groups_is_still_told():
    rng, X, labels = together(0, count=120, share=0.95)
    first = np.array([X[labels == g, 0].mean() for g in range(120)])
    y = (first + 0.3 * rng.normal(size=120))[labels]
    found = activation_spectroscopy(Patterns.from_signs(X), y, groups=labels, max_degree=2)
    assert found.subsets == ((0,),) and found.n_groups == 120


@pytest.mark.compiled
def test_labels_of_any_kind_and_order_give_the_same_answer():
    rng, X, labels = together(1, count=60)
    y = X[:, 0] + 0.5 * X[:, 1] * X[:, 2] + rng.normal(size=labels.size) + rng.normal(size=60)[labels]
    plain = activation_spectroscopy(Patterns.from_signs(X), y, groups=labels, max_degree=2)
    words = activation_spectroscopy(Patterns.from_signs(X), y, groups=[f"g{g:03d}" for g in labels], max_degree=2)
    assert plain.subsets == words.subsets and np.array_equal(plain.standard_errors, words.standard_errors)
    assert (0,) in plain.subsets


def test_few_groups_are_warned_about_with_the_smallest_effect():
    rng, X, labels = together(0, count=12)
    y = 3 * rng.normal(size=labels.size)
    with pytest.warns(UserWarning, match=r"in 12 groups.* has to reach about [\d.]+ to be seen"):
        activation_spectroscopy(Patterns.from_signs(X), y, groups=labels, max_degree=1)
    rng, X, labels = together(0, count=20)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        activation_spectroscopy(Patterns.from_signs(X), rng.normal(size=labels.size), groups=labels, max_degree=1)


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        (np.zeros(300), "into one group"),
        (np.arange(299), "give one label for each sample"),
        (np.arange(300) // 200, "more than half"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, sentence):
    X = np.random.default_rng(0).choice([-1, 1], (300, 3))
    with pytest.raises(ValueError, match=sentence):
        activation_spectroscopy(Patterns.from_signs(X), X[:, 0] + 0.0, groups=groups)
