"""The answers that ship: all of them, read-only, and what the network says whose weights ship too."""

import itertools

import numpy as np
import pytest

from actspec_widgets.datasets import load_sentence_example
from actspec_widgets.datasets.sentence_example import ANSWERS, ENCODER, KIND, STEP, TRANSFORMER

EXAMPLE = load_sentence_example()


def test_the_file_is_small_and_holds_no_pickle():
    assert ANSWERS.stat().st_size < 100_000
    with np.load(ANSWERS, allow_pickle=False) as archive:
        assert set(archive.files) == {"header", ENCODER, TRANSFORMER, "probe_weight"}


def test_every_sentence_has_all_answers_of_both_networks_and_nobody_can_change_them():
    assert len(set(EXAMPLE.texts)) == 20
    for network, text in itertools.product((ENCODER, TRANSFORMER), EXAMPLE.texts):
        answers = EXAMPLE.answer(network, f"  {text} ")
        assert answers.shape == (1 << len(text.split()),) and np.ptp(answers) > 0
        with pytest.raises(ValueError, match="read-only"):
            answers[0] = 0
    assert EXAMPLE.answer(ENCODER, "something else") is None


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "a.npz").write_bytes(ANSWERS.read_bytes()[:-200])
    with pytest.raises(ValueError, match="cannot be read as answers to sentences"):
        load_sentence_example(tmp_path / "a.npz")


def test_tables_that_do_not_fit_the_sentences_are_refused(tmp_path):
    header, arrays = KIND.load_npz(ANSWERS)
    KIND.save_npz(tmp_path / "a.npz", header, arrays | {ENCODER: arrays[ENCODER][:-1]})
    with pytest.raises(ValueError, match="cannot be read as answers to sentences"):
        load_sentence_example(tmp_path / "a.npz")


@pytest.mark.parametrize("network", [TRANSFORMER, ENCODER])
def test_the_networks_still_say_what_the_file_says(network):
    pytest.importorskip("torch")
    from actspec_widgets.datasets import load_sentiment_example
    from actspec_widgets.networks import SentenceWords, SentimentTransformer
    from actspec_widgets.networks.encoder import film_encoder
    from actspec_widgets.patterns.cube import points_from_index

    if network == TRANSFORMER:
        model = SentimentTransformer.load(load_sentiment_example().weights)
    else:
        pytest.importorskip("transformers")
        try:
            model = film_encoder(local_files_only=True)
        except OSError:
            pytest.skip("the encoder is not on this machine")
    for text in EXAMPLE.texts[:3]:
        n = len(text.split())
        table = SentenceWords(model, text).query(points_from_index(np.arange(1 << n), n))
        assert np.abs(table - EXAMPLE.answer(network, text)).max() <= STEP / 2 + 1e-4
