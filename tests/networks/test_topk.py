"""A small sparse dictionary of a layer."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets import SubNetwork, record  # noqa: E402
from actspec_widgets.networks.make_dictionary import make_dictionary  # noqa: E402
from actspec_widgets.networks.topk import TopK, train_topk  # noqa: E402
from small_reviews import small_reviews  # noqa: E402
from stand_in_encoder import encoder  # noqa: E402


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
    model, share = train_topk(rows, latents=16, k=2, epochs=60, batch_size=64)
    assert share > 0.7
    same = [train_topk(rows, latents=16, k=2, epochs=2, seed=3)[0].state_dict() for _ in range(2)]
    assert all(torch.equal(same[0][name], same[1][name]) for name in same[0])
    assert ((model.encode(torch.tensor(rows).float()) != 0).sum(1) <= 2).all()
    with pytest.raises(ValueError, match=r"rows have shape \(12,\)"):
        train_topk(rows[0], latents=4, k=1)


def test_the_script_makes_a_dictionary_whose_file_is_read_back(tmp_path):
    model, texts = encoder(), small_reviews(60).texts
    layer = "encoder.inner.blocks.1"
    made = make_dictionary(model, texts, layer=layer, latents=12, kept=3, epochs=5)
    assert made.report["layer"] == layer and made.report["tokens"] > 200 and made.report["explained"] < 1
    made.save(tmp_path / "made.safetensors")
    again = TopK.load(tmp_path / "made.safetensors")
    assert again.report == made.report and not again.training
    batches, _ = model.batches(texts)
    here, there = (record(model, layer, batches, output=0, dictionary=one) for one in (made, again))
    np.testing.assert_array_equal(here.activations, there.activations)
    rest = SubNetwork(model, layer, batches, 0, dictionary=again)
    np.testing.assert_allclose(rest.resample(np.arange(60), np.full((60, 12), -1)), rest.target, atol=1e-6)
    (tmp_path / "made.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match="cannot be read as a sparse dictionary"):
        TopK.load(tmp_path / "made.safetensors")
