"""The explorer's tabs in JupyterLab: layers, samples on both sides of a parity, what-if."""

import re

import pytest
from playwright.sync_api import expect

from browser.looks import check_fits, check_legible
from browser.test_explorer import BARS, BUILT_IN, SINGLES, show, turn_to


def at_both_widths_and_themes(lab, name):
    check_legible(lab, name)
    check_fits(lab, name, 700)


def test_another_layer_is_recorded_and_shown(lab):
    page = show(lab, SINGLES)
    page.get_by_label("Layer", exact=True).select_option("hidden")
    expect(page.locator(".actspec-title")).to_contain_text("of 64 units")
    lab.wait_idle()
    assert lab.python("print(explorer.layer, explorer.spectrum.n_units)") == "hidden 64"
    lab.python("explorer.layer = 'pixels'")
    expect(page.locator(".actspec-title")).to_contain_text("of 784 pixels")
    assert page.get_by_label("Layer", exact=True).evaluate("s => s.selectedOptions[0].textContent") == "pixels"


def test_samples_of_both_sides_are_shown_as_digits(lab):
    page = show(lab, BUILT_IN)
    lab.python("explorer.selection = None")
    turn_to(page, "Examples")
    expect(page.locator(".actspec-examples")).to_contain_text("Select a subset")
    lab.python("explorer.selection = next(s for s in explorer.spectrum.subsets if len(s) == 2)")
    expect(page.locator(".actspec-examples figure")).to_have_count(12)
    expect(page.locator(f"{BARS}:visible")).to_have_count(0)
    at_both_widths_and_themes(lab, "examples")


SLOW = """
import threading
import numpy as np, torch
from actspec_widgets.views import SpectrumExplorer
gate = threading.Event()
gate.set()
class Slow(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.relu, self.b = torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1)
    def forward(self, x):
        gate.wait()
        return self.b(self.relu(self.a(x)))
torch.manual_seed(0)
explorer = SpectrumExplorer(model=Slow(), layer="relu", inputs=np.random.default_rng(0).normal(size=(600, 6)))
explorer"""


def test_a_what_if_that_takes_long_shows_that_it_works_and_nothing_from_before(lab):
    pytest.importorskip("torch")
    page = show(lab, SLOW)
    what_if = page.locator(".actspec-what-if")
    lab.python("explorer.selection = explorer.spectrum.subsets[0]; gate.clear()")
    turn_to(page, "Evidence")
    expect(what_if.get_by_role("button", name="Cancel")).to_be_visible()
    expect(what_if).not_to_contain_text("give the explorer model=")
    lab.python("gate.set()")
    expect(what_if).to_contain_text(re.compile("Turning unit .* changes"))
    expect(what_if.get_by_role("button", name=re.compile("PNG"))).to_be_visible()
    lab.python("gate.clear(); explorer.selection = explorer.spectrum.subsets[1]")
    expect(what_if).not_to_contain_text("Turning unit")
    what_if.get_by_role("button", name="Cancel").click()
    lab.python("gate.set()")
    expect(what_if).to_contain_text("Stopped")
    lab.python("explorer.selection = explorer.spectrum.subsets[0]")
    expect(what_if).to_contain_text(re.compile("Turning unit .* changes"))


def test_units_turned_over_in_the_page_move_the_network(lab):
    pytest.importorskip("torch")
    page = show(lab, BUILT_IN)
    lab.python("explorer.selection = next(s for s in explorer.spectrum.subsets if len(s) == 2)")
    turn_to(page, "Evidence")
    expect(page.locator(".actspec-what-if")).to_contain_text(re.compile("Turning pixel .* changes"))
    page.get_by_role("button", name="In 500 samples").click()
    expect(page.locator(".actspec-what-if")).to_contain_text("times as far as predicted")
    page.get_by_label("Turn over", exact=True).select_option(index=2)
    expect(page.locator(".actspec-what-if")).to_contain_text("All of an even number leave the parity")
    page.get_by_label("Turn over", exact=True).select_option(index=0)
    page.locator(".actspec-what-if .noUi-handle").press("ArrowRight")
    expect(page.locator(".actspec-what-if figure")).to_contain_text("no. 1")
    lab.wait_idle()
    at_both_widths_and_themes(lab, "what if")
