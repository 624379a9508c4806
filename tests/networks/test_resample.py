"""Units taken from other samples: the same bits as running the whole model, at the price of the rest."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import naive_rest  # noqa: E402
import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, activation_spectroscopy, distributedness, experiment, record  # noqa: E402


def images(m=20):
    return torch.randn(m, 1, 8, 8, generator=torch.Generator().manual_seed(1))


NETWORKS = {
    "dense": (models.mlp, lambda: torch.randn(20, 6, generator=torch.Generator().manual_seed(1)), -1),
    "convolution": (models.Conv, images, 1),
    "residual": (models.ResidualConv, images, 1),
    "skip": (models.Skipping, images, 1),
    "encoder": (models.Encoder, lambda: models.sentences(20, 6), -1),
    "language model": (lambda: models.Encoder(causal=True), lambda: models.sentences(20, 6), -1),
}
LAYERS = [
    ("dense", "0"),
    ("dense", "1"),
    ("convolution", "features.0"),
    ("convolution", "features.1"),
    ("residual", "stem"),
    ("residual", "blocks.0.one"),
    ("residual", "blocks.1"),
    ("residual", "blocks.2.norm"),
    ("skip", "down"),
    ("skip", "pool"),
    ("skip", "deep.0"),
    ("skip", "deep"),
    ("encoder", "embed"),
    ("encoder", "blocks.0.act"),
    ("encoder", "blocks.1.attention"),
    ("encoder", "blocks.2.act"),
    ("language model", "blocks.1.act"),
    ("language model", "blocks.2"),
]


def all_logits(result):
    logits = result["logits"] if isinstance(result, dict) else result
    return logits if logits.ndim == 2 else logits[:, 1]


def draws(rest, rng, k):
    """Base samples and donors that are long enough, about half of the units kept."""
    m, n = rest.activations.shape
    base = rng.integers(0, m, k)
    donors = np.empty((k, n), np.int64)
    for row, b in enumerate(base):
        donors[row] = rng.choice(np.flatnonzero(rest.lengths >= rest.lengths[b]), n)
    donors[rng.random((k, n)) < 0.5] = -1
    return base, donors


@pytest.mark.parametrize(("network", "layer"), LAYERS)
def test_resampling_gives_the_bits_of_the_whole_run(network, layer, rng):
    make, data, axis = NETWORKS[network]
    model, inputs = make(), data()
    rest = SubNetwork(model, layer, inputs, all_logits)
    mask = inputs["attention_mask"] if isinstance(inputs, dict) else None
    module = dict(model.named_modules())[layer]
    for k in (9, 20, 20, 20, 20):  # the later ones answer from what is remembered of all samples
        base, donors = draws(rest, rng, k)
        expected = naive_rest.resampled(model, module, inputs, torch.tensor(base), torch.tensor(donors), axis, mask)
        np.testing.assert_array_equal(rest.resample(base, donors), all_logits(expected).numpy())
    assert rest.runs == "from the layer on"
    assert rest.queries == 89


@pytest.mark.parametrize(("network", "layer"), [("convolution", "features.1"), ("encoder", "blocks.1.act")])
def test_rows_that_differ_in_few_units_are_those_of_the_whole_run(network, layer, rng):
    make, data, axis = NETWORKS[network]
    model, inputs = make(), data()
    rest = SubNetwork(model, layer, inputs, all_logits)
    mask = inputs["attention_mask"] if isinstance(inputs, dict) else None
    n = rest.n_units
    base, donors = (np.repeat(x[:5], 4, axis=0) for x in draws(rest, rng, 5))
    longest = np.flatnonzero(rest.lengths == rest.lengths.max())
    donors[np.arange(20), rng.integers(0, n, 20)] = rng.choice(longest, 20)
    expected = naive_rest.resampled(
        model, dict(model.named_modules())[layer], inputs, torch.tensor(base), torch.tensor(donors), axis, mask
    )
    np.testing.assert_array_equal(rest.resample(base, donors), all_logits(expected).numpy())


@pytest.mark.parametrize("size", [7, 8])
def test_many_rows_are_answered_in_batches_of_few_sizes_and_each_as_if_it_were_alone(size, rng):
    model, inputs = models.Encoder(), models.sentences(40, 6)
    parts = [{name: value[some] for name, value in inputs.items()} for some in (slice(0, 25), slice(25, 40))]
    parts[1] = {name: nn.functional.pad(value, (0, 2)) for name, value in parts[1].items()}  # another kind of batch
    rest = SubNetwork(model, "blocks.1.act", parts, 1, batch_size=size)
    base, donors = draws(rest, rng, 61)
    together = rest.resample(base, donors)
    alone = [rest.resample(base[i : i + 1], donors[i : i + 1])[0] for i in range(61)]
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-6)
    assert rest.queries == 122 and np.array_equal(together, rest.resample(base, donors))
    again = SubNetwork(model, "blocks.1.act", parts, 1, batch_size=size)
    assert np.array_equal(together, again.resample(base, donors))


class Beside(nn.Module):
    """A layer beside which something else of the input reaches the output."""

    def __init__(self, also):
        super().__init__()
        self.first, self.act, self.last, self.also = nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2), also

    def forward(self, x):
        return self.last(self.act(self.first(x))) + (x[:, :1] if self.also else 0)


@pytest.mark.parametrize("also", [True, False])
def test_inputs_are_fetched_only_where_something_behind_the_layer_reads_them(also, rng, monkeypatch):
    model, x = Beside(also).eval(), torch.randn(50, 6, generator=torch.Generator().manual_seed(2))
    rest = SubNetwork(model, "act", x, 1, batch_size=64)
    values, base = rng.random((300, 5)).astype(np.float32), rng.integers(0, 50, 300)
    with torch.no_grad():
        expected = model.last(torch.from_numpy(values)) + (x[base, :1] if also else 0)
    np.testing.assert_allclose(rest(values, base), expected[:, 1], rtol=1e-5, atol=1e-6)
    seen = []
    model.forward = lambda x, forward=model.forward: seen.append(bool(x.isnan().all())) or forward(x)
    np.testing.assert_allclose(rest(values, base), expected[:, 1], rtol=1e-5, atol=1e-6)
    assert set(seen) == {not also}


def test_activations_that_are_given_are_left_as_they_are(rng):
    class InPlace(nn.Module):
        def forward(self, a):
            return a.mul_(0)

    rest = SubNetwork(nn.Sequential(nn.Linear(6, 5), nn.ReLU(), InPlace(), nn.Linear(5, 1)), "1", torch.randn(20, 6), 0)
    values = rng.random((30, 5)).astype(np.float32)
    before = values.copy()
    rest(values, rng.integers(0, 20, 30))
    assert np.array_equal(values, before) and rest.activations.any()
    rest.resample(np.zeros(4, int), np.full((4, 5), 3))
    assert rest.activations.any()


def test_a_network_that_works_in_place_is_measured_like_one_that_does_not():
    torch.manual_seed(0)
    first, last, x = nn.Linear(6, 5), nn.Linear(5, 1), torch.randn(60, 6)
    one, two = (
        distributedness(SubNetwork(nn.Sequential(first, nn.Tanh(), nn.ReLU(inplace), last), "1", x, 0), draws=256)
        for inplace in (True, False)
    )
    assert one.variance.value == two.variance.value > 0 and np.array_equal(one.influences.value, two.influences.value)


class Counting(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module, self.runs = module, 0

    def forward(self, *args, **kwargs):
        self.runs += 1
        return self.module(*args, **kwargs)


@pytest.mark.parametrize("kept", [True, False])
def test_what_is_over_before_the_layer_is_not_run_again(kept, rng):
    model, inputs = models.Encoder(), models.sentences(20, 6)
    for number, block in enumerate(model.blocks):
        block.up = Counting(block.up)
        model.blocks[number] = Counting(block)
    rest = SubNetwork(model, "blocks.2.module.act", inputs, 1)
    base, donors = draws(rest, rng, 20)
    for _ in range(4):
        rest.resample(base if kept else rng.permutation(base), np.full_like(donors, -1))
    before = [block.runs for block in model.blocks], model.blocks[2].module.up.runs
    rest.resample(base if kept else base[::-1].copy(), np.full_like(donors, -1))
    after = [block.runs for block in model.blocks], model.blocks[2].module.up.runs
    assert after[0] == [before[0][0], before[0][1], before[0][2] + 1] and after[1] == before[1]


def test_donor_minus_one_is_the_networks_own_answer():
    model, inputs = models.Encoder(), models.sentences(20, 6)
    rest = SubNetwork(model, "blocks.1.act", inputs, 2)
    own = rest.resample(np.arange(20), np.full((20, 12), -1))
    np.testing.assert_array_equal(own, rest.target)
    np.testing.assert_array_equal(rest.target, record(model, "blocks.1.act", inputs, output=2).target)


def test_a_sample_that_gives_all_its_units_gives_its_own_answer_where_nothing_bypasses():
    model, x = models.mlp(), torch.randn(20, 6)
    rest = SubNetwork(model, "1", x, 0)
    swapped = rest.resample(np.zeros(20, int), np.repeat(np.arange(20)[:, None], 5, axis=1))
    np.testing.assert_allclose(swapped, rest.target, rtol=1e-6)


def test_padding_on_the_left_lines_up_by_real_tokens(rng):
    model, right = models.Encoder(), models.sentences(12, 6)
    left = {name: values.flip(1) for name, values in right.items()}
    rest = SubNetwork(model, "blocks.0.act", left, 0)
    base, donors = draws(rest, rng, 12)
    expected = naive_rest.resampled(
        model, model.blocks[0].act, left, torch.tensor(base), torch.tensor(donors), mask=left["attention_mask"]
    )
    np.testing.assert_array_equal(rest.resample(base, donors), expected["logits"][:, 0].numpy())


def test_several_outputs_come_from_one_pass(rng):
    model, x = models.mlp(), torch.randn(20, 6)
    both = SubNetwork(model, "1", x, lambda out: out[:, :2])
    base, donors = draws(both, rng, 7)
    assert both.resample(base, donors).shape == (7, 2)
    for k in range(2):
        one = SubNetwork(model, "1", x, k)
        np.testing.assert_array_equal(both.resample(base, donors)[:, k], one.resample(base, donors))
    assert both.query(np.ones((3, 5), np.int8)).shape == (3, 2)


def test_layers_without_positions_take_activations(rng):
    model, x = models.Residual(), torch.randn(30, 3)
    rest = SubNetwork(model, "layer", x, 0, base=4)
    base, donors = draws(rest, rng, 30)
    own = rest.activations[base]
    mixed = np.where(donors < 0, own, rest.activations[donors, np.arange(4)])
    np.testing.assert_array_equal(rest(mixed, base), rest.resample(base, donors))
    np.testing.assert_array_equal(rest(mixed), rest(mixed, 4))
    np.testing.assert_array_equal(rest(rest.activations, np.arange(30)), rest.target)
    points = rng.choice(np.array([-1, 1], np.int8), (5, 4))
    np.testing.assert_array_equal(rest(points), rest.query(points))


def test_a_recording_saves_the_pass_over_the_data():
    model, x = models.mlp(), torch.randn(50, 6)
    known = record(model, "1", x, output=0)
    first = SubNetwork(model, "1", x, 0)
    model[0] = Counting(model[0])
    again = SubNetwork(model, "1", x, 0, recording=known)
    assert model[0].runs == 2  # two samples to compare, and one trace
    np.testing.assert_array_equal(again.active_values, first.active_values)
    assert again.activations is known.activations
    with pytest.raises(
        ValueError, match=r"recording's activations of shape \(50, 5\) are not those of layer '0.module'"
    ):
        SubNetwork(model, "0.module", x, 0, recording=known)


def test_changed_weights_are_noticed(rng):
    model, inputs = models.Encoder(), models.sentences(20, 6)
    rest = SubNetwork(model, "blocks.2.act", inputs, 0)
    base, donors = draws(rest, rng, 20)
    for _ in range(3):
        before = rest.resample(base, donors)
    with torch.no_grad():
        model.embed.weight *= 2
    kept = np.full_like(donors, -1)
    np.testing.assert_array_equal(
        rest.resample(base, kept), record(model, "blocks.2.act", inputs, output=0).target[base]
    )
    assert not np.array_equal(rest.resample(base, donors), before)


def test_a_model_that_reads_something_else_than_the_replaced_output_is_refused():
    with pytest.raises(ValueError, match="does not read what replaces the output of layer 'lstm'"):
        SubNetwork(models.LastState(), "lstm", torch.randn(20, 5, 3), 0)


def test_an_answer_that_stays_the_same_is_no_reason_to_refuse():
    model, x = models.mlp(), torch.randn(20, 6)
    with torch.no_grad():
        model[3].weight.zero_()
    assert np.ptp(SubNetwork(model, "1", x, 0).target) == 0


def test_a_class_as_the_output_reads_the_layer():
    rest = SubNetwork(models.mlp(), "1", torch.randn(20, 6), lambda out: torch.where(out.argmax(1) == 1, 1.0, -1.0))
    assert set(rest.target) <= {-1.0, 1.0}


def test_where_memory_gives_something_else_the_whole_model_runs_and_it_says_so():
    model = models.mlp()
    model[1].register_forward_hook(lambda module, args, out: out * 2)  # memory would go round it
    rest = SubNetwork(model, "1", torch.randn(20, 6), 0)
    np.testing.assert_array_equal(rest.resample(np.arange(20), np.full((20, rest.n_units), -1)), rest.target)
    assert rest.runs.startswith("the whole model, as modules before the layer do not give the same")
    assert repr(rest).endswith("runs the whole model)")
    assert "the layer is the model's input" in SubNetwork(models.mlp(), "input", torch.randn(20, 6), 0).runs


def test_fidelity_is_the_share_that_two_levels_leave():
    x = torch.randn(400, 6)
    exact = nn.Sequential(nn.Linear(6, 5), nn.Hardtanh(-1e-9, 1e-9), nn.Linear(5, 2)).double()
    assert SubNetwork(exact, "1", x.double(), 0).fidelity == pytest.approx(1, abs=1e-6)
    rest = SubNetwork(models.mlp(), "1", x, 0)
    levels = np.where(rest.activations > 0, rest.active_values, rest.inactive_values)
    expected = np.corrcoef(rest.target, rest(levels.astype(np.float32), np.arange(400)))[0, 1] ** 2
    spent = rest.queries
    assert rest.fidelity == pytest.approx(expected, rel=1e-4) and 0.2 < rest.fidelity < 1
    assert rest.queries == spent
    assert f"on or off, {expected:.0%} of the output's variance over the recorded" in rest.fidelity_sentence
    several = SubNetwork(models.mlp(), "1", x, lambda out: out)
    assert several.fidelity.shape == (3,)
    assert f"{several.fidelity.min():.0%} to {several.fidelity.max():.0%} of" in several.fidelity_sentence
    constant = SubNetwork(models.mlp(), "1", x, lambda out: out[:, 0] * 0 + (out[:, 1] > 1e9))
    assert constant.fidelity_sentence == "The output is the same in all recorded samples."


@pytest.mark.parametrize(
    ("base", "donors", "sentence"),
    [
        ([0, 1], [[0] * 12], r"donors have shape \(1, 12\) for 2 base samples"),
        ([0], [[0] * 11], r"give \(1, 12\)"),
        ([20], [[0] * 12], r"base holds 20; the inputs hold samples 0\.\.19"),
        ([-1], [[0] * 12], "base holds -1"),
        ([0], [[-2] * 12], r"donors holds -2; the inputs hold samples 0\.\.19, or -1 to keep"),
        ([0.0], [[0] * 12], "base is an array of float64"),
        ([], np.zeros((0, 12), int), "give whole numbers of shape"),
    ],
)
def test_wrong_samples_get_a_sentence(base, donors, sentence):
    rest = SubNetwork(models.Encoder(), "blocks.0.act", models.sentences(20, 6), 0)
    with pytest.raises(ValueError, match=sentence):
        rest.resample(base, donors)


def test_a_donor_that_is_too_short_gets_a_sentence():
    rest = SubNetwork(models.Encoder(), "blocks.0.act", models.sentences(20, 6), 0)
    long, short = int(rest.lengths.argmax()), int(rest.lengths.argmin())
    with pytest.raises(ValueError, match=rf"sample {short} has 2 positions and cannot give unit 3 of row 0"):
        rest.resample([long], [[-1] * 3 + [short] + [-1] * 8])
    with pytest.raises(ValueError, match="has several positions for each unit"):
        rest(np.zeros((2, 12)))


DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")),
]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("states", ["natural", "balanced"])
@pytest.mark.parametrize(
    ("make", "data", "layer"),
    [
        (models.mlp, lambda: torch.randn(100, 6, generator=torch.Generator().manual_seed(1)), "0"),
        (models.Conv, lambda: images(100), "features.1"),
        (models.Encoder, lambda: models.sentences(100, 6), "blocks.1.act"),  # of different lengths
    ],
)
def test_an_experiment_on_a_device_has_the_draws_and_on_the_cpu_the_bits_of_one_here(make, data, layer, states, device):
    model = make()
    rest = SubNetwork(model, layer, data(), all_logits_of_one)
    asked = {"draws": 150, "states": states, "threshold": "median", "seed": 2}
    one = experiment(rest, **asked)
    spent = rest.queries
    other = experiment(rest, **asked, device=device)
    assert (one.in_play, one.new, one.old) == (other.in_play, other.new, other.old)
    assert np.array_equal(one.base, other.base) and other.rest is rest and rest.queries == 2 * spent
    np.testing.assert_allclose(one.change, other.change, rtol=1e-3, atol=1e-4)
    if device == "cpu":
        assert np.array_equal(one.change, other.change) and np.array_equal(one.before, other.before)
    assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}


def all_logits_of_one(result):
    return all_logits(result)[:, 0]


@pytest.mark.compiled  # draws are scanned
def test_a_network_stays_on_the_device_for_as_long_as_it_is_asked_there_and_an_error_brings_it_back():
    rest = SubNetwork(models.mlp(), "0", torch.randn(100, 6, generator=torch.Generator().manual_seed(1)), 0)
    before = rest.resample([0], [[1, 2, 3, 4, 5]])
    with pytest.raises(KeyError), rest.on("cpu") as there:
        np.testing.assert_array_equal(there.resample([0], torch.tensor([[1, 2, 3, 4, 5]])), before)
        raise KeyError
    assert rest.queries == 2
    made = experiment(rest, draws=1500, threshold="median", share=0.5)
    one, other = (activation_spectroscopy(made, max_degree=2, device=device) for device in (None, "cpu"))
    assert one.subsets == other.subsets and np.array_equal(one.coefficients, other.coefficients)
