"""The explorer without a browser: set traits, read marks."""

import asyncio
import inspect
import threading
import time

import numpy as np
import pytest
from traitlets import TraitError

from actspec_widgets import activation_spectroscopy, goldreich_levin, scan, synthetic
from actspec_widgets.views import SpectrumExplorer, report
from actspec_widgets.views.kit.evidence import Effects
from views.spectra import column, make, values


@pytest.fixture(scope="module")
def planted():
    return synthetic.planted(9, [(0,), (1, 2), (3, 4, 5)], [1.0, -2.0, 0.5], samples=800, noise=0.1, seed=1)


@pytest.fixture
def found(planted):
    """An explorer of two outputs: the planted one, and the parity of the last two units."""
    signs = planted.patterns.signs()
    outputs = np.column_stack([planted.target, signs[:, 7] * signs[:, 8]])
    return SpectrumExplorer(activations=planted.patterns, outputs=outputs, max_degree=3)


def texts(view):
    return [child.value for child in view.children if hasattr(child, "value")]


def test_recorded_arrays_are_computed_and_drawn(found):
    assert set(found.spectrum.subsets) == {(0,), (1, 2), (3, 4, 5)}
    np.testing.assert_allclose(values(found.bars), [-2.0, 1.0, 0.5], atol=0.05)
    assert found.main in found.children and not found.busy
    assert "of <bdi>logit 0</bdi>" in found.title.value


def test_the_explorer_asks_with_the_settings_that_the_function_has_by_default():
    asked = inspect.signature(activation_spectroscopy).parameters
    traits = SpectrumExplorer.class_traits()  # the size aside: up to 2, so that 784 pixels answer at once
    for name in ("top", "rho_max", "search", "split", "seed"):
        assert traits[name].default() == asked[name].default, name


def test_control_and_trait_move_each_other_and_the_picture(found):
    found.controls["logit"].value = 1
    assert found.logit == 1 and found.spectrum.subsets == ((7, 8),)
    found.logit = 0
    assert found.controls["logit"].value == 0 and len(values(found.bars)) == 3
    found.controls["max_degree"].value = 1
    assert found.max_degree == 1 and found.spectrum.subsets == ((0,),)
    found.top = 500
    assert found.controls["top"].value == 500


def test_selection_is_shared_by_bars_picture_and_words(found):
    found.bars.selection = (1, 2)
    assert found.selection == (1, 2) and found.bars.figure.outlined == [1, 2] and "{1, 2}" in found.words.value
    found.bars.figure.chosen = found.bars.drawn.order.index(found.spectrum.subsets.index((0,)))  # a click on its bar
    assert found.selection == (0,) and found.bars.figure.outlined == [0]
    found.selection = None
    assert found.bars.figure.chosen == -1 and "Click a bar" in found.words.value


def test_selection_set_from_python_is_put_in_order_and_may_be_unreported(found):
    found.selection = (2, 1)
    assert found.selection == (1, 2)
    found.selection = (6, 7)
    assert "Not among the reported" in found.words.value and found.bars.figure.outlined == [6, 7]


def test_the_first_subset_drawn_is_selected_until_somebody_selects_or_the_order_changes(found):
    assert found.selection == (1, 2)
    found.effects.found = Effects("by experiment", {(1, 2): (0.0, 0.1)})  # what holds stands first
    assert found.selection == (0,)
    found.selection = (3, 4, 5)
    found.effects.found = None
    assert found.selection == (3, 4, 5)
    found.selection = None
    found.top = 2
    assert found.selection is None


def test_settings_and_selections_are_taken_back_one_by_one(found):
    found.undo()  # nothing to take back
    assert not found.bars.figure.undoable and found.selection == (1, 2)
    found.selection = (0,)
    found.top = 2
    found.logit = 1  # whose spectrum does not report the selection, which goes with it
    assert found.bars.figure.undoable and found.selection is None
    for logit, top, selection in ((0, 2, None), (0, 20, None), (0, 20, (1, 2))):
        found.bars.figure._handle_custom_msg({"undo": True}, [])
        assert (found.logit, found.top, found.selection) == (logit, top, selection)
    assert not found.bars.figure.undoable and found.controls["top"].value == 20


def test_the_code_is_sent_to_the_page_that_asks_for_it(found, monkeypatch):
    sent = []
    monkeypatch.setattr(found.bars.figure, "send", sent.append)
    found.bars.figure._handle_custom_msg({"code": True}, [])
    assert sent == [{"code": found.code()}]


