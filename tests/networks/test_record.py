"""Recording a layer: the numbers are those of a plain forward pass, and the model comes back as it was."""

from unittest.mock import patch

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import Cancelled, record  # noqa: E402


def plain(model, x, batch_size=1024, **kwargs):
    """A forward pass in evaluation mode, written without the package."""
    was = model.training
    model.eval()
    with torch.no_grad():
        out = [model(part, **kwargs) for part in x.split(batch_size)]
    model.train(was)
    return torch.cat(out).numpy()


def hooks_on(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


def state_of(model):
    return [(m.training, len(m._forward_hooks)) for m in model.modules()]


def same(a, b):
    assert a.shape == b.shape and a.dtype == b.dtype
    assert a.tobytes() == b.tobytes()


def test_mlp_is_bit_identical_to_a_plain_forward_pass():
    model, x = models.mlp().train(), torch.randn(50, 6)
    activations, target = record(model, "1", x, output=2, batch_size=16)
    same(target, plain(model, x, 16)[:, 2].copy())
    same(activations, plain(model[:2], x, 16))
    assert model.training and hooks_on(model) == 0


def test_input_layer_is_the_input_itself():
    model, x = models.mlp(), torch.randn(7, 6)
    activations, target = record(model, "input", x, output=0)
    same(activations, x.numpy())
    same(target, plain(model, x)[:, 0].copy())


def test_a_layer_called_input_goes_before_the_input():
    model = nn.Sequential()
    model.add_module("input", nn.Linear(6, 2))
    assert record(model, "input", torch.randn(4, 6), output=0).activations.shape == (4, 2)


def test_double_precision_stays_double():
    model, x = models.mlp().double(), torch.randn(9, 6, dtype=torch.float64)
    activations, target = record(model, "0", x, output=0)
    assert activations.dtype == target.dtype == np.float64
    same(target, plain(model, x)[:, 0].copy())


def test_half_precision_becomes_single_without_rounding():
    model, x = models.mlp().to(torch.bfloat16), torch.randn(9, 6).to(torch.bfloat16)
    _, target = record(model, "0", x, output=0)
    model.eval()
    same(target, model(x)[:, 0].detach().float().numpy())


def test_convolution_units_are_channels_averaged_over_positions():
    model, x = models.Conv().train(), torch.randn(10, 1, 8, 8)
    activations, target = record(model, "features.0", x, output=1)
    maps = plain(model.features[:1], x)
    np.testing.assert_allclose(activations, maps.mean((2, 3)), rtol=1e-5, atol=1e-7)
    same(target, plain(model, x)[:, 1].copy())


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("max", lambda maps: maps.max((2, 3))),
        ("first", lambda maps: maps[:, :, 0, 0]),
        ("last", lambda maps: maps[:, :, -1, -1]),
        ("flatten", lambda maps: maps.reshape(10, -1)),
        (lambda t: t[:, 7], lambda maps: maps[:, :, 1, 1]),
    ],
)
def test_pooling_rules(pool, expected):
    model, x = models.Conv(), torch.randn(10, 1, 8, 8)
    # The ReLU after the recorded batch norm works in place: what is recorded is what the layer gave.
    activations, _ = record(model, "features.1", x, output=0, pool=pool)
    np.testing.assert_array_equal(activations, expected(plain(model.features[:2].eval(), x)))


def test_image_input_is_one_unit_a_pixel():
    model, x = models.Conv(), torch.randn(3, 1, 8, 8)
    same(record(model, "input", x, output=0).activations, x.flatten(1).numpy())


def test_transformer_block_units_are_features():
    model, x = models.Text().train(), torch.randint(0, 11, (12, 5))
    activations, target = record(model, "block", x, output=2, batch_size=5)
    model.eval()
    with torch.no_grad():
        whole = torch.cat([model.block(model.embed(part)) for part in x.split(5)])
        logits = torch.cat([model(part)["logits"] for part in x.split(5)])
    same(activations, whole.mean(1).numpy())
    same(target, logits[:, 2].numpy().copy())


@pytest.mark.parametrize("layer", ["embed", "block.self_attn", "block.linear1", "block.norm2"])
def test_parts_of_a_transformer_block(layer):
    model, x = models.Text(), torch.randint(0, 11, (6, 5))
    activations, _ = record(model, layer, x, output=0, pool="flatten")
    assert activations.shape == (6, 5 * (16 if layer == "block.linear1" else 8))


def test_sequence_first_modules_are_read_along_the_right_axis():
    block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=False)
    model = nn.Sequential()
    model.add_module("block", block)
    # Batch and length are equal: only batch_first can tell them apart.
    x = torch.randn(4, 4, 8)
    activations, _ = record(model, "block", x, output=lambda out: out[0, :, 0])
    block.eval()
    with torch.no_grad():
        same(activations, block(x).mean(0).numpy())


@pytest.mark.parametrize("batch_first", [True, False])
def test_first_of_several_outputs_is_recorded(batch_first):
    model, x = models.Recurrent(batch_first), torch.randn(7, 5, 3)
    activations, _ = record(model, "lstm", x, output=0, pool="last")
    with torch.no_grad():
        out = model.lstm(x if batch_first else x.movedim(0, 1))[0]
    same(activations, (out[:, -1] if batch_first else out[-1]).numpy())


