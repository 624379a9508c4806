"""The sentiment transformer: what it computes, that it learns, and its file."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from actspec_widgets import Cancelled, Patterns
from actspec_widgets.datasets import load_sentiment_example
from actspec_widgets.datasets.sentiment_example import RECORDING
from actspec_widgets.networks import SubNetwork, record
from actspec_widgets.networks.make_sentiment_example import make_sentiment_example
from actspec_widgets.networks.sentiment import SentimentTransformer, logits, recorded
from actspec_widgets.networks.sentiment_training import accuracy, require_learnt, train_sentiment
from small_reviews import EASY, SMALL, small_reviews

SHARED = Path(__file__).parents[3] / "shared" / "data" / "sentiment_snippets.csv.gz"
WORDS = ("the", "film", "is", "great", "awful", "not", 'a"quote', "<b>", "naïve")
TEXTS = ("the film is great", "not great", "the the the film is awful and so much longer", "")


def small(**changes):
    sizes = {name: SMALL[name] for name in ("width", "heads", "units", "hidden", "length")}
    return SentimentTransformer(WORDS, **{**sizes, "seed": 3, **changes}).eval()


@pytest.fixture(scope="module")
def trained():
    return train_sentiment(small_reviews(), **EASY, seed=1)


def test_it_learns_that_not_turns_a_word_over(trained):
    """No sum over single words can tell these apart, so attention or the units' joint action must."""
    unseen = small_reviews(400, seed=9)
    assert accuracy(trained, unseen) > 0.9
    assert trained.report["test_accuracy"] > 0.9 and trained.report["n_train"] == 360
    require_learnt(trained, unseen)


@pytest.mark.parametrize("blocks", [1, 2])
def test_padding_changes_nothing(blocks):
    model = small(blocks=blocks)
    tokens = model.tokens(TEXTS)
    with torch.no_grad():
        whole = model(tokens)
        alone = torch.stack([model(row[: max(int((row != 0).sum()), 1)][None])[0] for row in tokens])
    assert torch.allclose(whole, alone, atol=1e-6)


@pytest.mark.parametrize("blocks", [1, 2])
def test_the_logit_is_a_function_of_the_feed_forward_units_alone(blocks):
    model = small(blocks=blocks)
    activations, logit = recorded(model, "feed_forward", TEXTS)
    with torch.no_grad():
        assert np.array_equal(model.rest(torch.from_numpy(activations))[:, 0].numpy(), logit)
    # with the very activations put in place, the base sentence does not matter
    tokens = model.tokens(TEXTS)
    n = activations.shape[1]
    for base in range(len(TEXTS)):
        query = SubNetwork(model, "feed_forward", tokens, 0, active=activations[0], base=base)
        assert np.allclose(query(np.ones((1, n), np.int8)), logit[0], atol=1e-6)


def test_a_unit_is_above_zero_where_it_is_active_at_some_word():
    model = small()
    seen = []
    handle = model.feed_forward.up.register_forward_hook(lambda module, args, output: seen.append(output.relu()))
    activations, _ = record(model, "feed_forward", model.tokens(TEXTS), output=0)
    handle.remove()
    real = (model.tokens(TEXTS) != 0)[:, :, None]
    assert np.array_equal(activations > 0, ((seen[0] > 0) & real).any(1).numpy())
    assert Patterns.from_activations(activations, "zero").n_units == 16


def test_the_same_seed_gives_the_same_bits_and_leaves_the_global_state_alone(trained):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = train_sentiment(small_reviews(), **EASY, seed=1)
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(trained.parameters(), again.parameters(), strict=True))
    other = train_sentiment(small_reviews(), **{**EASY, "epochs": 1}, seed=2)
    assert not torch.equal(other.embed.weight, again.embed.weight)


def test_words_come_from_the_training_part_alone(trained):
    reviews = small_reviews()
    held = set(" ".join(reviews.part("train").texts).split())
    assert set(trained.vocabulary.entries) <= held
    changed = (*reviews.texts[:-1], "novel novel novel")  # the last one is in the part "test"
    other = type(reviews)(changed, reviews.scores.copy(), reviews.parts.copy(), "made")
    assert train_sentiment(other, **{**EASY, "epochs": 1}).vocabulary.entries == trained.vocabulary.entries


