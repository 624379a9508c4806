"""Which subsets every target of a class reports, in the explorer."""

import numpy as np
import pytest

from actspec_widgets import compare_targets, targets
from actspec_widgets.views import SpectrumExplorer

torch = pytest.importorskip("torch")


def small(**more):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Linear(6, 3))
    inputs = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    return {"model": model, "inputs": inputs, "layers": ["1"], "layer": "1", "max_degree": 1, **more}


def panel(explorer):
    explorer.panels.shown = "Targets"
    return explorer.panels.front


def asked(explorer):
    found = panel(explorer)
    found.asked.ask()
    return found


def test_targets_of_a_class_are_compared_as_compare_targets_does():
    given = small()
    found = asked(SpectrumExplorer(**given, logit=2))
    names = "logit 2", "logit 2 less the mean logit", "the log-probability of 2", "logit 2 less logit 1", "whether"
    assert [name.startswith(start) for name, start in zip(found.found.names, names, strict=True)] == [True] * 5
    outputs = [targets.logit(2), targets.centred(2), targets.log_probability(2), targets.margin(2, 1)]
    known = compare_targets(
        given["model"], "1", given["inputs"], [*outputs, targets.is_class(2)], max_degree=1, search="auto"
    )
    assert [set(s.subsets) for s in found.found.spectra] == [set(s.subsets) for s in known.spectra]
    assert found.found.surviving == known.surviving != ()
    np.testing.assert_array_equal(found.found.overlaps, known.overlaps)
    assert f"<b>{len(known.surviving)} of " in found.sentence.value and "for all 5 targets" in found.sentence.value
    table = found.table.table
    assert [s for s, survives in zip(table.columns[0].values, table.columns[1].values, strict=True) if survives] == [
        *known.surviving
    ]


def test_outputs_given_by_name_are_the_ones_that_are_compared():
    explorer = SpectrumExplorer(**small(output=[targets.logit(0), targets.margin(1, 2)]), logit=1)
    found = asked(explorer)
    assert found.found.names == ("logit 1 less logit 2", "logit 0")
    assert found.found.spectra[0] is explorer.spectrum


def test_a_row_selects_its_subset_and_another_setting_asks_again():
    explorer = SpectrumExplorer(**small())
    found = asked(explorer)
    found.table.chosen = 1
    assert explorer.selection == found.found.spectra[0].subsets[1]
    explorer.logit = 1
    assert found.found is None and found.children == (found.note, found.asked)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (lambda: {"activations": np.eye(4)[np.arange(400) % 4], "outputs": np.arange(400) % 4}, "give the explorer"),
        (lambda: small(output=targets.logit(0)), "give the explorer"),
        (lambda: small(evidence="experiment", threshold="median"), "choose the evidence"),
    ],
)
def test_where_there_is_nothing_to_compare_the_panel_says_why(given, sentence):
    found = panel(SpectrumExplorer(**given()))
    assert sentence in found.note.value and found.asked.layout.display == "none"


def test_the_margin_is_to_the_class_that_comes_second():
    from actspec_widgets.networks.targets import of_one_class

    logits = np.array([[3.0, 2.0, 0.0], [3.0, 0.0, 2.0], [4.0, 0.0, 1.0], [0.0, 9.0, 0.0]])
    assert of_one_class(0, logits)[3] == targets.margin(0, 2)
    assert of_one_class(2, logits)[3:] == [targets.margin(2, 0)]  # class 2 never comes first
