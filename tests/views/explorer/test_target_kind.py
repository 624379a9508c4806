"""What is explained of a class: its logit, or what else is made of all logits, chosen by a control."""

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets import SubNetwork, compare_targets, record, targets
from actspec_widgets.views import SideBySide, SpectrumExplorer, report
from actspec_widgets.views.kit.job import Report

torch = pytest.importorskip("torch")

OF_CLASS_2 = {
    "logit": targets.logit(2),
    "centred": targets.centred(2),
    "log_probability": targets.log_probability(2),
    "margin": targets.margin(2, 1),
    "is_class": targets.is_class(2),
}


def small(**more):
    """The first class comes first in no sample, and the second where the third does not."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    with torch.no_grad():
        model[2].bias += torch.tensor([-20.0, 0.0, 0.0])
    inputs = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    given = {"model": model, "inputs": inputs, "layers": ["1"], "layer": "1", "max_degree": 1, "threshold": "median"}
    return given | more


@pytest.fixture(scope="module")
def explorer():
    return SpectrumExplorer(**small(), logit=2)


@pytest.mark.parametrize("kind", OF_CLASS_2)
def test_recorded_data_and_network_mean_the_same_target(explorer, kind):
    explorer.target_kind = kind
    given, target, computed = small(), OF_CLASS_2[kind], explorer._computed
    known = record(given["model"], "1", given["inputs"], output=target, batch_size=64)
    np.testing.assert_array_equal(computed.target, known.target)
    rest = explorer._network._rest(computed.recording, computed.settings, Report())
    np.testing.assert_array_equal(rest.target, known.target)
    assert explorer.target == str(target) and f"of <bdi>{target}</bdi>" in explorer.title.value


@pytest.mark.parametrize("evidence", ["recorded", "experiment"])
def test_copied_code_gives_the_spectrum_of_the_target(evidence):
    given = small()
    explorer = SpectrumExplorer(**given, logit=2, target_kind="margin", evidence=evidence)
    space = {"model": given["model"], "inputs": given["inputs"]}
    exec(explorer.code(), space)
    assert "targets.margin(2, 1)" in explorer.code() and len(explorer.spectrum)
    np.testing.assert_array_equal(space["spectrum"].coefficients, explorer.spectrum.coefficients)


def test_of_the_digits_as_well():
    explorer = SpectrumExplorer(layer="hidden", logit=3, target_kind="log_probability", max_degree=1, top=3)
    space = {}
    exec(explorer.code(), space)
    np.testing.assert_array_equal(space["spectrum"].coefficients, explorer.spectrum.coefficients)
    assert "of <bdi>the log-probability of 3</bdi>" in explorer.title.value


def test_the_control_moves_the_trait_and_undo_takes_it_back(tmp_path):
    explorer = SpectrumExplorer(**small(), logit=2)
    control = explorer.controls["target_kind"]
    assert [value for _, value in control.options] == list(OF_CLASS_2)
    control.value = "centred"
    assert explorer.target_kind == "centred" and explorer.target == "logit 2 less the mean logit"
    assert explorer.about()["target_kind"] == "centred" and explorer.about()["output"] == explorer.target
    assert "logit 2 less the mean logit" in report(explorer, tmp_path / "page.html").read_text()
    explorer.undo()
    assert explorer.target_kind == control.value == "logit" and explorer.target == "logit 2"


def test_the_network_is_measured_for_the_same_target_of_every_class():
    explorer = SpectrumExplorer(**small(), logit=2, target_kind="is_class")
    layer = explorer._network.layer("1", explorer._computed)
    assert layer.outputs == (targets.is_class(1), targets.is_class(2))  # whether it is the first class never changes
    explorer.target_kind = "log_probability"
    found = explorer._network.measure(explorer.distribution.question, Report())
    given = small()
    rest = SubNetwork(given["model"], "1", given["inputs"], [targets.log_probability(k) for k in range(3)])
    assert found.mean_degree.value.shape == (3,)
    share = found.joint_share.value[2]
    assert share > 6 * found.joint_share.standard_error[2] and rest.target.shape[1] == 3  # a logit has none


def test_the_chosen_target_is_the_one_that_the_others_are_compared_with():
    explorer = SpectrumExplorer(**small(), logit=2, target_kind="margin")
    explorer.panels.shown = "Targets"
    panel = explorer.panels.front
    panel.asked.ask()
    order = [OF_CLASS_2[kind] for kind in ("margin", "logit", "centred", "log_probability", "is_class")]
    assert panel.found.names == tuple(map(str, order)) and panel.found.spectra[0] is explorer.spectrum
    given = small()
    known = compare_targets(given["model"], "1", given["inputs"], order, threshold="median", max_degree=1)
    np.testing.assert_array_equal(panel.found.overlaps, known.overlaps)


def test_names_of_classes_are_those_that_were_given():
    explorer = SpectrumExplorer(**small(output_names=["cat", "dog", "eel"]), logit=2, target_kind="margin")
    assert explorer.target == "logit eel less logit dog"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (lambda: {"activations": np.eye(4)[np.arange(400) % 4], "outputs": np.eye(4)[np.arange(400) % 4]}, "logits"),
        (lambda: small(output=targets.logit(0)), "give model= and inputs= without output="),
        (lambda: {"layer": "gates"}, "made of a model's logits, which are not what is explained here"),
    ],
)
def test_where_outputs_are_no_logits_there_is_no_control_and_a_sentence_says_why(given, sentence):
    explorer = SpectrumExplorer(**given())
    assert "target_kind" not in explorer.controls and "target_kind" not in explorer.about()
    with pytest.raises(TraitError, match=sentence):
        explorer.target_kind = "centred"
    with pytest.raises(TraitError, match=sentence):
        SpectrumExplorer(**given(), target_kind="centred")


def test_of_one_output_nothing_else_is_made():
    torch.manual_seed(0)
    given = small(model=torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 1)))
    explorer = SpectrumExplorer(**given)
    assert explorer.fields["target_kind"] not in explorer.control_box.children
    with pytest.raises(TraitError, match="compares the logits of several classes; here there is one output"):
        explorer.target_kind = "margin"
    assert "here there is one output" in SpectrumExplorer(**given, target_kind="margin").banner.text


def test_a_class_that_never_comes_first_and_words_that_are_no_target_are_refused():
    explorer = SpectrumExplorer(**small(), logit=2, target_kind="is_class")
    with pytest.raises(TraitError, match=r"class 0 comes first in all samples or in none, .* choose another logit"):
        explorer.logit = 0
    explorer.target_kind = "logit"
    explorer.logit = 0
    assert "is_class" not in [value for _, value in explorer.controls["target_kind"].options]
    with pytest.raises(TraitError, match=r"'target_kind' trait .* not the str 'odds'"):
        explorer.target_kind = "odds"
    with pytest.raises(TraitError, match="target_kind='centred'; a finished spectrum is of one target only"):
        SpectrumExplorer(explorer.spectrum).target_kind = "centred"


def test_two_targets_of_one_class_stand_side_by_side():
    pair = SideBySide(SpectrumExplorer(**small(), logit=2), SpectrumExplorer(**small(), logit=2, target_kind="margin"))
    pair.a.logit = 1
    assert (pair.b.logit, pair.b.target_kind, pair.b.target) == (1, "margin", "logit 1 less logit 2")
