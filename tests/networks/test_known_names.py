"""Places in a transformer by the names that TransformerLens and nnterp give them."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks.sites import Site  # noqa: E402


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(6, 18), nn.Linear(6, 6)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        return self.proj(nn.functional.scaled_dot_product_attention(q, k, v))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.up, self.down = nn.Linear(6, 9), nn.Linear(9, 6)

    def forward(self, x):
        return self.down(self.up(x).relu())  # a ReLU that is no module: only the input of `down` shows it


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn, self.mlp = Attention(), Mlp()

    def forward(self, x):
        x = x + self.attn(x)
        return x + self.mlp(x)


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.h, self.head = nn.ModuleList(Block() for _ in range(3)), nn.Linear(6, 2)

    def forward(self, x):
        for block in self.h:
            x = block(x)
        return self.head(x.mean(1))


@pytest.mark.parametrize(
    ("name", "layer", "side"),
    [
        ("blocks.1.hook_resid_pre", "h.1", "input"),
        ("blocks.1.hook_resid_post", "h.1", "output"),
        ("blocks.1.hook_mlp_out", "h.1.mlp", "output"),
        ("blocks.2.hook_attn_out", "h.2.attn", "output"),
        ("blocks.1.mlp.hook_post", "h.1.mlp.down", "input"),
        ("blocks.0.attn.hook_z", "h.0.attn.proj", "input"),
        ("layers[1]", "h.1", "output"),
        ("layers[1].mlp", "h.1.mlp", "output"),
        ("layers[1].self_attn", "h.1.attn", "output"),
    ],
)
def test_known_names_mean_the_same_numbers(name, layer, side):
    model, x = Stack(), torch.randn(10, 4, 6)
    named = record(model, name, x, output=0)
    np.testing.assert_array_equal(named.activations, record(model, layer, x, output=0, site=side).activations)


def test_a_known_name_can_be_replaced():
    model, x = Stack(), torch.randn(10, 4, 6)
    rest = SubNetwork(model, "blocks.1.mlp.hook_post", x, 0)
    np.testing.assert_array_equal(rest.resample(np.arange(10), np.full((10, 9), -1)), rest.target)
    assert rest.runs == "from the layer on"


def test_where_it_may_mean_two_places_it_is_unknown():
    two = nn.ModuleDict({"encoder": Stack(), "decoder": Stack()})
    for model, name in (
        (two, "blocks.1.hook_resid_pre"),
        (Stack(), "blocks.3.hook_resid_pre"),
        (Stack(), "blocks.1.hook_q"),
    ):
        with pytest.raises(ValueError, match="does not exist"):
            Site.find(model, name)
