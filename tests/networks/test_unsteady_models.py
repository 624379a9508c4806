"""Models whose answer for a sample is not its own (chance, company, another order), and inputs that do not fit."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks import CoveredInput  # noqa: E402


class Between(nn.Module):
    """Two layers, and what a subclass does on the way."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.calls = nn.Linear(6, 8), nn.Linear(8, 3), 0

    def forward(self, x):
        return self.second(self.first(x).relu())


class Dropping(Between):
    def forward(self, x):
        return self.second(nn.functional.dropout(self.first(x).relu()))  # which is on unless told otherwise


class Counting(Between):
    def forward(self, x):
        self.calls += 1
        return super().forward(x) + self.calls


class Normed(Between):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(8, track_running_stats=False)

    def forward(self, x):
        return self.second(self.norm(self.first(x)).relu())


class Sorting(Between):
    """As those do that pack sentences: the layer sees them in the order of their lengths."""

    def forward(self, x):
        order = x[:, 0].argsort(stable=True)
        return super().forward(x[order])[order.argsort()]


class Backward(Between):
    def forward(self, x):
        return super().forward(x.flip(0)).flip(0)


@pytest.mark.parametrize("kind", [Dropping, Counting, Normed])
def test_a_model_whose_answer_depends_on_chance_or_company_is_refused(kind):
    with pytest.raises(ValueError, match="depends on the other samples of its batch or is random"):
        SubNetwork(kind(), "first", torch.randn(60, 6), 0, threshold="median")


def test_a_dictionary_that_picks_its_latents_over_the_batch_is_refused():
    def encode(values):
        found = nn.functional.pad(values, (0, 4)).relu()
        least = found.flatten().topk(min(60, found.numel())).values[-1]  # of all samples together
        return found.where(found >= least, 0)

    with pytest.raises(ValueError, match="depends on the other samples of its batch"):
        SubNetwork(Between(), "first", torch.randn(60, 6), 0, dictionary=(encode, lambda z: z[..., :8]))


@pytest.mark.parametrize("kind", [Dropping, Counting])
@pytest.mark.parametrize("layer", ["first", "input"])
def test_of_few_samples_too_the_same_question_must_get_the_same_answer(kind, layer):
    rest = SubNetwork(kind(), layer, torch.randn(8, 6), 0, threshold="median")
    with pytest.raises(ValueError, match="the model answers the same 8 samples differently"):
        rest.resample(np.arange(8), np.full((8, rest.n_units), -1))


@pytest.mark.parametrize("kind", [Sorting, Backward])
def test_a_layer_that_is_given_samples_in_another_order_is_refused(kind):
    model, x = kind(), torch.randn(40, 6)
    for ask in (lambda: record(model, "first", x, output=0), lambda: SubNetwork(model, "first", x, 0)):
        with pytest.raises(ValueError, match="layer 'first' is given the samples of a batch in another order"):
            ask()
    alone = record(model, "first", x, output=0, batch_size=1).activations
    np.testing.assert_allclose(alone, model.first(x).detach(), rtol=1e-4, atol=1e-6)


def test_equal_samples_or_equal_rows_are_no_other_order():
    record(Between(), "first", torch.randn(3, 6).repeat(20, 1), output=0)
    silent = Between()
    with torch.no_grad():
        silent.first.weight.zero_()
    record(silent, "first", torch.randn(40, 6), output=0)


def test_weights_and_inputs_of_inference_mode_are_like_others():
    x, donors = torch.randn(40, 6), np.random.default_rng(0).integers(-1, 40, (40, 8))
    with torch.inference_mode():
        model = Between()
        within = SubNetwork(model, "first", x.clone(), 0)
    expected = SubNetwork(Between(), "first", x, 0).resample(np.arange(40), donors)
    np.testing.assert_array_equal(within.resample(np.arange(40), donors), expected)
    with torch.inference_mode():
        np.testing.assert_array_equal(within.resample(np.arange(40), donors), expected)
        model.second.bias += 1  # of which such a weight keeps no count
        np.testing.assert_allclose(within.resample(np.arange(40), donors), expected + 1, rtol=1e-4)
        model.first.bias += 1
        assert not np.allclose(within.resample(np.arange(40), donors), expected + 1, atol=1e-3)