@pytest.mark.parametrize(("subset", "sentence"), [((99,), "outside 0..8"), ((1, 1), "repeats a unit")])
def test_impossible_selection_is_refused_and_the_old_one_stays(found, subset, sentence):
    found.selection = (0,)
    with pytest.raises(TraitError, match=sentence):
        found.selection = subset
    assert found.selection == found.bars.selection == (0,)


def test_selection_that_the_new_spectrum_does_not_report_is_dropped(found):
    found.selection = (1, 2)
    found.rho_max = 0.8
    assert found.selection == (1, 2)
    found.logit = 1
    assert found.selection is None


def test_failure_keeps_the_last_good_picture_and_says_why(found, monkeypatch):
    def fail(*_):
        raise ValueError("no <b>ink</b> left")

    before = found.spectrum, values(found.bars)
    with monkeypatch.context() as patch:
        patch.setattr(SpectrumExplorer, "_work", fail)
        found.top = 7
    assert (found.spectrum, values(found.bars)) == before
    assert "No &lt;b&gt;ink&lt;/b&gt; left" in found.banner.value and found.job.state == "failed"
    found.job.again_button.click()
    found.top = 8
    assert found.banner.value == "" and found.job.state == "done"


def test_output_that_does_not_exist_is_refused(found):
    with pytest.raises(TraitError, match="outputs 0 to 1"):
        found.logit = 2
    assert found.logit == 0


def test_constant_output_is_explained_in_the_banner(planted):
    view = SpectrumExplorer(activations=planted.patterns, outputs=np.ones(800))
    assert view.spectrum is None and "The target is 1 for all 800 samples" in view.banner.text
    assert view.main not in view.children and "No subsets found yet" in view.title.value


def test_nothing_found_is_a_sentence_and_no_figure(rng):
    view = SpectrumExplorer(activations=rng.normal(size=(200, 5)), outputs=rng.normal(size=200))
    assert len(view.spectrum) == 0 and view.main not in view.children
    assert "No subset of the 5 units is reported" in view.empty.value


def test_finished_spectrum_is_filtered_not_computed():
    spectrum = make([(0,), (1, 2), (3, 4, 5)], [0.25, -1.0, 0.5])
    view = SpectrumExplorer(spectrum)
    assert [v.description for v in view.controls.values()] == ["Largest size", "Number"]
    assert "To change the logit" in view.hint.value and view.job not in view.children
    view.controls["max_degree"].value = 2
    assert values(view.bars) == [-1.0, 0.25] and view.spectrum is spectrum
    view.top = 1
    assert values(view.bars) == [-1.0]


@pytest.mark.parametrize("tau", [0.5, 2.0])
def test_what_queries_found_is_shown_as_what_it_is(tau, tmp_path):
    found = goldreich_levin(lambda x: x[:, 1] * 1.0 - 0.8 * x[:, 2] * x[:, 5] + 1.5, 12, tau=tau)
    explorer = SpectrumExplorer(found)
    assert "each equally likely, not recorded" in explorer.title.value and "samples" not in explorer.title.value
    if tau == 0.5:
        assert set(found.subsets) == {(), (1,), (2, 5)} and len(values(explorer.bars)) == 2
        assert "2 subsets of 12 units explain 100" in explorer.title.value and "mean is +1.5" in explorer.title.value
        explorer.selection = (2, 5)
        assert "Fourier coefficient" in explorer.words.value and "the data" not in explorer.words.value.lower()
    page = report(explorer, tmp_path / "page.html").read_text(encoding="utf-8")
    assert "random, not recorded" in page and "recorded data is an association" not in page


def test_estimates_are_no_spectrum_and_the_sentence_says_what_is(planted):
    with pytest.raises(TypeError, match="got Estimates in the place of a spectrum; give what activation_spectroscopy"):
        SpectrumExplorer(scan(planted.patterns, planted.target, max_degree=2))


def test_a_spectrum_that_carries_effects_is_judged_by_them():
    spectrum = make([(0,), (1, 2)], [1.0, 2.0], effects=[0.9, 0.001], effect_errors=[0.01, 0.01])
    view = SpectrumExplorer(spectrum)
    assert values(view.bars) == [1.0, 2.0]  # the network does what the single unit says, and not the pair
    assert [row["faint"] for row in view.bars.figure.content["rows"]] == [
        False,
        True,
    ] and "○ by experiment" in view.bars.legend.value
    view.spectrum = make([(0,), (1, 2)], [1.0, 2.0])
    assert values(view.bars) == [2.0, 1.0] and "by experiment" not in view.bars.legend.value


