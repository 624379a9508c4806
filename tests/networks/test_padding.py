"""Padding is never part of a number: only real tokens are pooled, recorded and replaced."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import Patterns, SubNetwork, record, targets, trace  # noqa: E402

POOLS = ("mean", "max", "first", "last")


def by_hand(model, module, inputs, pool):
    """Pooled values of each sentence, run alone without any padding."""
    rows = []
    for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True):
        seen = []
        handle = module.register_forward_hook(lambda m, args, out, seen=seen: seen.append(out))
        with torch.no_grad():
            model.eval()(ids[mask == 1][None])
        handle.remove()
        values = seen[0][0]
        rows.append({"mean": values.mean(0), "max": values.amax(0), "first": values[0], "last": values[-1]}[pool])
    return torch.stack(rows).numpy()


@pytest.mark.parametrize("pool", POOLS)
def test_padding_to_any_length_leaves_the_numbers_alone(pool):
    model, short = models.Encoder(), models.sentences(20, 8, padded=16)
    long = {name: nn.functional.pad(values, (0, 14)) for name, values in short.items()}
    numbers = [record(model, "blocks.1.act", inputs, output=1, pool=pool) for inputs in (short, long)]
    np.testing.assert_allclose(numbers[0].activations, numbers[1].activations, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(numbers[0].target, numbers[1].target, rtol=1e-4, atol=1e-6)
    expected = by_hand(model, model.blocks[1].act, short, pool)
    np.testing.assert_allclose(numbers[0].activations, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("pool", POOLS)
def test_padding_on_the_left_counts_no_more_than_on_the_right(pool):
    model, right = models.Encoder(), models.sentences(20, 8)
    model.places.weight.data.zero_()
    left = {name: values.flip(1) for name, values in right.items()}
    flipped = {"first": "last", "last": "first"}.get(pool, pool)
    np.testing.assert_allclose(
        record(model, "blocks.0.up", left, output=1, pool=pool).activations,
        record(model, "blocks.0.up", right, output=1, pool=flipped).activations,
        rtol=1e-4,
        atol=1e-6,
    )


def test_a_mask_can_be_named_given_or_refused():
    model, inputs = models.Encoder(), models.sentences(20, 8)
    found = record(model, "blocks.1.act", inputs, output=1).activations
    real = inputs["attention_mask"].numpy()
    for mask in ("attention_mask", real, real.astype(bool), inputs["attention_mask"]):
        np.testing.assert_array_equal(record(model, "blocks.1.act", inputs, output=1, mask=mask).activations, found)
        halves = [{name: values[part] for name, values in inputs.items()} for part in (slice(12), slice(12, 20))]
        got = record(model, "blocks.1.act", halves, output=1, mask=mask).activations
        np.testing.assert_allclose(got, found, rtol=1e-5, atol=1e-6)
    assert not np.allclose(record(model, "blocks.1.act", inputs, output=1, mask=False).activations, found)


class PaddingMask(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = models.Encoder()

    def forward(self, ids, key_padding_mask):
        return self.inner(ids, (~key_padding_mask).long())


def test_masks_of_padding_are_read_the_other_way_round():
    model, inputs = PaddingMask(), models.sentences(20, 8)
    other = {"ids": inputs["input_ids"], "key_padding_mask": inputs["attention_mask"] == 0}
    np.testing.assert_array_equal(
        record(model, "inner.blocks.1.act", other, output=1, mask="key_padding_mask").activations,
        record(model.inner, "blocks.1.act", inputs, output=1).activations,
    )


def test_a_callable_pool_gets_the_mask():
    model, inputs = models.Encoder(), models.sentences(20, 8)
    got = record(model, "blocks.1.act", inputs, output=1, pool=lambda v, real: v.where(real[:, :, None], 0).sum(1))
    mean = record(model, "blocks.1.act", inputs, output=1).activations
    lengths = inputs["attention_mask"].sum(1, keepdim=True).numpy()
    np.testing.assert_allclose(got.activations, mean * lengths, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"mask": "real"}, r"mask='real' is not among the model's keyword inputs \('input_ids', 'attention_mask'\)"),
        ({"mask": np.ones((20, 5))}, "has 8 positions and the mask 5"),
        ({"mask": np.ones((19, 8))}, "mask has 19 rows and the inputs have more"),
        ({"mask": np.ones((21, 8))}, "mask has 21 rows for 20 samples"),
        ({"mask": np.ones(20)}, r"mask has shape \(20,\)"),
        ({"mask": np.full((20, 8), 0.5)}, "mask holds values other than 0 and 1"),
        ({"mask": np.zeros((20, 8))}, "mask calls every position of sample 0 padding"),
        ({"pool": "flatten"}, "makes units of the padding"),
        ({"pool": lambda values: values.mean(1)}, r"give pool=a callable of \(values, real\)"),
    ],
)
def test_masks_that_do_not_fit_get_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        record(models.Encoder(), "blocks.1.act", models.sentences(20, 8), output=1, **settings)


def test_batches_padded_to_their_own_lengths_are_one_data_set(rng):
    model, whole = models.Encoder(), models.sentences(40, 8)
    order = whole["attention_mask"].sum(1).argsort()
    whole = {name: values[order] for name, values in whole.items()}
    parts = []
    for start in range(0, 40, 10):
        longest = int(whole["attention_mask"][start : start + 10].sum(1).max())
        parts.append({name: values[start : start + 10, :longest] for name, values in whole.items()})
    one, many = (SubNetwork(model, "blocks.1.act", inputs, 1) for inputs in (whole, parts))
    np.testing.assert_allclose(many.activations, one.activations, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(many.active_values, one.active_values, rtol=1e-4, atol=1e-6)
    points = rng.choice(np.array([-1, 1], np.int8), (20, 12))
    np.testing.assert_allclose(many.query(points), one.query(points), rtol=1e-4, atol=1e-6)
    base = rng.integers(0, 40, 60)
    donors = rng.integers(0, 40, (60, 12))
    donors[one.lengths[donors] < one.lengths[base][:, None]] = -1
    np.testing.assert_allclose(many.resample(base, donors), one.resample(base, donors), rtol=1e-4, atol=1e-6)


def test_levels_are_means_over_real_tokens_and_padding_keeps_its_own():
    model, short = models.Encoder(), models.sentences(60, 6)
    long = {name: nn.functional.pad(values, (0, 5)) for name, values in short.items()}
    one, other = (SubNetwork(model, "blocks.1.act", inputs, 1, threshold="mean", base=3) for inputs in (short, long))
    np.testing.assert_allclose(one.active_values, other.active_values, rtol=1e-4, atol=1e-6)
    points = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (20, 12))
    np.testing.assert_allclose(one.query(points), other.query(points), rtol=1e-4, atol=1e-6)


def test_a_trace_sees_real_tokens_only():
    model, short = models.Encoder(), models.sentences(200, 6)
    long = {name: nn.functional.pad(values, (0, 20)) for name, values in short.items()}
    layers, settings = ["blocks.0.act", "blocks.2.act"], {"output": 1, "threshold": "mean", "max_degree": 2}
    same = trace(model, layers, short, **settings), trace(model, layers, long, **settings)
    assert [n.subset for n in same[0].nodes] == [n.subset for n in same[1].nodes]


def test_rows_can_be_tokens():
    model, inputs = models.Encoder(causal=True), models.sentences(20, 6)
    real = inputs["attention_mask"].bool()
    tokens = record(model, "blocks.1.act", inputs, output=7, per="position")
    assert len(tokens.activations) == len(tokens.target) == int(real.sum())
    np.testing.assert_array_equal(tokens.groups, real.nonzero()[:, 0])
    np.testing.assert_array_equal(tokens.positions, real.nonzero()[:, 1])
    with torch.no_grad():
        logits = model.eval()(**inputs)["logits"][:, :, 7]
    np.testing.assert_array_equal(tokens.target, logits[real])
    named = record(model, "blocks.1.act", inputs, output=targets.logit(7, position="all"), per="position")
    np.testing.assert_array_equal(named.target, tokens.target)
    means = record(model, "blocks.1.act", inputs, output=lambda out: out["logits"][:, 0, 7])
    sums = np.add.reduceat(tokens.activations, np.flatnonzero(tokens.positions == 0))
    np.testing.assert_allclose(sums / real.sum(1, keepdim=True).numpy(), means.activations, rtol=1e-4, atol=1e-6)
    activations, target = record(
        model, "blocks.1.act", inputs, output=lambda out: out["logits"][:, 0, 7], per="position"
    )
    np.testing.assert_array_equal(target, means.target[tokens.groups])
    assert activations.shape == tokens.activations.shape


def test_tokens_go_straight_into_bits():
    model, inputs = models.Encoder(), models.sentences(50, 6)
    settings = {"output": 1, "per": "position", "batch_size": 7}
    numbers = record(model, "blocks.1.act", inputs, **settings)
    bits = record(model, "blocks.1.act", inputs, to=0.1, **settings)
    assert bits.activations == Patterns.from_activations(numbers.activations, threshold=0.1)
    np.testing.assert_array_equal(bits.groups, numbers.groups)
    assert repr(bits).startswith(f"Recording({len(bits.target)} positions, 12 units")
    with pytest.raises(ValueError, match="per='token'"):
        record(model, "blocks.1.act", inputs, output=1, per="token")


def test_language_models_are_read_at_a_position():
    model, inputs = models.Encoder(causal=True), models.sentences(20, 6)
    with torch.no_grad():
        logits = model.eval()(**inputs)["logits"]
    last = inputs["attention_mask"].sum(1) - 1
    rows = torch.arange(20)
    for position, at in (("last", last), (-1, last), (-2, last - 1), (0, last * 0), (1, last * 0 + 1)):
        target = record(model, "blocks.0.act", inputs, output=targets.logit(4, position=position)).target
        np.testing.assert_array_equal(target, logits[rows, at, 4])
    rest = SubNetwork(model, "blocks.1.act", inputs, targets.log_probability(4, position="last"))
    np.testing.assert_array_equal(rest.resample(np.arange(20), np.full((20, 12), -1)), rest.target)
    with pytest.raises(ValueError, match=r'choose a position, output=targets\.logit\(k, position="last"\)'):
        record(model, "blocks.0.act", inputs, output=4)
    with pytest.raises(ValueError, match="asks for a token that a sample of 2 tokens does not have"):
        record(model, "blocks.0.act", inputs, output=targets.logit(4, position=2))


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.reader, self.writer = models.Encoder(), models.Encoder()

    def forward(self, input_ids, attention_mask, decoder_input_ids):
        read = self.reader(input_ids, attention_mask)["logits"]
        return read + self.writer(decoder_input_ids, torch.ones_like(decoder_input_ids))["logits"]


def test_of_two_sequences_of_one_length_the_mask_is_asked_for():
    inputs = models.sentences(20, 8)
    both = inputs | {"decoder_input_ids": inputs["input_ids"]}
    for layer in ("reader.blocks.1.act", "writer.blocks.1.act"):
        with pytest.raises(
            ValueError, match="attention_mask is of what the model reads, and what it writes is as long"
        ):
            record(Translator(), layer, both, output=0)
    model = Translator()
    every = record(model, "writer.blocks.1.act", both, output=0, mask=False).activations
    np.testing.assert_allclose(
        every,
        record(model.writer, "blocks.1.act", {"input_ids": inputs["input_ids"]}, output=0).activations,
        rtol=1e-4, atol=1e-6,
    )  # fmt: skip
    record(model, "reader.blocks.1.act", both, output=0, mask="attention_mask")
