"""Tokens and patches of one sample, shown or covered by a value of the user's choice."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import small_models as models  # noqa: E402
from actspec_widgets.networks import CoveredInput  # noqa: E402


def test_tokens_are_covered_by_an_id(rng):
    model, inputs = models.Encoder().eval(), models.sentences(12, 6)
    base = 3
    length = int(inputs["attention_mask"][base].sum())
    covered = CoveredInput(model, inputs, 1, value=7, base=base)
    assert covered.n_units == length and [p.tolist() for p in covered.places] == [[i] for i in range(length)]
    points = rng.choice(np.array([-1, 1], np.int8), (9, length))
    ids = inputs["input_ids"][base].repeat(9, 1)
    ids[:, :length] = torch.where(torch.from_numpy(points > 0), ids[:, :length], 7)
    with torch.no_grad():
        expected = model(ids, inputs["attention_mask"][base].repeat(9, 1))["logits"][:, 1]
    np.testing.assert_allclose(covered(points), expected, rtol=1e-5, atol=1e-6)
    assert covered.queries == 9 and repr(covered) == f"CoveredInput(Encoder, layer='input', {length} units, 9 queries)"


def test_tokens_are_covered_by_an_embedding(rng):
    model, inputs = models.Encoder().eval(), models.sentences(12, 6)
    by_id = CoveredInput(model, inputs, 1, value=7, base=5)
    by_vector = CoveredInput(model, inputs, 1, value=model.embed.weight[7], base=5, layer="embed")
    points = rng.choice(np.array([-1, 1], np.int8), (9, by_id.n_units))
    np.testing.assert_allclose(by_vector(points), by_id(points), rtol=1e-5, atol=1e-6)


def test_patches_of_an_image_are_covered_by_a_value_a_channel():
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.Flatten(), torch.nn.Linear(60, 2)).eval()
    x, value = torch.randn(4, 3, 5, 6), np.array([1.0, 2.0, 3.0], np.float32)
    covered = CoveredInput(model, x, 0, value=value, base=2, patch=(2, 3))
    assert covered.n_units == 6  # the last row of patches is one pixel high
    points = np.ones((6, 6), np.int8)
    np.fill_diagonal(points, -1)
    for unit, answer in enumerate(covered(points)):
        image = x[2:3].clone()
        row, column = divmod(unit, 2)
        image[:, :, 2 * row : 2 * row + 2, 3 * column : 3 * column + 3] = torch.tensor(value)[None, :, None, None]
        with torch.no_grad():
            assert answer == pytest.approx(float(model(image)[0, 0]), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"value": 0.5}, "covers whole numbers; give a whole number such as a token id"),
        ({"value": [1, 2]}, r"value has shape \(2,\)"),
        ({"value": 0, "base": 12}, r"base=12 is not a sample of the inputs; they hold 0\.\.11"),
        ({"value": 0, "patch": (2, 2)}, r"patch=\(2, 2\) of positions \(6,\)"),
        ({"value": np.inf, "layer": "embed"}, "value holds NaN"),
    ],
)
def test_what_does_not_fit_gets_a_sentence(settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        CoveredInput(models.Encoder(), models.sentences(12, 6), 1, **settings)


def test_wrong_points_get_a_sentence():
    with pytest.raises(ValueError, match=r"for \d units"):
        CoveredInput(models.Encoder(), models.sentences(12, 6), 1, value=0)(np.ones((2, 9), np.int8))
