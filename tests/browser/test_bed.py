"""The bed itself: what a person does reaches Python, and what goes wrong is noticed."""

import re

import pytest
from playwright.sync_api import expect

SLIDER = """
import ipywidgets as widgets
slider = widgets.IntSlider(value=3, max=10, description="taps")
label = widgets.Label("3 taps")
slider.observe(lambda change: setattr(label, "value", f"{change.new} taps"), "value")
widgets.VBox([slider, label]).add_class("bed")
"""


def test_slider_moved_in_the_browser_reaches_python_and_comes_back(lab):
    lab.notebook([SLIDER, "widgets.VBox.__name__"])
    handle = lab.page.locator(".bed .noUi-handle")
    for _ in range(4):
        handle.press("ArrowRight")
    expect(lab.page.locator(".bed")).to_contain_text("7 taps")
    assert lab.python("print(slider.value)") == "7"


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_contrast_tells_readable_from_faint_text_in_both_themes(lab, theme):
    texts = "<b>fine</b> <i style='color: #8a8a8a'>faint</i>"
    lab.notebook([f"import ipywidgets as w; w.HTML({texts!r}).add_class('mixed')"])
    with lab.theme(theme):
        ratios = {text: ratio for text, _, _, ratio in lab.contrasts(".mixed")}
    assert ratios["fine"] > 10
    assert 3 < ratios["faint"] < 7
    assert ratios["faint"] < ratios["fine"]


def test_exception_in_a_callback_is_noticed(lab_unchecked):
    lab = lab_unchecked
    lab.notebook(
        [
            "import ipywidgets as w; s = w.IntSlider(); s.add_class('bad'); s",
            "s.observe(lambda change: 1 / 0, 'value')",
        ]
    )
    lab.page.locator(".bad .noUi-handle").press("ArrowRight")
    expect(lab.page.locator("#jp-bottom-panel [title*='log entries']")).to_have_text(re.compile("[1-9]"))
    with pytest.raises(AssertionError, match="log console"):
        lab.check()


def test_error_in_the_console_is_noticed(lab_unchecked):
    lab = lab_unchecked
    lab.notebook(["1 + 1"])
    lab.page.evaluate("() => console.error('ink spilled')")
    with pytest.raises(AssertionError, match="ink spilled"):
        lab.check()


def test_traceback_in_a_cell_is_noticed(lab_unchecked):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        lab_unchecked.notebook(["1 / 0"])
