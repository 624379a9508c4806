"""Layers by the names that people know, their inputs, and calls of one layer."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks.layers import find_layer  # noqa: E402


def test_wrappers_in_front_of_a_name_are_seen_through():
    inner = models.mlp()
    wrapped = nn.DataParallel(inner)
    assert find_layer(wrapped, "1") is find_layer(wrapped, "module.1") is inner[1]
    assert find_layer(inner, "module.1") is find_layer(inner, "_orig_mod.1") is inner[1]


def test_brackets_and_the_end_of_a_name_will_do_where_only_one_layer_has_it():
    model = models.Encoder()
    outer = nn.ModuleDict({"model": model})
    assert find_layer(outer, "blocks[1].act") is find_layer(outer, "blocks.1.act") is model.blocks[1].act
    assert find_layer(outer, "model.blocks[1]") is model.blocks[1]
    two = nn.ModuleDict({"one": models.Encoder(), "two": models.Encoder()})
    with pytest.raises(ValueError, match=r"may be any of 'one\.blocks\.1\.act', 'two\.blocks\.1\.act'; write one"):
        find_layer(two, "blocks[1].act")


def scripted(make):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, and models made by it are still around
        return make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.jit.script(models.mlp()),
        lambda: torch.jit.trace(models.mlp().eval(), torch.randn(2, 6)),
        lambda: nn.Sequential(torch.jit.script(models.mlp())),
    ],
)
def test_inside_a_script_nothing_can_look(make):
    model = scripted(make)
    layer = "1" if isinstance(model, torch.jit.ScriptModule) else "0.1"
    with pytest.raises(ValueError, match=r"is a ScriptModule .* use the Python model that it was made from"):
        record(model, layer, torch.randn(5, 6), output=0)
    np.testing.assert_array_equal(record(model, "input", np.eye(6), output=0).activations, np.eye(6))


def test_models_without_values_are_refused():
    with pytest.raises(ValueError, match="meta device, where they have shapes and no values"):
        record(models.mlp().to("meta"), "1", torch.randn(5, 6), output=0)


def test_the_input_of_a_layer_is_a_site_too(rng):
    model, x = models.mlp(), torch.randn(30, 6)
    before = record(model, "3", x, output=0, site="input")
    np.testing.assert_array_equal(before.activations, record(model, "2", x, output=0).activations)
    asked = SubNetwork(model, "3", x, 0, site="input"), SubNetwork(model, "2", x, 0)
    base, donors = rng.integers(0, 30, 20), rng.integers(-1, 30, (20, 5))
    for _ in range(3):
        np.testing.assert_array_equal(asked[0].resample(base, donors), asked[1].resample(base, donors))
    assert asked[0].runs == "from the layer on"


def test_a_keyword_input_of_a_layer_is_a_site_too():
    class Keyword(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = models.Encoder()

        def forward(self, input_ids, attention_mask):
            return self.inner(input_ids=input_ids, attention_mask=attention_mask)

    model, inputs = Keyword(), models.sentences(6, 5)
    ids = record(model, "inner", inputs, output=0, site="input", pool="flatten", mask=False).activations
    np.testing.assert_array_equal(ids, inputs["input_ids"])


def test_one_call_of_a_layer_that_is_called_several_times(rng):
    class Again(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.layer, self.act, self.head = nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)

        def forward(self, x):
            for _ in range(3):
                x = self.act(self.layer(x))
            return self.head(x)

    model, x = Again(), torch.randn(20, 4)
    with torch.no_grad():
        states = [x]
        for _ in range(3):
            states.append(model.act(model.layer(states[-1])))
    for call in range(3):
        np.testing.assert_array_equal(record(model, "act", x, output=0, call=call).activations, states[call + 1])
        np.testing.assert_array_equal(
            record(model, "layer", x, output=0, call=call, site="input").activations, states[call]
        )
        rest = SubNetwork(model, "act", x, 0, call=call)
        given = rng.normal(size=(9, 4)).astype(np.float32)
        with torch.no_grad():
            state = torch.from_numpy(given)
            for _ in range(2 - call):
                state = model.act(model.layer(state))
            expected = model.head(state)[:, 0]
        np.testing.assert_array_equal(rest(given, rng.integers(0, 20, 9)), expected)
        assert rest.runs == "from the layer on"
    every = record(model, "act", x, output=0, call="all").activations
    np.testing.assert_array_equal(every, np.concatenate(states[1:], 1))
    with pytest.raises(ValueError, match="call='all'; one call of the layer is replaced"):
        SubNetwork(model, "act", x, 0, call="all")
    with pytest.raises(ValueError, match=r"called more than once .* say which call with call=0, 1"):
        record(model, "act", x, output=0)
    with pytest.raises(ValueError, match=r"is called 3 times in a forward pass; use call=0\.\.2"):
        record(model, "act", x, output=0, call=3)
    for wrong in ({"call": -1}, {"call": True}, {"site": "inside"}):
        with pytest.raises(ValueError, match=r"call=|site="):
            record(model, "act", x, output=0, **wrong)


def test_several_layers_come_from_one_pass():
    model, inputs, runs = models.Encoder(), models.sentences(20, 6), []
    model.register_forward_hook(lambda module, args, out: runs.append(len(out["logits"])))
    names = ["embed", "blocks.0.act", "blocks.2.attention"]
    together = record(model, names, inputs, output=1, batch_size=10)
    assert runs == [10, 5, 5, 10] and list(together) == names  # five samples twice, to see that their order stays
    for name in names:
        alone = record(model, name, inputs, output=1, batch_size=10)
        np.testing.assert_array_equal(together[name].activations, alone.activations)
        np.testing.assert_array_equal(together[name].target, alone.target)
    with pytest.raises(ValueError, match="name at least one layer, each once"):
        record(model, ["embed", "embed"], inputs, output=1)


class TopK(nn.Module):
    """A sparse dictionary: of each position only the two largest latents."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.up, self.down = nn.Linear(12, 20), nn.Linear(20, 12)

    def encode(self, values):
        z = self.up(values).relu()
        return z.where(z >= z.topk(2, -1).values[..., -1:], 0)

    def decode(self, latents):
        return self.down(latents)


