"""Wide pictures are all in view, with labels on their columns; a picture of one bar can be seen and clicked."""

import pytest

from browser.looks import width
from browser.test_explorer import BARS, BUILT_IN, show, turn_to

# How far the middle of each upright label lies from its column's line, and how far lines are apart.
LABELS = """() => {
  const ticks = [...document.querySelectorAll('.actspec-matrix .axis')].map(a => [...a.querySelectorAll('.tick')])
    .find(all => all.some(t => /rotate\\(-?[1-9]/.test(t.querySelector('text')?.getAttribute('transform') ?? '')));
  const middle = e => { const box = e.getBoundingClientRect(); return (box.left + box.right) / 2; };
  const lines = ticks.map(t => middle(t.querySelector('line')));
  return [ticks.map((t, i) => middle(t.querySelector('text')) - lines[i]), lines[1] - lines[0]]; }"""

# Pixels of the picture in front, and how many of them are in view.
IN_VIEW = """name => { const box = [...document.querySelectorAll('.actspec-scrolls')].find(e => e.querySelector(name));
  return [box.scrollWidth, box.clientWidth]; }"""

# The picture of the units stands beside the bars, and all that is written beside a bar is in view.
BESIDE = """() => {
  const [bars, side] = ['.bars', '.side'].map(name => document.querySelector('.actspec-picture ' + name));
  if (!bars) return false;
  const [left, right] = [bars, side].map(e => e.getBoundingClientRect());
  return right.left >= left.right && right.top < left.bottom && bars.scrollWidth <= bars.clientWidth; }"""


def opened(lab, title):
    page = show(lab, BUILT_IN)
    turn_to(page, title)
    page.locator(f".actspec-tabs .actspec-{title.lower()}.actspec-figure rect").first.wait_for(state="attached")
    lab.wait_idle()
    page.wait_for_timeout(800)
    return page


@pytest.mark.parametrize("title", ["Matrix", "Redundancy"])
def test_a_wide_picture_is_all_in_view_and_labels_stand_on_their_columns(lab, title):
    page = opened(lab, title)
    if title == "Matrix":
        off, pitch = page.evaluate(LABELS)
        assert len(off) > 10 and max(map(abs, off)) < pitch / 4
    lab.shot(f"{title} 1280")
    wanted, seen = page.evaluate(IN_VIEW, f".actspec-{title.lower()}")
    assert wanted <= seen, "cut off beside the panel for the selection"
    turn_to(page, "Subsets")
    page.wait_for_function(BESIDE)
    with width(page, 700):
        turn_to(page, title)
        page.wait_for_timeout(800)
        lab.shot(f"{title} 700")


ONE = """
import numpy as np
from actspec_widgets import activation_spectroscopy
from actspec_widgets.views import SpectrumExplorer
signs = np.random.default_rng(0).choice([-1.0, 1.0], (2000, 6))
spectrum = activation_spectroscopy(signs, signs[:, 1] * signs[:, 2], max_degree=2, top=1)
explorer = SpectrumExplorer(spectrum)
explorer
"""


def test_a_lonely_row_is_as_high_as_any_and_all_of_it_can_be_clicked(lab):
    page = show(lab, ONE)
    page.wait_for_timeout(800)
    bar = page.locator(BARS).first.bounding_box()
    assert bar["height"] > 10 and bar["width"] > 100
    middle = bar["y"] + bar["height"] / 2
    for off in (-9, -5, 0, 5, 9):
        lab.python("explorer.selection = None")
        page.mouse.click(bar["x"] + bar["width"] - 5, middle + off)
        lab.until("explorer.selection == (1, 2)")
    lab.shot("one")
    turn_to(page, "Matrix")
    page.wait_for_timeout(800)
    row = page.locator(".actspec-matrix .plotarea_events ~ g > g:nth-child(1) rect.bar").first.bounding_box()
    assert row["height"] > 15
    lab.shot("one matrix")
