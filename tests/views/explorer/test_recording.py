"""What an explorer computes from, and where it comes from."""

import numpy as np
import pytest

from actspec_widgets import Cancelled, Patterns, activation_spectroscopy
from actspec_widgets.views import SpectrumExplorer
from actspec_widgets.views.explorer.given import source
from actspec_widgets.views.explorer.recording import Recording
from actspec_widgets.views.kit.job import Report

NAMES = {"output_names": None, "image_shape": None, "unit_names": None, "examples": None}


@pytest.fixture
def table(rng):
    return rng.normal(size=(300, 6))


def test_computing_is_the_one_public_call(table):
    y = np.sign(table[:, 0] * table[:, 1])
    spectrum = SpectrumExplorer(activations=table, outputs=y, max_degree=2, top=5).spectrum
    expected = activation_spectroscopy(Patterns.from_activations(table), y, max_degree=2, top=5)
    assert spectrum.subsets == expected.subsets == ((0, 1),)
    np.testing.assert_array_equal(spectrum.coefficients, expected.coefficients)


@pytest.mark.parametrize("rule", ["zero", "mean", "median", "otsu", "informative", 0.3])
def test_every_threshold_rule_gives_the_patterns_of_the_package(table, rule):
    outputs = table[:, :2] + 1.0
    recording = Recording.checked(table, outputs)
    for logit in (0, 1, 0):
        expected = Patterns.from_activations(table, rule, target=outputs[:, logit])
        assert recording.patterns(rule, logit) == expected


def test_slow_threshold_rules_can_be_stopped(table):
    report = Report()
    report.stop.set()
    with pytest.raises(Cancelled):
        Recording.checked(table, table[:, 0]).patterns("otsu", 0, report)


def test_patterns_are_taken_as_they_are(table):
    patterns = Patterns.from_activations(table, unit_names=list("abcdef"))
    recording = Recording.checked(patterns, table[:, 0])
    assert recording.patterns("median", 0) is patterns and recording.unit_names == tuple("abcdef")
    renamed = Recording.checked(patterns, table[:, 0], unit_names=list("uvwxyz"))
    assert renamed.patterns("median", 0) == patterns.named(tuple("uvwxyz")) != patterns
    with pytest.raises(ValueError, match="1 unit names came for 6 units"):
        Recording.checked(patterns, table[:, 0], unit_names=["u"])


def test_images_as_activations_give_the_shape_of_the_map(rng):
    images = rng.integers(0, 255, (40, 5, 7))
    recording = Recording.checked(images, images[:, 0, 0])
    assert recording.image_shape == (5, 7) and recording.n_units == 35


@pytest.mark.parametrize("packed", [False, True])
def test_backdrop_is_the_mean_of_the_images_that_the_output_claims(rng, packed):
    signs = rng.choice([-1.0, 1.0], (60, 6))
    outputs = rng.normal(size=(60, 3))
    data = Patterns.from_signs(signs) if packed else signs
    values, caption = Recording.checked(data, outputs, image_shape=(2, 3)).backdrop(2)
    claimed = signs[outputs.argmax(axis=1) == 2]
    np.testing.assert_allclose(values, claimed.mean(axis=0))
    assert f"{len(claimed)} images for which logit 2 is the largest" in caption


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"outputs": np.zeros(299)}, "300 samples of activations came with 299 of outputs"),
        ({"outputs": np.full(300, np.nan)}, "outputs hold nan at sample 0, output 0"),
        ({"outputs": np.zeros((300, 2, 2))}, "outputs have shape"),
        ({"activations": np.zeros(300)}, "activations have shape"),
        ({"activations": np.zeros((0, 6)), "outputs": np.zeros(0)}, "nothing was recorded"),
        ({"output_names": ["a", "b"]}, "2 output names came for 1 outputs"),
        ({"image_shape": (28, 28)}, "784 pixels for 6 units"),
        ({"image_shape": (2, 3, 1)}, r"give \(rows, columns\)"),
        ({"outputs": None}, "give activations and outputs together"),
        ({"model": object()}, "both recorded arrays and a model"),
    ],
)
def test_parts_that_do_not_fit_are_refused_at_once(table, change, sentence):
    parts = {"activations": table, "outputs": table[:, 0], **change}
    names = {name: parts.pop(name, None) for name in NAMES}
    with pytest.raises(ValueError, match=sentence):
        source(**parts, names=names)


def test_incomplete_model_and_unknown_layer_of_the_example_are_refused():
    with pytest.raises(ValueError, match="model, layer and inputs together"):
        source(model=object(), names=NAMES)
    with pytest.raises(ValueError, match="'pixels' and 'hidden'"):
        source(layer="conv1", names=NAMES)