@pytest.mark.parametrize("form", [lambda d: d, lambda d: (d.encode, d.decode)])
def test_units_can_be_latents_of_a_dictionary(form, rng):
    model, inputs, dictionary = models.Encoder(), models.sentences(20, 6), TopK()
    recorded = record(model, "blocks.1.act", inputs, output=1, per="position")
    latents = record(model, "blocks.1.act", inputs, output=1, per="position", dictionary=form(dictionary))
    with torch.no_grad():
        np.testing.assert_allclose(
            latents.activations, dictionary.encode(torch.from_numpy(recorded.activations)), rtol=1e-5, atol=1e-6
        )
    rest = SubNetwork(model, "blocks.1.act", inputs, 1, dictionary=form(dictionary))
    assert rest.n_units == 20
    np.testing.assert_array_equal(rest.resample(np.arange(20), np.full((20, 20), -1)), rest.target)

    base = rng.integers(0, 20, 15)
    donors = rng.integers(0, 20, (15, 20))
    donors[rest.lengths[donors] < rest.lengths[base][:, None]] = -1
    real = inputs["attention_mask"].bool()
    with torch.no_grad():
        seen = []
        handle = model.blocks[1].act.register_forward_hook(lambda m, a, out: seen.append(out))
        model.eval()(**inputs)
        handle.remove()
        z = dictionary.encode(seen[0])

        def replace(module, args, out):
            mine = dictionary.encode(out)
            new = mine.clone()
            for row in range(15):
                for unit in range(20):
                    if donors[row, unit] >= 0:
                        spots = real[base[row]].nonzero()[:, 0]
                        new[row, spots, unit] = z[donors[row, unit], : len(spots), unit]
            return out + dictionary.decode(new) - dictionary.decode(mine)

        handle = model.blocks[1].act.register_forward_hook(replace)
        expected = model(**{name: values[base] for name, values in inputs.items()})["logits"][:, 1]
        handle.remove()
    np.testing.assert_allclose(rest.resample(base, donors), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("dictionary", "error", "sentence"),
    [
        (3, TypeError, r"dictionary is a int; give \(encode, decode\)"),
        ((lambda a: a,), TypeError, "dictionary is a tuple"),
        ((lambda a: a.sum(1), lambda z: z), ValueError, "encode made shape"),
    ],
)
def test_what_is_no_dictionary_gets_a_sentence(dictionary, error, sentence):
    with pytest.raises(error, match=sentence):
        record(models.Encoder(), "blocks.1.act", models.sentences(20, 6), output=1, dictionary=dictionary)


class Transcoder(nn.Module):
    """A dictionary of what a layer does: it reads its input and writes its output."""

    def __init__(self, units=12):
        super().__init__()
        torch.manual_seed(2)
        self.up, self.down = nn.Linear(units, 20), nn.Linear(20, units)
        self.cfg = SimpleNamespace(d_out=units, normalize_activations="none")

    def encode(self, values):
        return self.up(values).relu()

    def decode(self, latents):
        return self.down(latents)


