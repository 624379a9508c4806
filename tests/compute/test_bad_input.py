"""What is no recording, no target or no count is refused in one sentence, by every function that takes it."""

import numpy as np
import pytest

from actspec_widgets import Patterns
from actspec_widgets.compute import (
    beam,
    best_first,
    block_spectrum,
    character_means,
    exact_relations,
    parity_groups,
    scan,
    scan_targets,
    walsh_hadamard,
)

X = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (40, 4))
Y = np.random.default_rng(1).normal(size=40)

TAKE_BOTH = {
    "scan": lambda p, y: scan(p, y, max_degree=2),
    "scan_targets": lambda p, y: scan_targets(p, y[:, None], max_degree=2),
    "beam": lambda p, y: beam(p, y),
    "best_first": lambda p, y: best_first(p, y),
    "block_spectrum": lambda p, y: block_spectrum(p, y, units=[0, 1]),
    "character_means": lambda p, y: character_means(p, y, [(0,)]),
    "parity_groups": lambda p, y: parity_groups(p, y, (0, 1)),
}


@pytest.mark.parametrize("name", TAKE_BOTH)
@pytest.mark.parametrize("table", [X, X.tolist(), None])
def test_a_table_is_not_taken_for_patterns(name, table):
    with pytest.raises(
        TypeError, match=r"patterns came as .*give Patterns\.from_signs\(signs\), or Patterns\.from_act"
    ):
        TAKE_BOTH[name](table, Y)


def test_relations_are_of_patterns():
    with pytest.raises(TypeError, match="patterns came as ndarray"):
        exact_relations(X)


@pytest.mark.parametrize("name", TAKE_BOTH)
def test_masked_and_complex_targets_are_refused(name):
    patterns = Patterns.from_signs(X)
    with pytest.raises(ValueError, match="masked array"):
        TAKE_BOTH[name](patterns, np.ma.masked_less(Y, 0))
    with pytest.raises(ValueError, match="dtype complex128"):
        TAKE_BOTH[name](patterns, Y + 1j)


@pytest.mark.parametrize("name", TAKE_BOTH)
def test_a_target_may_be_a_tensor_with_a_gradient(name):
    torch = pytest.importorskip("torch")
    patterns = Patterns.from_signs(X)
    given, plain = (TAKE_BOTH[name](patterns, y) for y in (torch.tensor(Y, requires_grad=True), Y))
    assert np.array_equal(getattr(given, "values", 0), getattr(plain, "values", 0))


def test_values_of_a_function_may_be_a_tensor_and_may_not_be_masked():
    torch = pytest.importorskip("torch")
    table = np.arange(8.0)
    assert np.array_equal(walsh_hadamard(torch.tensor(table, requires_grad=True)), walsh_hadamard(table))
    with pytest.raises(ValueError, match="masked array"):
        walsh_hadamard(np.ma.masked_equal(table, 3))