@pytest.mark.parametrize("strange", ["rows of a transposed tensor", "columns of an array", "a table"])
def test_however_inputs_lie_in_memory_the_bits_are_those_of_the_recording(strange):
    x = torch.randn(40, 6)
    inputs = {
        "rows of a transposed tensor": lambda: x.T.contiguous().T,
        "columns of an array": lambda: np.asfortranarray(x.numpy()),
        "a table": lambda: pytest.importorskip("pandas").DataFrame(x.numpy()),
    }[strange]()
    rest = SubNetwork(models.mlp(), "1", inputs, 0)
    np.testing.assert_array_equal(rest.target, record(models.mlp(), "1", x, output=0).target)
    np.testing.assert_array_equal(rest.resample(np.arange(40), np.full((40, rest.n_units), -1)), rest.target)


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"inputs": np.ma.masked_array(np.ones((9, 6)), mask=False)}, TypeError, "masked array"),
        ({"inputs": torch.eye(6).to_sparse()}, TypeError, "sparse_coo tensor; give a dense one"),
        ({"inputs": ["a fine film"]}, TypeError, "batch 0 is a text; give what the model reads of it"),
        ({"inputs": {"x": ["a fine film"]}}, TypeError, "inputs hold texts .*; give what the model reads of it"),
        ({"inputs": torch.randn(9, 6).double()}, RuntimeError, r"computes in float32, called with float64 \(9, 6\)"),
        ({"inputs": torch.randn(9, 5)}, RuntimeError, r"so says the model.* called with float32 \(9, 5\)"),
        ({"inputs": {"x": torch.randn(9, 6)}}, TypeError, r"so says the model.* called with x=float32 \(9, 6\)"),
        ({"layer": nn.ReLU()}, TypeError, "layer is a ReLU; give its name"),
        ({"layer": {"1", "3"}}, TypeError, "layer is a set; give its name"),
        ({"device": "gpu"}, ValueError, r"device='gpu' cannot be used here \(Expected one of cpu"),
        ({"device": "meta"}, ValueError, "a model sent there would lose its own"),
    ],
)
def test_what_the_model_cannot_take_gets_a_sentence(settings, error, sentence):
    given = {"layer": "1", "inputs": torch.randn(9, 6)} | settings
    model = models.mlp()
    with pytest.raises(error, match=sentence):
        record(model, given.pop("layer"), given.pop("inputs"), output=0, **given)
    assert next(model.parameters()).device.type == "cpu"


def test_a_covered_input_says_the_same():
    with pytest.raises(RuntimeError, match=r"so says the model.* called with float64 \(1, 6\)"):
        CoveredInput(models.mlp(), torch.randn(9, 6).double(), 0, value=0.0)


def test_a_module_in_the_place_of_its_name_is_told_its_name():
    model = models.mlp()
    with pytest.raises(TypeError, match="layer is a ReLU; give its name, '1'"):
        SubNetwork(model, model[1], torch.randn(9, 6), 0)


class Nested(Between):
    def forward(self, x):
        hidden = self.first(x)
        return (self.second(hidden), None), hidden


def test_what_is_meant_of_nested_tensors_is_asked():
    with pytest.raises(ValueError, match="the model gives a tuple and not a tensor; give output=a callable"):
        record(Nested(), "first", torch.randn(9, 6), output=0)
    got = record(Nested(), "first", torch.randn(9, 6), output=lambda out: out[0][0][:, 1])
    assert got.target.shape == (9,)


def test_integers_of_numpy_count_as_integers():
    model, x = models.mlp(), torch.randn(9, 6)
    got = record(model, "1", x, output=np.int64(2), batch_size=np.int64(4)).target
    np.testing.assert_array_equal(got, record(model, "1", x, output=2, batch_size=4).target)
