"""The rest of a network as a function of on/off patterns."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import Patterns, SubNetwork, record  # noqa: E402
from actspec_widgets.datasets import binarise, load_example, load_mnist  # noqa: E402
from actspec_widgets.networks import DigitsClassifier  # noqa: E402


def hooks_on(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


def by_hand(rest, points, active, inactive):
    """The rest of a network at each pattern, written from the definition."""
    with torch.no_grad():
        return np.array([rest(torch.tensor(np.where(x > 0, active, inactive)[None]).float()).item() for x in points])


@pytest.fixture
def points(rng):
    return rng.choice(np.array([-1, 1], np.int8), (30, 5))


def test_input_layer_of_the_digits_classifier_is_the_network_itself():
    model = DigitsClassifier.load(load_example().weights)
    pixels = binarise(load_mnist().x_test)
    query = SubNetwork(model, "input", pixels, 3, batch_size=256)
    expected = record(model, "input", pixels, output=3, batch_size=256).target
    values = query.query(pixels.astype(np.int8))
    assert values.dtype == np.float64
    np.testing.assert_array_equal(values, expected)
    assert query.n_units == 784 and query.queries == len(pixels)


def test_hidden_layer_gets_its_mean_when_active_and_when_inactive(points):
    model, x = models.mlp().eval(), torch.randn(200, 6)
    query = SubNetwork(model, "0", x, 1)
    A = record(model, "0", x, output=1).activations.astype(np.float64)
    on = A > 0
    active = np.where(on, A, 0).sum(0) / on.sum(0)
    inactive = np.where(~on, A, 0).sum(0) / (~on).sum(0)
    np.testing.assert_allclose(query.active_values, active[None], rtol=1e-12)
    np.testing.assert_allclose(query.inactive_values, inactive[None], rtol=1e-12)
    expected = by_hand(lambda a: model[1:](a)[:, 1], points, active, inactive)
    np.testing.assert_allclose(query(points), expected, rtol=1e-5, atol=1e-6)


def test_batches_do_not_change_the_function(points):
    model, x = models.mlp(), torch.randn(50, 6)
    whole, parts = SubNetwork(model, "1", x, 0), SubNetwork(model, "1", x, 0, batch_size=7)
    np.testing.assert_allclose(whole(points), parts(points), rtol=1e-5, atol=1e-6)
    whole(points[:4])
    assert (whole.queries, parts.queries) == (34, 30)


def test_inactive_zero_is_ablation(points):
    model, x = models.mlp().eval(), torch.randn(200, 6)
    query = SubNetwork(model, "1", x, 0, inactive="zero")
    expected = by_hand(lambda a: model[2:](a)[:, 0], points, query.active_values[0], np.zeros(5))
    np.testing.assert_allclose(query(points), expected, rtol=1e-5, atol=1e-6)


def test_values_can_be_given(points):
    model, x = models.mlp().eval(), torch.randn(20, 6)
    inactive = np.arange(5) / 10
    query = SubNetwork(model, "1", x, 0, active=2.0, inactive=inactive)
    expected = by_hand(lambda a: model[2:](a)[:, 0], points, np.full(5, 2.0), inactive)
    np.testing.assert_allclose(query(points), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("threshold", ["mean", "median", "informative", 0.3, [0.1, 0.2, 0.3, 0.4, 0.5]])
def test_thresholds_are_those_of_patterns(threshold):
    model, x = models.mlp(), torch.randn(100, 6)
    query = SubNetwork(model, "0", x, 0, threshold=threshold)
    A, y = record(model, "0", x, output=0)
    patterns = Patterns.from_activations(A, threshold=threshold, target=y)
    on = patterns.signs() > 0
    for i in range(5):
        assert query.active_values[0, i] == pytest.approx(A[on[:, i], i].mean(dtype=np.float64), rel=1e-9)


def test_units_that_never_change_have_one_value_and_no_influence(points):
    model = models.mlp()
    with torch.no_grad():
        model[0].bias[:2] = torch.tensor([-50.0, 50.0])
    query = SubNetwork(model, "0", torch.randn(100, 6), 0)
    assert query.constant_units == (0, 1)
    np.testing.assert_array_equal(query.active_values[:, :2], query.inactive_values[:, :2])
    flipped = points.copy()
    flipped[:, :2] *= -1
    np.testing.assert_array_equal(query(points), query(flipped))

    ablating = SubNetwork(model, "0", torch.randn(100, 6), 0, inactive="zero")
    assert ablating.active_values[0, 0] == 0 and ablating.active_values[0, 1] > 40
    assert (ablating.inactive_values == 0).all()


def test_each_position_of_a_channel_gets_its_own_means(rng):
    model, x = models.Conv(), torch.randn(40, 1, 8, 8)
    query = SubNetwork(model, "features.2", x, 2, threshold="mean")
    model.eval()
    with torch.no_grad():
        maps = model.features(x).double().numpy()
    pooled = maps.mean((2, 3))
    on = pooled > pooled.mean(0)
    active = np.stack([maps[on[:, c], c].mean(0) for c in range(4)])
    inactive = np.stack([maps[~on[:, c], c].mean(0) for c in range(4)])
    np.testing.assert_allclose(query.active_values, active.reshape(4, 36).T, rtol=1e-5)

    points = rng.choice(np.array([-1, 1], np.int8), (10, 4))
    maps = np.where((points > 0)[:, :, None, None], active, inactive)
    with torch.no_grad():
        expected = model.head(torch.from_numpy(maps).float().flatten(1))[:, 2]
    np.testing.assert_allclose(query(points), expected, rtol=1e-4, atol=1e-6)


def test_flattened_channels_have_a_unit_for_every_position(rng):
    model, x = models.Conv().eval(), torch.randn(40, 1, 8, 8)
    query = SubNetwork(model, "features.1", x, 2, pool="flatten")
    points = rng.choice(np.array([-1, 1], np.int8), (10, 144))
    values = np.where(points > 0, query.active_values, query.inactive_values)
    with torch.no_grad():
        expected = model.head(torch.from_numpy(values).float().relu())[:, 2]
    np.testing.assert_allclose(query(points), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layer", ["block", "block.linear1", "block.self_attn"])
def test_transformer_layers_can_be_queried(layer, rng):
    model, tokens = models.Text(), torch.randint(0, 11, (60, 5))
    query = SubNetwork(model, layer, tokens, 1, threshold="median")
    values = query(rng.choice(np.array([-1, 1], np.int8), (20, query.n_units)))
    assert query.active_values.shape == (5, query.n_units)
    assert len(np.unique(values)) > 1


def test_transformer_block_by_hand(rng):
    model, tokens = models.Text(), torch.randint(0, 11, (60, 5))
    query = SubNetwork(model, "block", tokens, 1)
    points = rng.choice(np.array([-1, 1], np.int8), (20, 8))
    values = np.where((points > 0)[:, None, :], query.active_values, query.inactive_values)
    with torch.no_grad():
        expected = model.head(torch.from_numpy(values).float().mean(1))[:, 1]
    np.testing.assert_allclose(query(points), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("batch_first", [True, False])
def test_first_of_several_outputs_is_replaced(batch_first, rng):
    model, x = models.Recurrent(batch_first), torch.randn(50, 5, 3)
    query = SubNetwork(model, "lstm", x, 0)
    points = rng.choice(np.array([-1, 1], np.int8), (20, 4))
    last = np.where(points > 0, query.active_values[-1], query.inactive_values[-1])
    with torch.no_grad():
        expected = model.head(torch.from_numpy(last).float())[:, 0]
    np.testing.assert_allclose(query(points), expected, rtol=1e-4, atol=1e-6)


def test_what_bypasses_the_layer_sees_the_base(rng):
    model, x = models.Residual(), torch.randn(30, 3)
    points = rng.choice(np.array([-1, 1], np.int8), (6, 4))
    values = {base: SubNetwork(model, "layer", x, 0, base=base)(points) for base in (0, 17)}
    with torch.no_grad():
        around = model.bypass(x)[:, 0]
    np.testing.assert_allclose(values[17] - values[0], (around[17] - around[0]).repeat(6), rtol=1e-4, atol=1e-5)


def test_other_inputs_stay_those_of_the_base(rng):
    model, tokens, scale = models.Text(), torch.randint(0, 11, (20, 5)), torch.linspace(0.0, 1.0, 20)
    points = rng.choice(np.array([-1, 1], np.int8), (6, 8))
    # At scale 0 only the bias of the head is left.
    silent = SubNetwork(model, "block", {"tokens": tokens, "scale": scale}, 1, base=0)
    np.testing.assert_allclose(silent(points), np.full(6, model.head.bias[1].item()), rtol=1e-6)
    assert np.ptp(SubNetwork(model, "block", (tokens, scale), 1, base=19)(points)) > 0


def test_inputs_may_come_in_batches_even_shuffled_or_once():
    model, x = models.mlp(), torch.randn(40, 6)
    expected = SubNetwork(model, "1", x, 0)
    loader = torch.utils.data.DataLoader(x, batch_size=8, shuffle=True)
    for inputs in (loader, (part for part in x.split(8))):
        np.testing.assert_allclose(SubNetwork(model, "1", inputs, 0).active_values, expected.active_values, rtol=1e-6)


def test_model_comes_back_as_it_was_also_after_an_error():
    model = models.Awkward().train()
    model.frozen.eval()
    modes = [m.training for m in model.modules()]
    query = SubNetwork(model, "relu", torch.randn(20, 3), 0)
    assert [m.training for m in model.modules()] == modes and hooks_on(model) == 0
    model.fail_at = model.calls + 2  # the first query remembers what comes before the layer, then runs the model
    with pytest.raises(RuntimeError, match="the model itself failed"):
        query([[1, -1, 1]])
    assert [m.training for m in model.modules()] == modes and hooks_on(model) == 0
    assert query.queries == 0
    assert query([[1, -1, 1]]).shape == (1,)


def test_queries_leave_gradients_and_inputs_alone():
    model, x = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 2)), torch.randn(10, 3)
    before = x.clone()
    query = SubNetwork(model, "input", x, 0)
    query([[1, -1, 1]])
    assert torch.equal(x, before) and torch.is_grad_enabled()
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ([[1, -1]], r"points have shape \(1, 2\) for 5 units of layer '1'; give \(k, 5\)"),
        ([[1, -1, 0, 1, 1]], "only -1 and \\+1 fit"),
        ([1, -1, 1, 1, 1], "shape"),
        (np.zeros((0, 5), np.int8), "at least one"),
    ],
)
def test_wrong_points_get_a_sentence(points, sentence):
    query = SubNetwork(models.mlp(), "1", torch.randn(20, 6), 0)
    with pytest.raises(ValueError, match=sentence):
        query(points)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"base": 20}, r"base=20 is not a sample of the inputs; they hold samples 0\.\.19"),
        ({"base": -1}, "base=-1"),
        ({"inactive": "median"}, "inactive='median' is not a rule"),
        ({"active": [1.0, 2.0]}, r"active has shape \(2,\) for 5 units"),
        ({"active": np.nan}, "active holds NaN"),
        ({"threshold": "odd"}, "threshold='odd'"),
        ({"threshold": [0.0, 1.0]}, "5 units"),
    ],
)
def test_wrong_settings_get_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        SubNetwork(models.mlp(), "1", torch.randn(20, 6), 0, **settings)


def test_layer_and_output_are_checked_as_in_record():
    with pytest.raises(ValueError, match=r"does not exist in this Sequential"):
        SubNetwork(models.mlp(), "9", torch.randn(20, 6), 0)
    with pytest.raises(ValueError, match=r"use 0\.\.2"):
        SubNetwork(models.mlp(), "1", torch.randn(20, 6), 3)


def test_overflow_is_noticed():
    model = models.mlp()
    query = SubNetwork(model, "1", torch.randn(20, 6), 0)
    with torch.no_grad():
        model[3].bias[0] = float("nan")
    with pytest.raises(ValueError, match="the network answers nan at point 0"):
        query([[1, 1, 1, 1, 1]])


def test_positions_that_some_sequences_lack_have_the_means_of_the_others():
    model, batches = models.Text(), [torch.randint(0, 11, (4, 5)), torch.randint(0, 11, (300, 6))]
    query = SubNetwork(model, "block", batches, 0)
    np.testing.assert_array_equal(query.lengths, [5] * 4 + [6] * 300)
    model.eval()
    with torch.no_grad():
        outs = [model.block(model.embed(part)).double() for part in batches]
    pooled = torch.cat([out.mean(1) for out in outs])
    on = pooled > 0
    np.testing.assert_allclose(query.active_values[5], [outs[1][on[4:, i], 5, i].mean() for i in range(8)])
    first = torch.cat([out[:, 0] for out in outs])
    np.testing.assert_allclose(query.active_values[0], [first[on[:, i], i].mean() for i in range(8)])


def test_repr_says_what_it_is():
    query = SubNetwork(models.mlp(), "1", torch.randn(20, 6), 0)
    assert repr(query) == "SubNetwork(Sequential, layer='1', 5 units, 0 queries)"
