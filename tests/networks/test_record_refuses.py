"""What cannot be recorded gets a sentence that says what came, what fits and what to do."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import record  # noqa: E402


def hooks_on(model):
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("features.7", r"layer='features\.7' does not exist in this Conv; it has 'features\.\d'"),
        ("fetures", "it has 'features'"),
        ("Head", "it has 'head'"),
        ("", "it has 'input', 'features'"),
    ],
)
def test_unknown_layer_names_those_that_exist_closest_first(layer, sentence):
    with pytest.raises(ValueError, match=sentence):
        record(models.Conv(), layer, torch.randn(2, 1, 8, 8), output=0)


def test_long_lists_of_layers_are_cut():
    model = nn.Sequential(*(nn.Identity() for _ in range(40)))
    with pytest.raises(ValueError, match=r"and 29 more, see model\.named_modules"):
        record(model, "zzz", torch.zeros(1, 2), output=0)


@pytest.mark.parametrize(
    ("model", "layer", "sentence"),
    [
        (models.Awkward(), "twice", "called more than once"),
        (models.Awkward(), "never", "is not called in a forward pass"),
    ],
)
def test_layers_without_one_single_output(model, layer, sentence):
    with pytest.raises(ValueError, match=sentence):
        record(model, layer, torch.randn(4, 3), output=0)
    assert hooks_on(model) == 0


@pytest.mark.parametrize("site", ["output", "input"])
def test_packed_sequences_have_no_rows_of_samples(site):
    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.head = nn.LSTM(5, 8, batch_first=True), nn.Linear(8, 3)

        def forward(self, x, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.head(self.lstm(packed)[1][0][-1])

    inputs = torch.randn(9, 6, 5), torch.arange(9) % 5 + 2
    assert record(Packed(), "head", inputs, output=0).activations.shape == (9, 3)
    with pytest.raises(
        ValueError, match="gives a packed sequence, whose rows are no samples; let the model read padded"
    ):
        record(Packed(), "lstm", inputs, output=0, site=site)


@pytest.mark.parametrize("output", [3, -1, True, "cat", 1.0, None])
def test_output_out_of_range_says_the_range(output):
    with pytest.raises(ValueError, match=r"is not one of this model's 3 outputs; use 0\.\.2"):
        record(models.mlp(), "1", torch.randn(4, 6), output=output)


def test_output_callable_must_give_one_row_a_sample():
    with pytest.raises(ValueError, match=r"output\(\.\.\.\) gave shape \(\) for a batch of 4"):
        record(models.mlp(), "1", torch.randn(4, 6), output=lambda out: out.sum())


def test_class_index_needs_a_table_of_logits():
    model = nn.Sequential(nn.Conv2d(1, 2, 3))
    with pytest.raises(ValueError, match=r"gives shape \(4, 2, 6, 6\).*give output=a callable"):
        record(model, "0", torch.randn(4, 1, 8, 8), output=0)


@pytest.mark.parametrize(
    ("inputs", "error", "sentence"),
    [
        (torch.zeros(0, 6), ValueError, r"inputs is empty \(shape \(0, 6\)\)"),
        ([], ValueError, "no batch at all"),
        ((), ValueError, "holds no tensor"),
        (iter([]), ValueError, "no batch at all"),
        (3.0, TypeError, "inputs are a float; give a tensor or array"),
        ((torch.zeros(2, 6), torch.zeros(3)), ValueError, r"mixes \[2, 3\] samples"),
        (torch.tensor(1.0), ValueError, "single number"),
        (np.array([["a"]]), TypeError, "dtype <U1"),
    ],
)
def test_bad_inputs_get_a_sentence(inputs, error, sentence):
    with pytest.raises(error, match=sentence):
        record(models.mlp(), "1", inputs, output=0)


def test_nan_names_the_sample_and_the_unit():
    model, x = models.mlp(), torch.zeros(9, 6)
    x[7, 2] = float("nan")
    with pytest.raises(ValueError, match=r"layer 'input' is nan at sample 7 \(unit 2\)"):
        record(model, "input", x, output=0, batch_size=4)
    with torch.no_grad():
        model[3].bias[1] = float("inf")
    with pytest.raises(ValueError, match="output 1 is inf at sample 0;"):
        record(model, "1", torch.zeros(9, 6), output=1)


def test_wrong_axes_and_pools_get_a_sentence():
    model, x = models.Conv(), torch.randn(4, 1, 8, 8)
    for settings, sentence in [
        ({"pool": "median"}, "pool='median' is not a rule"),
        ({"pool": lambda t: t.mean()}, r"pool\(\.\.\.\) made shape \(\)"),
        ({"unit_axis": 4}, "unit_axis=4 does not fit"),
        ({"unit_axis": 0}, "cannot both lie along axis 0"),
        ({"batch_axis": 1, "unit_axis": 0}, "for a batch of 3 samples, which do not lie along axis 1"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            record(model, "features.0", x[:3], output=0, **settings)


def test_flattening_sequences_of_different_length_is_refused():
    batches = [torch.randint(0, 11, (2, 5)), torch.randint(0, 11, (2, 6))]
    record(models.Text(), "block", batches, output=0)
    with pytest.raises(ValueError, match='one length, or choose a pool other than "flatten"'):
        record(models.Text(), "block", batches, output=0, pool="flatten")


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match=r"the model is a builtin_function_or_method; give a torch\.nn\.Module"):
        record(len, "1", torch.zeros(2, 6), output=0)


@pytest.mark.parametrize("batch_size", [0, -3, 2.5])
def test_batch_size_is_checked(batch_size):
    with pytest.raises(ValueError, match="batch_size"):
        record(models.mlp(), "1", torch.zeros(2, 6), output=0, batch_size=batch_size)