def test_a_saved_transformer_comes_back_whole(trained, tmp_path):
    path = tmp_path / "model.safetensors"
    trained.save(path)
    back = SentimentTransformer.load(path)
    texts = small_reviews().texts[:50]
    assert np.array_equal(logits(back, texts), logits(trained, texts))
    assert (back.vocabulary.entries, back.settings, back.report) == (
        trained.vocabulary.entries,
        trained.settings,
        json.loads(json.dumps(trained.report)),
    )
    back.save(tmp_path / "again.safetensors")
    assert path.read_bytes() == (tmp_path / "again.safetensors").read_bytes()


def test_words_of_any_kind_survive_the_file(tmp_path):
    small().save(tmp_path / "m.safetensors")
    assert SentimentTransformer.load(tmp_path / "m.safetensors").vocabulary.entries == WORDS


def test_a_file_with_other_contents_is_one_sentence(tmp_path):
    path = tmp_path / "m.safetensors"
    small().save(path)
    path.write_bytes(path.read_bytes().replace(b'\\"units\\": 16', b'\\"units\\": 17'))
    with pytest.raises(ValueError, match="cannot be read as a sentiment transformer"):
        SentimentTransformer.load(path)


def test_a_model_that_does_not_learn_is_refused():
    reviews = small_reviews()
    shuffled = type(reviews)(
        reviews.texts, np.random.default_rng(0).permutation(reviews.scores), reviews.parts.copy(), "made"
    )
    model = train_sentiment(shuffled, **{**EASY, "epochs": 1})
    with pytest.raises(ValueError, match=r"did not learn: it judges .* of 240 unseen texts rightly"):
        require_learnt(model, shuffled.part("val", "test"))


def test_texts_of_one_kind_are_refused():
    reviews = small_reviews(50)
    with pytest.raises(ValueError, match="training texts are not of both kinds"):
        train_sentiment(reviews.select(reviews.labels), **EASY)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"width": 15}, "width=15 for 2 heads"),
        ({"units": 0}, "units=0; give a whole number"),
        ({"dropout": 1.0}, "a dropout rate lies in"),
        ({"word_dropout": -0.1}, "a dropout rate lies in"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_numbers_out_of_range_are_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        train_sentiment(small_reviews(50), **{**EASY, **changes})


def test_inputs_that_are_no_tokens_are_refused():
    with pytest.raises(ValueError, match=r"takes token ids \(m, up to 10\)"):
        small()(torch.zeros(2, 11, dtype=torch.int64))
    with pytest.raises(ValueError, match="takes token ids"):
        small()(torch.zeros(2, 5))


def test_training_can_be_cancelled():
    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        train_sentiment(small_reviews(), **{**EASY, "progress": stop})


# --- the example that comes with the package


def test_no_word_of_its_vocabulary_is_a_sentence():
    model = SentimentTransformer.load(load_sentiment_example().weights)
    assert not any(" " in word for word in model.vocabulary.entries)


def test_the_means_are_of_the_units_that_are_on():
    """With each unit at its mean where it is on and at 0 where it is off, the network still says about the same."""
    example = load_sentiment_example()
    model = SentimentTransformer.load(example.weights)
    query = SubNetwork(model, example.layer, model.tokens(["a film"]), 0, active=example.active_means, inactive="zero")
    said = query(np.where(example.units[:500], 1, -1))
    assert np.corrcoef(said, example.logits[:500])[0, 1] > 0.8


def test_made_again_it_is_what_the_saved_network_does(tmp_path):
    reviews = small_reviews()
    make_sentiment_example(tmp_path, reviews, **{name: EASY[name] for name in EASY if name != "progress"}, seed=1)
    example = load_sentiment_example(tmp_path / RECORDING.name)
    model = SentimentTransformer.load(example.weights)
    assert np.array_equal(logits(model, reviews.texts), example.logits)
    activations, _ = recorded(model, example.layer, reviews.texts)
    assert np.array_equal(activations > 0, example.units)
    assert np.allclose(
        example.active_means[example.units.any(axis=0)], [a[a > 0].mean() for a in activations.T if a.any()]
    )
    assert example.reviews_sha256 == reviews.sha256 and example.weights.parent == tmp_path
