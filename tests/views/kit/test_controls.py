"""Every control of every instrument says what it does."""

import ipywidgets as widgets
import pytest

from actspec_widgets.views import DropoutLab, NoiseLab, RecoveryLab, SpectrumExplorer

INSTRUMENTS = {
    "explorer": SpectrumExplorer,
    "recovery": lambda: RecoveryLab(samples=200),
    "noise": lambda: NoiseLab(seeds=1, samples=200),
    "dropout": lambda: DropoutLab(max_degree=1, top=2),
}
SETTINGS = (
    widgets.Dropdown,
    widgets.SelectMultiple,
    widgets.IntSlider,
    widgets.FloatSlider,
    widgets.SelectionSlider,
    widgets.Text,
    widgets.FloatText,
    widgets.BoundedIntText,
    widgets.BoundedFloatText,
    widgets.Checkbox,
)


def tree(widget, above=None):
    yield widget, above
    for child in getattr(widget, "children", ()):
        yield from tree(child, widget)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_control_has_a_label_and_a_line_of_help(name):
    pairs = list(tree(INSTRUMENTS[name]()))
    settings = [(control, box) for control, box in pairs if isinstance(control, SETTINGS)]
    assert len(settings) >= 4
    for control, box in settings:
        assert control.description, type(control)
        helps = [child for child in box.children if isinstance(child, widgets.HTML) and "<span>" in child.value]
        assert "actspec-field" in box._dom_classes and len(helps) == 1, control.description
        assert control.tooltip and control.tooltip in helps[0].value


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_button_has_a_name_and_a_tooltip(name):
    for widget, _ in tree(INSTRUMENTS[name]()):
        if isinstance(widget, (widgets.Button, widgets.ToggleButton)):
            assert widget.description and widget.tooltip, widget