def test_latents_of_a_transcoder_are_read_before_its_layer_and_replaced_after_it(rng):
    model, inputs, transcoder = models.Encoder().eval(), models.sentences(20, 6), Transcoder()
    layer = "blocks.1.act"
    given = record(model, layer, inputs, output=1, site="input", per="position")
    latents = record(model, layer, inputs, output=1, site="through", per="position", dictionary=transcoder)
    with torch.no_grad():
        z = transcoder.encode(torch.from_numpy(given.activations))
    np.testing.assert_allclose(latents.activations, z, rtol=1e-5, atol=1e-6)
    rest = SubNetwork(model, layer, inputs, 1, site="through", dictionary=transcoder)
    np.testing.assert_array_equal(rest.resample(np.arange(20), np.full((20, 20), -1)), rest.target)
    base = rng.integers(0, 20, 15)
    donors = rng.integers(-1, 20, (15, 20))
    donors[rest.lengths[donors] < rest.lengths[base][:, None]] = -1
    starts = np.cumsum(rest.lengths) - rest.lengths
    real = inputs["attention_mask"].bool()

    def replace(module, args, out):
        new = out.clone()
        for row in range(15):
            spots = real[base[row]].nonzero()[:, 0]
            mine = z[starts[base[row]] : starts[base[row]] + len(spots)]
            other = mine.clone()
            for unit in np.flatnonzero(donors[row] >= 0):
                first = starts[donors[row, unit]]
                other[:, unit] = z[first : first + len(spots), unit]
            new[row, spots] += transcoder.decode(other) - transcoder.decode(mine)
        return new

    handle = model.blocks[1].act.register_forward_hook(replace)
    with torch.no_grad():
        expected = model(**{name: values[base] for name, values in inputs.items()})["logits"][:, 1]
    handle.remove()
    np.testing.assert_allclose(rest.resample(base, donors), expected, rtol=1e-4, atol=1e-5)


class Scaling(nn.Module):
    """An autoencoder that keeps the scale of what it encoded last, for the next decoding only, as SAELens has them."""

    def __init__(self, units=12, kind=torch.float32):
        super().__init__()
        torch.manual_seed(2)
        self.up, self.down = nn.Linear(units, 20, dtype=kind), nn.Linear(20, units, dtype=kind)
        self.cfg, self.kind = SimpleNamespace(normalize_activations="layer_norm"), kind

    def encode(self, values):
        self.scale = values.std(-1, keepdim=True) + 0.1
        return self.up((values / self.scale).to(self.kind)).relu()

    def decode(self, latents):
        scale = self.scale
        del self.scale
        return self.down(latents) * scale


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("given", ["object", "methods"])
def test_a_dictionary_decodes_by_the_scale_of_the_base(given, kind, rng):
    model, inputs, sae = models.Encoder().eval(), models.sentences(20, 6), Scaling(kind=kind)
    dictionary = sae if given == "object" else (sae.encode, sae.decode)
    rest = SubNetwork(model, "blocks.1.act", inputs, 1, dictionary=dictionary)
    np.testing.assert_array_equal(rest.resample(np.arange(20), np.full((20, 20), -1)), rest.target)
    base, donors = np.arange(20), np.full((20, 20), -1)
    donors[:, 3] = np.flatnonzero(rest.lengths == rest.lengths.max())[0]
    handle = model.blocks[1].act.register_forward_hook(
        lambda module, args, out: out + _moved(sae, out, 3, int(donors[0, 3]), inputs["attention_mask"].bool())
    )
    with torch.no_grad():
        expected = model(**inputs)["logits"][:, 1]
    handle.remove()
    np.testing.assert_allclose(rest.resample(base, donors), expected, rtol=1e-3, atol=1e-4)
    assert np.isfinite(rest.query(rng.choice(np.array([-1, 1], np.int8), (5, 20)))).all()


def _moved(sae, out, unit, donor, real):
    """What another sample's latent changes at the real positions, j-th for j-th."""
    z = sae.encode(out)
    new = z.clone()
    for row in range(len(out)):
        spots = real[row].nonzero()[:, 0]
        new[row, spots, unit] = z[donor, real[donor].nonzero()[: len(spots), 0], unit]
    decoded = []
    for latents in (new, z):
        sae.encode(out)
        decoded.append(sae.decode(latents))
    return (decoded[0] - decoded[1]).to(out.dtype)


def test_a_dictionary_of_another_layer_gets_a_sentence():
    with pytest.raises(
        ValueError, match=r"encode fails on layer 'blocks.1.act' in shape \(20, 6, 12\) and type float32"
    ):
        record(models.Encoder(), "blocks.1.act", models.sentences(20, 6), output=1, dictionary=Scaling(units=9))


def test_a_transcoder_is_not_taken_for_an_autoencoder():
    model, inputs, transcoder = models.Encoder(), models.sentences(20, 6), Transcoder()
    with pytest.raises(ValueError, match=r'dictionary is a transcoder.* say site="through"'):
        record(model, "blocks.1.act", inputs, output=1, dictionary=transcoder)
    with pytest.raises(ValueError, match=r'dictionary is a transcoder.* say site="through"'):
        SubNetwork(model, "blocks.1.act", inputs, 1, dictionary=transcoder)
    with pytest.raises(ValueError, match='site="through" is for a transcoder'):
        record(model, "blocks.1.act", inputs, output=1, site="through")
    with pytest.raises(ValueError, match="name the layer that the transcoder stands for"):
        record(model, "input", inputs, output=1, site="through", dictionary=transcoder)
    transcoder.cfg.normalize_activations = "layer_norm"
    with pytest.raises(ValueError, match="decodes by a scale that it takes from what it encoded last"):
        record(model, "blocks.1.act", inputs, output=1, site="through", dictionary=transcoder)
