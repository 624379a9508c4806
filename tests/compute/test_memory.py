"""What is absurdly large is cut to what there is, or refused with its size before any of it is allocated."""

import tracemalloc
from unittest.mock import patch

import numpy as np
import pytest

from actspec_widgets import (
    Patterns,
    activation_spectroscopy,
    beam,
    best_first,
    coactive,
    distributedness,
    experiment,
    explain,
    goldreich_levin,
    scan,
    sparse_transform,
    walsh_hadamard,
)
from actspec_widgets.compute.effects.proposals import standardised

RNG = np.random.default_rng(0)
SIGNS = RNG.choice([-1, 1], (200, 8))
PATTERNS, Y = Patterns.from_signs(SIGNS), SIGNS[:, 0] * SIGNS[:, 1] + RNG.normal(size=200)
ACTIVE = Patterns.from_signs(RNG.random((200, 8)) < 0.2)
MANY = Patterns(RNG.integers(0, 2**64, (2000, 8), dtype=np.uint64), 512)
RARE = Patterns.from_signs(RNG.random((10**4, 1000), np.float32) < 0.01)
ENDLESS = 10**12


def of_two(a):
    return a[:, 0] * a[:, 1] + a[:, 2]


@pytest.mark.compiled
@pytest.mark.parametrize(
    "ask, listed",
    [
        (lambda: scan(PATTERNS, Y, max_degree=2, top=ENDLESS), 36),
        (lambda: coactive(ACTIVE, Y, max_degree=2, top=ENDLESS), 36),
        (lambda: best_first(PATTERNS, Y, max_degree=2, top=ENDLESS), 36),
        (lambda: beam(PATTERNS, Y, max_degree=2, top=ENDLESS, width=ENDLESS), 36),
        (lambda: activation_spectroscopy(PATTERNS, Y, top=ENDLESS, max_degree=ENDLESS), None),
        (lambda: explain(lambda x: of_two(1.0 * x), np.ones(3, int), top=ENDLESS), 2),
        (
            lambda: activation_spectroscopy(
                experiment(of_two, activations=SIGNS, threshold=0, draws=2000), max_degree=2, top=ENDLESS
            ),
            None,
        ),
    ],
)
def test_a_list_is_no_longer_than_there_are_subsets(ask, listed):
    found = ask()
    assert len(found.subsets) == listed if listed else len(found.subsets) > 0


TOO_MUCH = {
    "list": (lambda: scan(MANY, RNG.normal(size=512), max_degree=2, top=10**6), "a list of 1,000,000 subsets"),
    "target": (
        lambda: scan(Patterns.from_signs(RNG.random((10**5, 2)) < 0.5), np.arange(1e5), max_degree=1),
        "the screen of 2 units on 100,000 samples",
    ),
    "experiment": (
        lambda: experiment(of_two, activations=SIGNS, threshold=0, draws=ENDLESS),
        "an experiment of 1,000,000,000,000 draws of 8 units",
    ),
    "distributedness": (
        lambda: distributedness(of_two, activations=SIGNS, draws=ENDLESS),
        "1,000,000,000,000 draws of 8 units and 1 outputs",
    ),
    "outputs": (
        lambda: distributedness(lambda a: np.repeat(a[:, :1], 10**4, axis=1), activations=SIGNS),
        "draws of 8 units and 10,000 outputs",
    ),
    "units": (
        lambda: activation_spectroscopy(MANY, RNG.normal(size=512), basis="biased", units=range(1990)),
        "the search among 1,990 units on 512 samples with basis='biased'",
    ),
    "lists": (
        lambda: scan(RARE, np.arange(1e4), max_degree=2),
        "lists of [0-9]+,[0-9]+ active units",
    ),
    "halves": (lambda: activation_spectroscopy(PATTERNS, Y, halves=ENDLESS), "1,000,000,000,000 half-samples of 200"),
    "table": (lambda: walsh_hadamard(np.broadcast_to(np.float32(0), 2**28)), "the table of coefficients"),
    "words": (
        lambda: explain(lambda x: 1.0 * x[:, 0], np.ones(500, int), top=10**6, max_queries=ENDLESS),
        "a hash of the subsets of 500",
    ),
    "hashes": (lambda: sparse_transform(lambda x: 1.0 * x[:, 0], 500, sparsity=10**6), "a hash of the subsets of 500"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_does_not_fit_is_refused_with_its_size_before_it_is_allocated(name):
    ask, what = TOO_MUCH[name]
    with (
        patch("actspec_widgets.compute.memory._UNASKED", 0),
        patch("actspec_widgets.compute.memory.available_bytes") as free,
    ):
        free.return_value = 2**20
        tracemalloc.start()
        with pytest.raises(MemoryError, match=rf"{what}.* needs [\d.]+ GiB and 0\.00 GiB are available; [a-z]"):
            ask()
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert taken < 2**24  # some megabytes of inputs, and nothing of what is asked for


def test_states_of_an_experiment_are_refused_where_they_do_not_fit():
    made = experiment(of_two, activations=SIGNS, threshold=0, draws=2000)
    with (
        patch("actspec_widgets.compute.memory._UNASKED", 0),
        patch("actspec_widgets.compute.memory.available_bytes", return_value=1000),
        pytest.raises(MemoryError, match=r"the states of 8 units in 2,000 draws needs .*; take fewer draws"),
    ):
        standardised(made)


def test_so_many_units_that_their_points_would_fill_the_memory_are_refused_before_one_is_made():
    tracemalloc.start()
    with pytest.raises(ValueError, match="n_units=1000000 is too many; up to 16,383"):
        goldreich_levin(lambda x: x[:, 0], 10**6, tau=0.5)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()
    with pytest.raises(ValueError, match="there are 2\\*\\*40 values; the largest table taken is 2"):
        walsh_hadamard(np.broadcast_to(np.float32(0), 2**40))
    with pytest.raises(ValueError, match="too many to hold in a list; give 10,000,000 or fewer"):
        scan(MANY, np.arange(512.0), max_degree=3, top=ENDLESS)
