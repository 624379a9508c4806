"""The sentiment transformer that comes with the package, and its recording, which holds no sentence."""

import json
import subprocess
import sys

import numpy as np
import pytest

from actspec_widgets.datasets import load_sentiment_example
from actspec_widgets.datasets.sentiment_example import RECORDING, WEIGHTS

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
    assert not any(" " in word for word in header["words"])


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


def test_torch_is_not_needed():
    load = "from actspec_widgets.datasets import load_sentiment_example as f; f()"
    code = f"import sys; {load}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_file_with_other_contents_is_refused(tmp_path):
    path = tmp_path / "r.npz"
    with pytest.raises(FileNotFoundError, match="make_sentiment_example"):
        load_sentiment_example(path)
    for changes, sentence in (
        ({"header": {"words": None}}, "it is damaged, truncated"),
        ({"parts": np.zeros(3)[:, None, None], "units": np.zeros((2, 2))}, "it is damaged, truncated"),
    ):
        with pytest.raises(ValueError, match=sentence):
            load_sentiment_example(rewritten(path, **changes))