def test_finished_spectrum_of_pixels_is_drawn_as_an_image():
    view = SpectrumExplorer(make([(0,), (1, 5)], n_units=12), image_shape=(3, 4), output_names=["logit 3"])
    assert (
        view.bars.figure.place["kind"] == "image" and "logit 3" in view.title.value and "12 pixels" in view.title.value
    )


def test_spectrum_set_from_python_is_shown_and_stops_what_runs(found):
    other = make([(0, 8)], n_units=9)

    async def main():
        found.logit = 1
        found.spectrum = other
        await asyncio.to_thread(time.sleep, 0.2)
        assert found.job.wait(10)

    asyncio.run(main())
    assert found.spectrum is other and values(found.bars) == [1.0]
    assert "of <bdi>the output</bdi>" in found.title.value


def test_table_is_written_only_while_it_is_open(found):
    twin = found.bars.twin
    assert twin.table not in twin.children and len(twin.table.table) == 0
    twin.button.value = True
    assert twin.table in twin.children and len(twin.table.content["cells"]) == 3
    found.logit = 1
    assert len(twin.table.content["cells"]) == 1
    twin.button.value = False
    assert twin.table not in twin.children


def test_settings_turned_during_a_computation_end_with_the_newest(planted, monkeypatch):
    computed = []
    compute = SpectrumExplorer._work

    def slow(explorer, settings, progress):
        computed.append(settings["top"])
        for step in range(20):
            progress(step, 20)
            time.sleep(0.005)
        return compute(explorer, settings, progress)

    monkeypatch.setattr(SpectrumExplorer, "_work", slow)

    async def main():
        view = SpectrumExplorer(activations=planted.patterns, outputs=planted.target, max_degree=3)
        assert view.busy and view.spectrum is None and "Looking for" in view.title.value
        for n in (9, 8, 7, 2):
            view.top = n
        return view.wait(30)

    view = asyncio.run(main())
    assert computed == [20, 2]
    assert len(view.spectrum) == 2 and view.spectrum.settings["top"] == 2


def test_cancelling_keeps_the_picture(found, monkeypatch):
    def endless(known, settings, progress):
        while True:
            progress(1, 2)
            time.sleep(0.005)

    monkeypatch.setattr(SpectrumExplorer, "_work", endless)
    before = found.spectrum

    async def main():
        found.logit = 1
        await asyncio.sleep(0.05)
        assert found.busy
        found.cancel()
        found.wait(10)

    asyncio.run(main())
    assert found.spectrum is before and found.job.state == "stopped" and "from before" in found.job.status.value
    assert [t for t in threading.enumerate() if t.name == "actspec-job"] == []


def test_waiting_too_long_says_what_to_do(found, monkeypatch):
    monkeypatch.setattr(SpectrumExplorer, "_work", lambda known, settings, progress: time.sleep(0.3))

    async def main():
        found.logit = 1
        with pytest.raises(TimeoutError, match=r"cancel\(\)"):
            found.wait(0.01)
        found.cancel()
        found.wait(10)

    asyncio.run(main())


def test_threshold_control_is_there_for_activations_only(found, rng):
    assert found.fields["threshold"] not in found.control_box.children
    A = rng.normal(size=(300, 4))
    view = SpectrumExplorer(activations=A + 5, outputs=np.sign(A[:, 0]), threshold="mean")
    assert view.spectrum.subsets == ((0,),)
    view.controls["threshold"].value = "median"
    assert view.threshold == "median"
    view.threshold = 5.25
    assert view.controls["threshold"].label == "above 5.25" and view.controls["threshold"].value == 5.25


@pytest.mark.parametrize(
    "change",
    [{"threshold": "middle"}, {"rho_max": 2.0}, {"max_degree": 0}, {"alpha": 0.0}, {"logit": -1}, {"split": 1.5}],
)
def test_settings_out_of_range_are_refused(found, change):
    ((name, value),) = change.items()
    before = getattr(found, name)
    with pytest.raises(TraitError):
        setattr(found, name, value)
    assert getattr(found, name) == before


