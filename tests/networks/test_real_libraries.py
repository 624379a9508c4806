"""Models of the libraries that people use, small and random: recorded, and asked about, with the bits of the whole run.

Each library is looked at where it is installed; nothing is downloaded.
"""

import sys
import warnings
from unittest.mock import MagicMock, patch

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from actspec_widgets import SubNetwork, record, targets  # noqa: E402


def sentences(m=48):
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(3, 9, (m,), generator=generator)
    mask = (torch.arange(8)[None] < lengths[:, None]).long()
    return {"input_ids": torch.randint(3, 50, (m, 8), generator=generator) * mask, "attention_mask": mask}


def images(m=48, side=32):
    return torch.randn(m, 3, side, side, generator=torch.Generator().manual_seed(0))


def gpt2(kind):
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(
        vocab_size=50, n_embd=16, n_layer=3, n_head=2, n_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2
    )
    return getattr(transformers, f"GPT2{kind}")(config)


def llama(kind):
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=50,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        pad_token_id=0,
    )
    return getattr(transformers, f"Llama{kind}")(config)


def bert():
    transformers = pytest.importorskip("transformers")
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=24
    )
    return transformers.BertForSequenceClassification(config)


def vit():
    transformers = pytest.importorskip("transformers")
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=24, image_size=32, patch_size=8
    )
    return transformers.ViTForImageClassification(config)


def timm_model(name, **settings):
    try:
        timm = pytest.importorskip("timm", exc_type=ImportError)
    except pytest.skip.Exception:
        timm = timm_without_torchvision()
    return timm.create_model(name, num_classes=4, **settings)


def timm_without_torchvision():
    """timm's networks: torchvision, of which timm takes what reads images, has no wheel for torch's CPU build."""
    names = ("", ".datasets", ".models", ".models.feature_extraction", ".ops", ".ops.misc", ".transforms")
    absent = {f"torchvision{name}": MagicMock() for name in (*names, ".transforms.functional")}
    absent["torchvision.ops.misc"].FrozenBatchNorm2d = type("FrozenBatchNorm2d", (torch.nn.Module,), {})
    with patch.dict(sys.modules, absent):
        for name in [name for name in sys.modules if name.split(".")[0] == "timm"]:
            del sys.modules[name]
        return pytest.importorskip("timm")


LAST = targets.logit(7, position="last")
CASES = {
    "GPT-2, a classifier": (lambda: gpt2("ForSequenceClassification"), "transformer.h.1.mlp.act", sentences, 0),
    "GPT-2, a language model": (lambda: gpt2("LMHeadModel"), "blocks.2.mlp.hook_post", sentences, LAST),
    "Llama, a classifier": (lambda: llama("ForSequenceClassification"), "layers[1]", sentences, 0),
    "Llama, a language model": (lambda: llama("ForCausalLM"), "layers[2].self_attn", sentences, LAST),
    "BERT": (bert, "bert.encoder.layer.1.intermediate", sentences, 0),
    "BERT, attention": (bert, "blocks.2.attn.hook_z", sentences, 0),
    "ViT": (vit, "blocks.1.mlp.hook_post", lambda: {"pixel_values": images()}, 0),
    "ResNet-18": (lambda: timm_model("resnet18", zero_init_last=False), "layer2.0.act1", images, 0),
    "EfficientNet-Lite0": (lambda: timm_model("efficientnet_lite0"), "blocks.2.1", images, 0),
    "Swin": (
        lambda: timm_model(
            "swin_tiny_patch4_window7_224", img_size=64, window_size=4, depths=(2, 2, 2, 2), embed_dim=24
        ),
        "layers.1.blocks.1",
        lambda: images(side=64),
        0,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_recorded_resampled_and_queried(case, rng):
    make, layer, data, output = CASES[case]
    torch.manual_seed(0)
    model, inputs = make(), data()
    recording = record(model, layer, inputs, output=output)
    rest = SubNetwork(model, layer, inputs, output, threshold="median", recording=recording)
    m, n = rest.activations.shape
    np.testing.assert_array_equal(rest.resample(np.arange(m), np.full((m, n), -1)), recording.target)
    base = rng.integers(0, m, m)
    donors = rng.integers(0, m, (m, n))
    donors[rest.lengths[donors] < rest.lengths[base][:, None]] = -1
    answers = [rest.resample(base, donors) for _ in range(3)]
    np.testing.assert_array_equal(answers[0], answers[2])
    assert (answers[0] != recording.target[base]).any() and rest.runs == "from the layer on"

    assert np.ptp(rest.query(rng.choice(np.array([-1, 1], np.int8), (20, n)))) > 0


def test_windows_of_swin_keep_channels_as_units():
    make, layer, data, output = CASES["Swin"]
    recording = record(make(), layer, data(), output=output)
    assert recording.activations.shape == (48, 48) and recording.layout.unit_axis == 3


def test_a_padded_batch_is_the_sentences_alone():
    transformers = pytest.importorskip("transformers")
    assert transformers
    torch.manual_seed(0)
    model, inputs = bert(), sentences()
    pooled = record(model, "blocks.1.mlp.hook_post", inputs, output=0).activations
    for row in range(5):
        length = int(inputs["attention_mask"][row].sum())
        alone = {name: values[row : row + 1, :length] for name, values in inputs.items()}
        np.testing.assert_allclose(
            record(model, "blocks.1.mlp.hook_post", alone, output=0).activations[0], pooled[row], rtol=1e-3, atol=1e-6
        )


def test_numbers_of_eight_bits_are_recorded():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.ao announces its move to another package
        quantized = torch.ao.quantization.quantize_dynamic(model.eval(), {torch.nn.Linear}, dtype=torch.qint8)
    x = torch.randn(48, 8)
    recording = record(quantized, "1", x, output=0)
    for known in (None, recording):  # what it gives for a sample depends on the whole batch
        rest = SubNetwork(quantized, "1", x, 0, recording=known)
        np.testing.assert_array_equal(rest.resample(np.arange(48), np.full((48, 16), -1)), rest.target)
    np.testing.assert_allclose(rest.target, record(model, "1", x, output=0).target, atol=0.1)


def test_a_compiled_model_is_read_like_the_model_it_was_made_from():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
    x = torch.randn(48, 8)
    expected = record(model, "1", x, output=0)
    compiled = torch.compile(model, backend="eager")
    compiled(x)  # what is compiled before the hooks are there must not miss them
    got = record(compiled, "1", x, output=0)
    np.testing.assert_array_equal(got.activations, expected.activations)
    rest = SubNetwork(compiled, "1", x, 0)
    other = SubNetwork(model, "1", x, 0)
    donors = np.random.default_rng(0).integers(-1, 48, (48, 16))
    np.testing.assert_array_equal(rest.resample(np.arange(48), donors), other.resample(np.arange(48), donors))