def test_conv1d_units_are_channels_and_unit_axis_can_say_otherwise():
    model = nn.Sequential(nn.Conv1d(2, 3, 2), nn.Flatten(), nn.Linear(12, 2))
    x = torch.randn(6, 2, 5)
    assert record(model, "0", x, output=0).activations.shape == (6, 3)
    assert record(model, "0", x, output=0, unit_axis=-1).activations.shape == (6, 4)


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x.numpy(),
        lambda x: x.numpy().astype(np.float64),
        lambda x: (x,),
        lambda x: {"input": x},
        lambda x: list(x.split(8)),
        lambda x: (part for part in x.split(8)),
        lambda x: torch.utils.data.DataLoader(x, batch_size=8),
        lambda x: [(part,) for part in x.split(8)],
    ],
)
def test_every_form_of_inputs_gives_the_same(form):
    model, x = models.mlp(), torch.randn(20, 6)
    expected = record(model, "1", x, output=0, batch_size=8)
    got = record(model, "1", form(x), output=0, batch_size=8)
    same(got.activations, expected.activations)
    same(got.target, expected.target)


def test_several_inputs_go_by_position_or_by_name():
    model, tokens, scale = models.Text(), torch.randint(0, 11, (6, 5)), torch.rand(6)
    by_name = record(model, "block", {"tokens": tokens, "scale": scale}, output=0, batch_size=4)
    by_position = record(model, "block", (tokens, scale.numpy()), output=0, batch_size=4)
    same(by_name.target, by_position.target)
    assert not np.allclose(by_name.target, record(model, "block", tokens, output=0).target)


def test_read_only_arrays_and_the_callers_data_stay_untouched():
    model = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(6, 2))
    x = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    x.setflags(write=False)
    tensor = torch.randn(5, 6)
    before = tensor.clone()
    record(model, "1", x, output=0)
    record(model, "1", tensor, output=0)
    assert torch.equal(tensor, before)


@pytest.mark.parametrize("form", [lambda x: x, lambda x: list(x.split(8))])
def test_what_a_later_layer_does_in_place_does_not_reach_the_recording(form):
    model, x = nn.Sequential(nn.Linear(6, 5), nn.ReLU(inplace=True), nn.Linear(5, 2)), torch.randn(20, 6)
    activations, _ = record(model, "0", form(x), output=0, batch_size=8)
    same(activations, plain(model[:1], x, 8))
    assert (activations < 0).any()


def test_output_may_be_a_callable():
    model, x = models.mlp(), torch.randn(9, 6)
    logits = plain(model.eval(), x)
    margin = record(model, "1", x, output=lambda out: out[:, 0] - out[:, 1]).target
    same(margin, logits[:, 0] - logits[:, 1])
    same(record(model, "1", x, output=lambda out: out).target, logits)


def test_single_output_model_has_output_0():
    model = nn.Sequential(nn.Linear(6, 1), nn.Flatten(0))
    x = torch.randn(4, 6)
    same(record(model, "0", x, output=0).target, plain(model, x))


def test_progress_counts_samples_and_may_cancel():
    model, x, told = models.Awkward().train(), torch.randn(10, 3), []
    record(model, "relu", x, output=0, batch_size=4, progress=lambda *at: told.append(at))
    assert told == [(4, 10), (8, 10), (10, 10)]

    def stop(done, total):
        raise Cancelled

    before = state_of(model)
    with pytest.raises(Cancelled):
        record(model, "relu", x, output=0, batch_size=4, progress=stop)
    assert state_of(model) == before


def test_each_submodule_keeps_its_own_mode():
    model = models.Awkward().train()
    model.frozen.eval()
    before = state_of(model)
    record(model, "relu", torch.randn(4, 3), output=0)
    assert state_of(model) == before and model.training and not model.frozen.training


def test_no_gradients_are_recorded_and_parameters_still_want_them():
    model = models.mlp()
    record(model, "1", torch.randn(4, 6), output=0)
    assert torch.is_grad_enabled()
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def test_a_failing_model_comes_back_as_it_was():
    model = models.Awkward().train()
    model.frozen.eval()
    before = state_of(model)
    model.fail_at = 2
    with pytest.raises(RuntimeError, match="the model itself failed"):
        record(model, "relu", torch.randn(10, 3), output=0, batch_size=4)
    assert model.calls == 2 and state_of(model) == before and torch.is_grad_enabled()


@pytest.mark.parametrize("to, remedy", [(None, "record bits, to=0.0"), (0.0, "give fewer inputs")])
def test_a_recording_that_would_not_fit_is_refused_at_the_first_batch(to, remedy):
    seen = []
    with (
        patch("actspec_widgets.compute.memory._UNASKED", 0),
        patch("actspec_widgets.compute.memory.available_bytes", return_value=1000),
        pytest.raises(MemoryError, match=rf"layer '0' in .*, 20,000 rows of 7 units, needs .* are available; {remedy}"),
    ):
        record(
            nn.Sequential(nn.Linear(2, 7)), "0", torch.zeros(20_000, 2), output=0, to=to, batch_size=10,
            progress=lambda done, total: seen.append(done),
        )  # fmt: skip
    assert not seen


def test_a_model_spread_over_devices_is_not_gathered():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, device="meta"))
    with pytest.raises(ValueError, match="spread over cpu, meta; leave device=None"):
        record(model, "0", torch.zeros(3, 2), output=0, device="cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device to move the model to")
def test_the_model_returns_to_its_device():
    model, x = models.mlp(), torch.randn(9, 6)
    expected = record(model, "1", x, output=0)
    got = record(model, "1", x, output=0, device="cuda")
    assert {p.device.type for p in model.parameters()} == {"cpu"}
    np.testing.assert_allclose(got.activations, expected.activations, atol=1e-5)
