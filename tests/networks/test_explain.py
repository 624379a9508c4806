"""One sample with parts of it absent: words dropped or masked, tokens covered, units at their mean."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import naive_rest  # noqa: E402
import small_models as models  # noqa: E402
from actspec_widgets import Patterns, SubNetwork, explain, sparse_transform  # noqa: E402
from actspec_widgets.datasets.sentiment_example import WEIGHTS  # noqa: E402
from actspec_widgets.networks import CoveredInput, SentenceWords, SentimentTransformer  # noqa: E402


def points_of(n, k, rng):
    return rng.choice(np.array([-1, 1], np.int8), (k, n))


def test_words_are_dropped_and_the_rest_moves_up(rng):
    model = SentimentTransformer(["not", "good", "film", "a"], width=8, heads=2, units=16, hidden=4, length=8).eval()
    words = SentenceWords(model, "not a good film , a film")
    assert words.unit_names == ("not", "a", "good", "film", ",", "a (2)", "film (2)")
    points = points_of(7, 40, rng)
    texts = [" ".join(w for w, keep in zip(words.words, p > 0, strict=True) if keep) for p in points]
    with torch.no_grad():
        expected = [float(model(model.tokens([text]))[0, 0]) for text in texts]
    np.testing.assert_allclose(words(points), expected, rtol=1e-5, atol=1e-6)
    assert words.queries == 40 and repr(words) == "SentenceWords('not a good film , a film', 7 words, 40 queries)"


def test_words_are_masked_by_another_text():
    words = SentenceWords(
        SentimentTransformer(["a"], width=8, heads=2, units=4, hidden=4, length=8), "so good", absent="a"
    )
    assert [words.text(p) for p in ([1, 1], [-1, 1], [-1, -1])] == ["so good", "a good", "a a"]


class Tokenized(torch.nn.Module):
    """An encoder that frames a text by two tokens and cuts long words in two."""

    def __init__(self):
        super().__init__()
        self.encoder = models.Encoder().eval()

    def tokens(self, texts):
        pieces = [[w[i : i + 4] for w in text.split() for i in range(0, len(w), 4)] for text in texts]
        ids = [[1, *(3 + sum(map(ord, piece)) % 6 for piece in one), 2] for one in pieces]
        longest = max(map(len, ids))
        table = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
        return {"input_ids": table, "attention_mask": (table > 0).long()}

    def forward(self, input_ids, attention_mask):
        return self.encoder(input_ids, attention_mask)["logits"]


def test_hidden_words_keep_their_places_and_get_no_attention():
    model = Tokenized().eval()
    words = SentenceWords(model, "a boring film", 1, hidden=True)
    whole = model.tokens(["a boring film"])
    assert whole["input_ids"].shape == (1, 6)  # "bori" and "ng" are two tokens
    for point, mask in (
        ([1, 1, 1], [1, 1, 1, 1, 1, 1]),
        ([1, -1, 1], [1, 1, 0, 0, 1, 1]),
        ([-1, 1, -1], [1, 0, 1, 1, 0, 1]),
    ):
        with torch.no_grad():
            expected = model(whole["input_ids"], torch.tensor([mask]))[0, 1].item()
        assert words([point])[0] == pytest.approx(expected, abs=1e-5)
    with pytest.raises(ValueError, match="absent='x' came with hidden=True"):
        SentenceWords(model, "a film", hidden=True, absent="x")
    small = SentimentTransformer(["a"], width=8, heads=2, units=4, hidden=4, length=8)
    with pytest.raises(ValueError, match="gives no attention_mask, so words cannot be hidden"):
        SentenceWords(small, "a film", hidden=True)


def test_an_explained_sentence_has_its_words_as_names():
    model = SentimentTransformer(["not", "good"], width=8, heads=2, units=16, hidden=4, length=8).eval()
    words = SentenceWords(model, ["not", "good", "at all"])
    found = explain(words)
    assert found.unit_names == ("not", "good", "at all") and words.queries == 8 + 16
    everything = np.array([[1, 1, 1]], np.int8)
    assert found.intercept + found.coefficients.sum() == pytest.approx(float(words(everything)[0]), abs=1e-5)


def test_the_bundled_transformer_adds_words_up():
    model = SentimentTransformer.load(WEIGHTS)
    unknown = "zzz"  # no word of its vocabulary
    for text in ("hardly a masterpiece but not bad", "the film is not good at all", "never boring and always funny"):
        found = explain(SentenceWords(model, text, absent=unknown))
        assert 0.01 < 1 - found.singles_explain < 0.08
    found = explain(SentenceWords(model, "the film is not good at all", absent=unknown))
    of = dict(zip(map(found.label, found.subsets), found.coefficients, strict=True))
    assert abs(of.get("{not, good}", 0.0)) < 0.1 < of["{good}"]


LONG = (
    "the film is not good at all and the plot is never boring but the acting is not bad and the story is always funny "
    "and a masterpiece"
)


def test_a_sentence_of_28_words_is_explained_by_a_sparse_transform_with_its_joint_words():
    words = SentenceWords(SentimentTransformer.load(WEIGHTS), LONG)
    found = explain(words, max_queries=3000, seed=3)
    same = sparse_transform(words, sparsity=32, max_degree=3, max_queries=3000, seed=3)
    assert found.subsets == same.subsets and np.array_equal(found.coefficients, same.coefficients)
    assert found.n_units == 28 and found.evidence == "uniform" and not found.exact and found.queries == same.queries
    joint = [found.label(s) for s, claimed in zip(found.subsets, found.joint, strict=True) if claimed]
    assert "{boring, bad}" in joint
    fresh = points_of(28, 2000, np.random.default_rng(1))
    values = words(fresh)
    left = values - found.predict(Patterns.from_signs(fresh))
    share = 1 - left.var() / values.var()
    assert share > 0.85 and abs(share - found.explained_variance) < 4 * found.explained_variance_error
    # The pair is as joint as that: its coefficient, by the mean of all other words' presence in fresh combinations.
    at = found.subsets.index(next(s for s in found.subsets if found.label(s) == "{boring, bad}"))
    products = values * fresh[:, list(found.subsets[at])].prod(axis=1)
    error = np.hypot(products.std() / len(values) ** 0.5, found.standard_errors[at])
    assert abs(products.mean() - found.coefficients[at]) < 4 * error


def test_patches_of_an_image_are_explained():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(32, 2))
    covered = CoveredInput(model.eval(), torch.randn(3, 1, 6, 6), 1, value=0.0, base=1, patch=(3, 3))
    found = explain(covered)
    assert found.n_units == 4 and found.exact
    pattern = np.array([[1, -1, -1, 1]], np.int8)
    signs = [pattern[0, list(s)].prod() for s in found.subsets]
    assert found.intercept + found.coefficients @ signs == pytest.approx(float(covered(pattern)[0]), abs=1e-5)


@pytest.mark.parametrize(
    ("make", "layer", "axis"),
    [(models.mlp, "1", -1), (models.Conv, "features.0", 1), (models.Encoder, "blocks.0.act", -1)],
)
@pytest.mark.parametrize("absent", ["mean", 0.25])
def test_absent_units_have_their_mean_at_every_position(make, layer, axis, absent, rng):
    model = make().eval()
    inputs = {
        models.mlp: lambda: torch.randn(20, 6), models.Conv: lambda: torch.randn(20, 1, 8, 8),
        models.Encoder: lambda: models.sentences(20, 6),
    }[make]()  # fmt: skip
    rest = SubNetwork(model, layer, inputs, 1)
    mask = inputs["attention_mask"] if isinstance(inputs, dict) else None
    module, base = dict(model.named_modules())[layer], 4
    points = points_of(rest.n_units, 6, rng)
    expected = []
    for point in points:
        result = naive_rest.with_absent_units(model, module, inputs, base, point > 0, absent, axis, mask)
        expected.append(float((result["logits"] if isinstance(result, dict) else result)[0, 1]))
    np.testing.assert_allclose(rest.present(points, base, absent=absent), expected, rtol=1e-4, atol=1e-5)


def test_units_of_a_layer_are_explained_in_one_sample():
    model, x = models.mlp().eval(), torch.randn(30, 6)
    rest = SubNetwork(model, "1", x, 2)
    found = explain(rest, 3)
    # The logit is linear in these units: what their presence changes is their weight times their distance to the mean.
    weight = model[3].weight[2].detach().numpy()
    expected = weight * (rest.activations[3] - rest.activations.mean(0)) / 2
    np.testing.assert_allclose(found.influences(), np.square(expected), rtol=1e-3, atol=1e-7)
    assert max(map(len, found.subsets)) == 1 and found.singles_explain == pytest.approx(1)
    assert found.settings["base"] == 3


def test_what_does_not_fit_gets_a_sentence():
    rest = SubNetwork(models.mlp().eval(), "1", torch.randn(8, 6), 2)
    with pytest.raises(ValueError, match=r"base holds 8; the inputs hold samples 0\.\.7"):
        explain(rest, 8)
    with pytest.raises(ValueError, match="base=None; give a whole number"):
        explain(rest)
    with pytest.raises(ValueError, match="absent='median' is not a rule"):
        explain(rest, 0, absent="median")
    with pytest.raises(TypeError, match=r"Sequential has no method tokens\(texts\)"):
        SentenceWords(models.mlp(), "a film")
    with pytest.raises(ValueError, match="text='' has no words"):
        SentenceWords(SentimentTransformer(["a"], width=8, heads=2, units=4, hidden=4, length=8), "")
    words = SentenceWords(SentimentTransformer(["a"], width=8, heads=2, units=4, hidden=4, length=8), "a film")
    with pytest.raises(ValueError, match=r"points have shape \(1, 3\) for 2 words"):
        words([[1, 1, 1]])