def test_unknown_setting_and_contradicting_sources_are_refused():
    with pytest.raises(TypeError, match="no setting 'degree'"):
        SpectrumExplorer(degree=3)
    with pytest.raises(ValueError, match="give a spectrum, or data"):
        SpectrumExplorer(make([(0,)]), layer="hidden")


def test_arrays_by_place_are_refused_with_how_to_give_them(rng):
    with pytest.raises(TypeError, match=r"got 2 things without a name; .*activations=A, outputs=y"):
        SpectrumExplorer(rng.normal(size=(9, 2)), np.arange(9))
    with pytest.raises(TypeError, match="got str in the place of a spectrum"):
        SpectrumExplorer("x")


def test_tensors_with_gradients_are_read(rng):
    torch = pytest.importorskip("torch")
    signs = torch.tensor(rng.choice([-1.0, 1.0], (200, 3)), requires_grad=True)
    assert SpectrumExplorer(activations=signs, outputs=signs[:, 0] * 2).spectrum.subsets == ((0,),)


def test_error_in_a_callback_shows_in_the_banner(found, monkeypatch):
    found.bars.observe(found._picked, "selection")
    monkeypatch.setattr(found, "_show_selection", lambda: 1 / 0)
    found.bars.selection = (0,)
    assert "ZeroDivisionError" in found.banner.text


def test_built_in_example_needs_no_argument():
    lamp = SpectrumExplorer()
    assert (3, 7) in lamp.spectrum.subsets and lamp.spectrum.joint[lamp.spectrum.subsets.index((3, 7))]
    view = SpectrumExplorer(layer="pixels")
    assert view.spectrum.n_units == 784 and view.bars.figure.place["kind"] == "image"
    assert len(view.controls["logit"].options) == 10
    hidden = SpectrumExplorer(layer="hidden")
    assert hidden.spectrum.n_units == 64 and hidden.bars.figure.place["kind"] == "strip"


def test_names_of_units_and_outputs_are_text_everywhere(rng):
    signs = rng.choice([-1.0, 1.0], (300, 3))
    hostile = "<img src=x onerror=alert(1)>"
    view = SpectrumExplorer(
        activations=signs, outputs=signs[:, 0] * signs[:, 1], unit_names=[hostile] * 3, output_names=[hostile]
    )
    view.selection = (0, 1)
    written = [view.title, view.words, view.bars.heading, view.coverage, view.bars.legend, view.bars.note]
    assert not any("<img" in part.value for part in written)
    assert "&lt;img" in view.words.value


def test_families_are_shown_when_asked_for_and_forgotten_with_their_spectrum(found):
    assert found.returning.layout.display == "" and found.returning.families is None
    found.bars.twin.button.value = True
    heads = lambda: " ".join(head["text"] for head in found.bars.twin.table.content["heads"])  # noqa: E731
    assert "half-samples" not in heads() and found.returning.found.layout.display == "none"
    found.returning.button.click()
    known = found.returning.families
    assert known.subsets == found.spectrum.subsets and known.halves == 20 and known.other_target is not None
    assert column(found.bars, "returns") == [f"{known.returned[at]:.0%}" for at in found.bars.drawn.order]
    assert "returned in 20 half-samples" in heads()
    assert found.returning.found.layout.display == "" and len(found.returning.table.table) == len(known.families)
    assert f"{float(known.on_disjoint_halves.value):.0%} ±" in found.returning.sentence.value
    assert "of another output" in found.returning.sentence.value and "random subsets" in found.returning.sentence.value
    found.logit = 1
    assert found.returning.families is None
    assert not any("20 half-samples" in head["help"] for head in found.bars.figure.content["heads"])
    assert "half-samples" not in heads()
    assert found.returning.found.layout.display == "none"


def test_looking_for_families_can_be_cancelled(found, monkeypatch):
    from actspec_widgets.views.explorer import returning

    def endless(patterns, y, spectrum, other, progress):
        while True:
            progress(1, 2)
            time.sleep(0.005)

    monkeypatch.setattr(returning, "_look", endless)

    async def main():
        found.returning.button.click()
        await asyncio.sleep(0.05)
        assert found.returning.button.disabled
        found.returning.job.cancel_button.click()
        assert found.returning.job.wait(10)

    asyncio.run(main())
    assert found.returning.families is None and not found.returning.button.disabled


def test_a_finished_spectrum_without_its_data_offers_no_families():
    view = SpectrumExplorer(make([(0,), (1, 2)]))
    assert view.returning.layout.display == "none"
