"""Answers batch by batch: the same whatever the batches, on a twin too; some rows run twice where batches are many."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets import SubNetwork  # noqa: E402
from actspec_widgets.networks.answers import _batches  # noqa: E402


@pytest.fixture
def rest():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    return SubNetwork(model, "1", torch.randn(40, 6), 0, batch_size=16)


def test_many_rows_come_in_batches_of_few_sizes_and_each_once():
    rows = np.arange(1000, 1000 + 700)
    parts = list(_batches(rows, 300, many=True))
    assert np.concatenate([part for part, _ in parts]).tolist() == rows.tolist()
    assert {len(run) for _, run in parts} == {384, 128}  # multiples of 128; what is run twice begins anew
    assert all((run[: len(part)] == part).all() for part, run in parts)
    assert [len(run) for _, run in _batches(rows[:5], 300, many=False)] == [5]


def test_batches_change_no_answer_and_every_row_is_counted_once(rest):
    signs = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (700, 5))
    whole = rest.query(signs)
    assert rest.queries == 700
    apart = np.concatenate([rest.query(part) for part in np.array_split(signs, 60)])
    np.testing.assert_allclose(whole, apart, rtol=1e-5)
    assert rest.queries == 1400


def test_a_twin_on_a_device_may_have_a_twin(rest):
    signs = np.array([[1, -1, 1, 1, -1], [-1, 1, 1, -1, 1]], np.int8)
    expected = rest.query(signs)
    with rest.on("cpu") as twin, twin.on("cpu") as inner:
        np.testing.assert_array_equal(inner.query(signs), expected)
    assert rest.queries == 4
