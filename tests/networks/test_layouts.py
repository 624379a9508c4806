"""Which axis holds the units is told by the layers, or asked for; the model is shared without harm."""

import threading

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, record  # noqa: E402


class ChannelsLast(nn.Module):
    """Blocks of (batch, height, width, channels) between convolutions, as windowed transformers have them."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.up, self.act, self.down = nn.LayerNorm(6), nn.Linear(6, 9), nn.GELU(), nn.Linear(9, 6)

        def forward(self, x):
            return x + self.down(self.act(self.up(self.norm(x))))

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.patches, self.act = nn.Conv2d(3, 6, 2, stride=2), nn.ReLU()
        self.block, self.head = self.Block(), nn.Linear(6, 2)

    def forward(self, x):
        x = self.act(self.patches(x)).permute(0, 2, 3, 1)
        return self.head(self.block(x).mean((1, 2)))


class ChannelNorm(nn.LayerNorm):
    """A layer norm over channels that come first, as some libraries have it."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


@pytest.mark.parametrize(
    ("layer", "axis", "units"), [("block", 3, 6), ("block.act", 3, 9), ("act", 1, 6), ("patches", 1, 6)]
)
def test_the_layers_around_tell_the_axis_of_units(layer, axis, units):
    recording = record(ChannelsLast(), layer, torch.randn(5, 3, 8, 10), output=0)
    assert recording.activations.shape == (5, units) and recording.layout.unit_axis == axis
    assert f"samples along axis 0, units along axis {axis}, positions along axes" in str(recording.layout)


def test_a_norm_over_channels_first_is_read_by_its_width():
    model = nn.Sequential(nn.Conv2d(3, 6, 2), ChannelNorm(6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    assert record(model, "1", torch.randn(5, 3, 8, 10), output=0).activations.shape == (5, 6)


def test_an_activation_after_a_convolution_over_time_has_channels_as_units():
    model = nn.Sequential(nn.Conv1d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2))
    assert record(model, "1", torch.randn(6, 2, 5), output=0).activations.shape == (6, 3)


def test_where_nothing_tells_the_axis_it_is_asked_for():
    model = nn.Sequential(nn.Unflatten(1, (2, 3, 4)), nn.Identity(), nn.Flatten(), nn.Linear(24, 2))
    x = torch.randn(6, 24)
    with pytest.raises(ValueError, match=r"layer '1' gives shape \(6, 2, 3, 4\), and nothing tells.*unit_axis=1"):
        record(model, "1", x, output=0)
    assert record(model, "1", x, output=0, unit_axis=-1).activations.shape == (6, 4)
    assert record(model, "1", x, output=0, pool="flatten").activations.shape == (6, 24)


def test_images_of_equal_height_width_and_channels_are_told_by_the_kind():
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))
    x = torch.randn(6, 3, 4, 4)
    for layer in ("0", "1"):
        recording = record(model, layer, x, output=0)
        assert recording.layout.unit_axis == 1


def test_token_ids_are_no_activations():
    for model, inputs in ((models.Text(), torch.randint(0, 11, (6, 5))), (models.Encoder(), models.sentences(6, 5))):
        with pytest.raises(ValueError, match="token ids, which are names and not numbers; record the embedding"):
            record(model, "input", inputs, output=0)
        with pytest.raises(ValueError, match="token ids"):
            SubNetwork(model, "input", inputs, 0)


def test_whole_numbers_that_are_no_ids_are_activations():
    model = nn.Sequential(nn.Linear(3, 2)).to(torch.float64)
    whole = torch.randint(0, 9, (6, 3))
    model.register_forward_pre_hook(lambda module, args: (args[0].double(),))
    np.testing.assert_array_equal(record(model, "input", whole, output=0).activations, whole)


def test_threads_take_turns_with_a_model():
    model, x = models.mlp().train(), torch.randn(300, 6)
    model[2].eval()
    modes = [module.training for module in model.modules()]
    expected = record(model, "1", x, output=0)
    front = model[:3]  # another module around the same layers
    failures = []

    def work(seed):
        try:
            for _ in range(15):
                got = record(model if seed % 2 else front, "1", x, output=0, batch_size=50)
                np.testing.assert_allclose(got.activations, expected.activations, rtol=1e-5, atol=1e-6)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures and [module.training for module in model.modules()] == modes


def test_an_answer_may_ask_the_same_model_again():
    model, x = models.mlp(), torch.randn(10, 6)
    outer = record(model, "1", x, output=lambda out: out[:, 0] + record(model, "1", x[:2], output=0).target.sum())
    inner = record(model, "1", x, output=0).target
    np.testing.assert_allclose(outer.target, inner + inner[:2].sum(), rtol=1e-5)
