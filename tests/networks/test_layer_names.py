"""What can be asked of a model, and which layer is looked at first."""

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from actspec_widgets.networks.layers import all_logits, last_hidden_layer, layer_names  # noqa: E402


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(3, 3), nn.GELU()])
        self.head = nn.Sequential(nn.Dropout(), nn.Linear(3, 2))


def test_modules_that_are_never_called_and_dropout_are_left_out():
    assert layer_names(Branches()) == ("input", "parts.0", "parts.1", "head", "head.1")


def test_the_last_activation_function_comes_first_else_the_last_layer_but_one():
    assert last_hidden_layer(Branches()) == "parts.1"
    assert last_hidden_layer(nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))) == "0"
    assert last_hidden_layer(nn.Linear(3, 2)) == "input"


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match="the model is a int"):
        layer_names(3)


def test_outputs_of_any_form_become_one_table():
    scores = torch.arange(6.0).reshape(3, 2)
    for result in (scores, (scores, None), {"logits": scores}, [scores]):
        assert torch.equal(all_logits(result), scores)
    assert all_logits(scores[:, 0]).shape == (3, 1)
    with pytest.raises(ValueError, match=r"the model gives shape \(3, 2, 1\) for a batch"):
        all_logits(scores[..., None])
