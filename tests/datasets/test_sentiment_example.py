"""The sentiment transformer that comes with the package, and its recording, which holds no sentence."""

import json
import subprocess
import sys

import numpy as np
import pytest

from actspec_widgets.datasets import load_sentiment_example
from actspec_widgets.datasets.sentiment_example import RECORDING, WEIGHTS
from actspec_widgets.networks import SubNetwork
from actspec_widgets.networks.make_sentiment_example import make_sentiment_example
from actspec_widgets.networks.sentiment import SentimentTransformer, logits, recorded
from small_reviews import EASY, small_reviews

EXAMPLE = load_sentiment_example()


def rewritten(path, **changes):
    """The bundled recording with arrays or header entries replaced."""
    with np.load(RECORDING) as archive:
        arrays = dict(archive)
    text = json.loads(arrays["header"].tobytes()) | changes.pop("header", {})
    arrays |= changes | {"header": np.frombuffer(json.dumps(text).encode(), np.uint8)}
    np.savez(path, **arrays)
    return path


def test_the_files_are_small_and_hold_no_sentence():
    assert RECORDING.stat().st_size + WEIGHTS.stat().st_size < 700_000
    with np.load(RECORDING, allow_pickle=False) as archive:
        assert set(archive.files) == {"header", "units", "words", "active_means", "logits", "scores", "parts"}
        header = json.loads(archive["header"].tobytes())
    assert not any(" " in word for word in (*header["words"], *SentimentTransformer.load(WEIGHTS).vocabulary.entries))


def test_what_is_recorded_fits_together():
    m = len(EXAMPLE.logits)
    assert EXAMPLE.units.shape == (m, len(EXAMPLE.active_means)) and EXAMPLE.words.shape == (m, len(EXAMPLE.word_names))
    assert EXAMPLE.scores.shape == EXAMPLE.parts.shape == (m,) and np.abs(EXAMPLE.scores).min() >= 0.5
    assert set(EXAMPLE.parts) == {"train", "val", "test"} and not EXAMPLE.units.flags.writeable
    counts = EXAMPLE.words[EXAMPLE.is_train].sum(axis=0)
    assert counts[0] > counts[-1] > 0


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_the_accuracies_are_those_of_the_recording(part):
    chosen = EXAMPLE.parts == part
    right = (EXAMPLE.logits[chosen] > 0) == (EXAMPLE.scores[chosen] > 0)
    assert right.mean() == pytest.approx(EXAMPLE.settings[f"{part}_accuracy"])
    assert right.mean() > 0.75


def test_the_means_are_of_the_units_that_are_on():
    """With each unit at its mean where it is on and at 0 where it is off, the network still says about the same."""
    model = SentimentTransformer.load(EXAMPLE.weights)
    query = SubNetwork(model, EXAMPLE.layer, model.tokens(["a film"]), 0, active=EXAMPLE.active_means, inactive="zero")
    said = query(np.where(EXAMPLE.units[:500], 1, -1))
    assert np.corrcoef(said, EXAMPLE.logits[:500])[0, 1] > 0.8


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


def test_torch_is_not_needed():
    load = "from actspec_widgets.datasets import load_sentiment_example as f; f()"
    code = f"import sys; {load}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_damaged_or_foreign_file_is_refused(tmp_path):
    path = tmp_path / "r.npz"
    with pytest.raises(FileNotFoundError, match="make_sentiment_example"):
        load_sentiment_example(path)
    for damage in (RECORDING.read_bytes()[:5000], b"", b"text"):
        path.write_bytes(damage)
        with pytest.raises(ValueError, match="it is damaged, truncated"):
            load_sentiment_example(path)
    for changes, sentence in (
        ({"header": {"kind": "other"}}, "not a recorded sentiment example"),
        ({"header": {"version": 9}}, "of version 9"),
        ({"header": {"words": None}}, "it is damaged, truncated"),
        ({"parts": np.zeros(3)[:, None, None], "units": np.zeros((2, 2))}, "it is damaged, truncated"),
    ):
        with pytest.raises(ValueError, match=sentence):
            load_sentiment_example(rewritten(path, **changes))
