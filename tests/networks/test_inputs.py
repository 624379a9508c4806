"""Inputs in the forms in which loaders, tokenizers and data sets give them."""

from collections import UserDict

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch.utils.data import DataLoader, Dataset, TensorDataset  # noqa: E402

import small_models as models  # noqa: E402
from actspec_widgets import SubNetwork, record  # noqa: E402


class Named(Dataset):
    """A map-style data set of dicts with labels."""

    def __init__(self, inputs):
        self.inputs = inputs

    def __len__(self):
        return len(self.inputs["input_ids"])

    def __getitem__(self, i):
        return {**{name: values[i] for name, values in self.inputs.items()}, "labels": i % 2}


FORMS = {
    "lists of a tokenizer": lambda inputs: UserDict({name: values.tolist() for name, values in inputs.items()}),
    "a data set": Named,
    "a loader of dicts with labels": lambda inputs: DataLoader(Named(inputs), batch_size=8),
    "batches with labels": lambda inputs: [{**inputs, "labels": torch.zeros(20)}],
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_sentences_gives_the_same(form):
    model, inputs = models.Encoder(), models.sentences(20, 6)
    expected = record(model, "blocks.1.act", inputs, output=0, batch_size=8)
    given = FORMS[form](inputs)
    got = record(model, "blocks.1.act", given, output=0, batch_size=8)
    np.testing.assert_allclose(got.activations, expected.activations, rtol=1e-5, atol=1e-6)
    rest = SubNetwork(model, "blocks.1.act", given, 0, batch_size=8)
    own = rest.resample(np.arange(20), np.full((20, 12), -1))
    np.testing.assert_allclose(own, expected.target, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("form", [lambda x, y: TensorDataset(x, y), lambda x, y: DataLoader(TensorDataset(x, y), 8)])
def test_labels_of_a_loader_are_left_out(form):
    model, x = models.mlp(), torch.randn(20, 6)
    got = record(model, "1", form(x, torch.zeros(20)), output=0, batch_size=8)
    np.testing.assert_array_equal(got.activations, record(model, "1", x, output=0, batch_size=8).activations)


def test_a_second_input_that_may_be_a_label_is_asked_about():
    tokens, scale = torch.randint(0, 11, (6, 5)), torch.rand(6)
    with pytest.raises(TypeError, match=r"batch 0 is a list of 2, .* the model takes tokens, scale; pass only"):
        record(models.Text(), "block", DataLoader(TensorDataset(tokens, scale), 3), output=0)
    record(models.Text(), "block", [(tokens, scale)], output=0)


def test_lists_of_different_lengths_get_a_sentence():
    with pytest.raises(ValueError, match="lists of different lengths; pad them"):
        record(models.Text(), "block", {"tokens": [[1, 2], [3]]}, output=0)