def test_output_that_does_not_exist_is_refused(table):
    with pytest.raises(ValueError, match="outputs 0 to 1"):
        Recording.checked(table, table[:, :2]).target(2)


def test_model_is_run_once_for_all_its_outputs(rng):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(20, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    inputs = torch.from_numpy(rng.normal(size=(50, 1, 4, 5)).astype("f4"))
    hidden = source(model=model, layer="2", inputs=inputs, names=NAMES).record("2", Report())
    assert hidden.n_units == 8 and hidden.image_shape is None
    np.testing.assert_array_equal(hidden.outputs, model(inputs).detach().numpy())
    pixels = source(model=model, layer="input", inputs=inputs, names=NAMES).record("input", Report())
    assert pixels.image_shape == (4, 5)


def test_layers_are_read_with_the_pool_and_the_mask_that_were_given(rng):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(24, 2))
    inputs = torch.from_numpy(rng.normal(size=(50, 3, 4)).astype("f4"))
    mask = np.tile([1, 1, 0], (50, 1))
    made = source(model=model, layer="1", inputs=inputs, names=NAMES, reading={"pool": "max", "mask": mask})
    with torch.no_grad():
        expected = model[:2](inputs)[:, :2].amax(1)
    np.testing.assert_array_equal(made.record("1", Report()).activations, expected)
    assert made.reading("1")["pool"] == "max" and "pool=pool, mask=mask)" in made.lines("1", 0)[1]
    for wrong in ({"activations": expected.numpy(), "outputs": expected[:, 0].numpy()}, {}):
        with pytest.raises(ValueError, match="pool say how a model's layers are read"):
            source(**wrong, names=NAMES, reading={"pool": "max"})


def test_units_of_a_layer_with_a_dictionary_are_its_latents(rng):
    torch = pytest.importorskip("torch")
    from actspec_widgets import SubNetwork
    from actspec_widgets.networks import TopK

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 8), torch.nn.Linear(8, 1))
    inputs, dictionary = rng.normal(size=(300, 4)).astype("f4"), TopK(8, 20, 5)
    given = {"model": model, "layer": "1", "inputs": inputs, "dictionary": dictionary}
    explorer = SpectrumExplorer(**given, output=0, max_degree=1)
    rest = SubNetwork(model, "1", torch.from_numpy(inputs), 0, dictionary=dictionary)
    assert explorer.spectrum.n_units == 20
    np.testing.assert_array_equal(explorer._recording.activations, rest.activations)
    assert "dictionary=dictionary)" in explorer.code()
    explorer.evidence = "experiment"
    assert explorer.spectrum.n_units == 20 and explorer.spectrum.evidence == "resampled"
    explorer.layer = "2"  # which the dictionary is not of
    assert explorer.spectrum.n_units == 8 and "dictionary" not in explorer.code()
    given["layer"] = None
    with pytest.raises(ValueError, match="dictionary= is about one layer; say with layer= which one that is"):
        SpectrumExplorer(**given)


def test_targets_stand_in_the_place_of_logits(rng):
    torch = pytest.importorskip("torch")
    from actspec_widgets import targets

    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    inputs = torch.from_numpy(rng.normal(size=(50, 4)).astype("f4"))
    chosen = [targets.margin(0, 2), targets.is_class(1)]
    made = source(model=model, layer="1", inputs=inputs, names=NAMES, reading={"output": chosen})
    recording = made.record("1", Report())
    with torch.no_grad():
        logits = model(inputs)
    np.testing.assert_allclose(recording.target(0), logits[:, 0] - logits[:, 2], rtol=1e-6)
    assert recording.target_name(0) == "logit 0 less logit 2" and made.output(1) is chosen[1]
    assert made.lines("1", 1)[-1] == "activations, target = record(model, '1', inputs, output=output[1])"


def test_a_small_third_axis_is_no_image(rng):
    assert Recording.checked(rng.normal(size=(50, 2, 4)), np.arange(50)).image_shape is None
    assert Recording.checked(rng.normal(size=(50, 6, 5)), np.arange(50)).image_shape == (6, 5)


def test_data_frames_keep_the_names_of_their_columns(rng):
    pandas = pytest.importorskip("pandas")
    units = pandas.DataFrame(rng.normal(size=(50, 2)), columns=["alpha", "beta"])
    outputs = pandas.DataFrame(rng.normal(size=(50, 2)), columns=["price", "size"])
    recording = Recording.checked(units, outputs)
    assert recording.unit_names == ("alpha", "beta") and recording.output_names == ("price", "size")


def test_labels_of_classes_are_refused_with_what_to_give(rng):
    with pytest.raises(ValueError, match=r"outputs hold \['cat'\] of dtype .*; give numbers, such as logits"):
        Recording.checked(rng.normal(size=(4, 2)), ["cat", "dog", "cat", "dog"])
