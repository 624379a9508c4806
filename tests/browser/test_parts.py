"""Every part in one notebook: seen in both themes, narrow and wide, clicked, saved to files, read by its name."""

import ast
import contextlib
import csv
import io
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import TimeoutError, expect

from browser.names import nameless

SPECTRUM = """
import numpy as np
from actspec_widgets import activation_spectroscopy
rng = np.random.default_rng(0)
signs = rng.choice([-1.0, 1.0], (4000, 12))
planted = {(0,): 1.0, (1,): -0.6, (0, 1): 0.8, (2, 3): 0.5, (4, 5, 6): -0.7, (6, 7): 0.35, (1, 8, 9): 0.3}
y = sum(c * signs[:, list(s)].prod(axis=1) for s, c in planted.items()) + 0.5 * rng.normal(size=4000)
spectrum = activation_spectroscopy(signs, y, max_degree=3)
"""
PARTS = """
import ipywidgets
from actspec_widgets.views.kit.head import page_head
from actspec_widgets.views.parts.degree import DegreeProfile
from actspec_widgets.views.parts.hypergraph import Hypergraph
from actspec_widgets.views.parts.influence import InfluenceProfile
from actspec_widgets.views.parts.redundancy import RedundancyMap
from actspec_widgets.views.parts.subset_matrix import SubsetMatrix
from actspec_widgets.views.parts.subset_picture import SubsetPicture
kinds = (SubsetPicture, DegreeProfile, InfluenceProfile, SubsetMatrix, Hypergraph, RedundancyMap)
parts = {kind.__name__: kind(spectrum=spectrum) for kind in kinds}
bars = parts["SubsetPicture"]
for part in parts.values():
    if part is not bars:
        ipywidgets.link((bars, "selection"), (part, "selection"))
box = ipywidgets.VBox([*page_head(), *parts.values()])
box.add_class("actspec")
box
"""


@pytest.fixture
def page(lab):
    lab.notebook([SPECTRUM, PARTS])
    expect(lab.page.locator(".actspec-figure rect.bar").first).to_be_attached()
    lab.wait_idle()
    return lab.page


def part(page, title):
    return page.locator(".actspec-part").filter(has=page.locator("h4", has_text=title))


def pose(page, name):
    """A picture of each part, to be looked at."""
    for at, one in enumerate(page.locator(".actspec-part").all() if os.environ.get("SHOTS") else ()):
        keep(f"part-{at}-{name}.png", one.screenshot())


def test_parts_are_legible_in_both_themes(lab, page):
    for button in page.get_by_role("button", name="Table of the").all():
        button.click()
    lab.python("bars.selection = (0, 1)")
    try:
        page.set_viewport_size({"width": 1280, "height": 4400})
        for theme in ("Light", "Dark"):
            with lab.theme(theme):
                assert lab.faint_texts(".actspec") == []
                pose(page, theme)
        page.set_viewport_size({"width": 700, "height": 4400})
        page.wait_for_timeout(800)
        pose(page, "700")
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})


def test_nothing_sticks_out_of_a_narrow_page(lab, page):
    try:
        page.set_viewport_size({"width": 700, "height": 1000})
        outside = """() => {
          const edge = document.querySelector('.actspec').getBoundingClientRect().right + 1;
          return [...document.querySelectorAll('.actspec *')].filter(e =>
            !e.closest('.actspec-table, .actspec-scrolls, svg, style') && e.getClientRects().length
            && e.getBoundingClientRect().right > edge).map(e => e.outerHTML.slice(0, 120)); }"""
        with contextlib.suppress(TimeoutError):  # figures follow a new width a moment later
            page.wait_for_function(f"() => ({outside})().length === 0")
        assert page.evaluate(outside) == []
    finally:
        page.set_viewport_size({"width": 1280, "height": 1000})


ROW = ".plotarea_events ~ g > g:nth-child(1) rect.bar"
CLICKS = [  # part, what is clicked there, and the selection that it sets
    ("Coefficients", ".row", 2, (4, 5, 6)),
    ("Weight at each degree", "rect.bar", 1, (0, 1)),
    ("Influence of each unit", ROW, 3, (4, 5, 6)),
    ("Subsets and their units", ROW, 5, (6, 7)),
    ("Units joined by subsets", "path.element", 10, (0, 1)),  # behind the ten units
    ("Redundancy of the subsets", "path.element", 3, (0,)),  # a cell with a number in it
]


def test_a_click_in_any_part_selects_in_all(lab, page):
    for title, mark, at, subset in CLICKS:
        lab.python("bars.selection = None")
        place = part(page, title).locator(mark).nth(at)
        place.scroll_into_view_if_needed()
        page.wait_for_timeout(300)  # the page may still be scrolling, and a forced click would miss
        place.click(force=True)
        for _ in range(20):
            selections = ast.literal_eval(lab.python("print({part.selection for part in parts.values()})"))
            if selections == {subset}:
                break
            page.wait_for_timeout(100)
        assert selections == {subset}, title


def test_keyboard_sorts_the_table_and_chooses_a_row(lab, page):
    chosen = part(page, "Coefficients")
    chosen.get_by_role("button", name="Table of the").press("Enter")
    header = chosen.get_by_role("columnheader", name="coefficient")
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(header).to_contain_text("▼")
    header.get_by_role("button").press("Enter")
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(chosen.locator("tbody tr").first).to_contain_text("{4, 5, 6}")
    assert page.evaluate("document.activeElement.textContent") == "coefficient ▲"
    rows = chosen.locator("tbody button")
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_attribute("aria-pressed", "true")
    lab.until("bars.selection == (1,)")
    lab.python("bars.selection = (4, 5, 6)")
    expect(rows.first).to_have_attribute("aria-pressed", "true")


def test_hostile_names_are_text_in_every_part(lab):
    names = """
names = ["<script>window.harmed = 1</script>", "<img src=x onerror='window.harmed=2'>", "w" * 10_000,
         "\\u202eright to left \\u05d0\\u05d1", "emoji \\U0001f600 & 'quotes' \\"too\\"", "b\\nc"] + ["=1+1"] * 6
from dataclasses import replace
spectrum = replace(spectrum, unit_names=tuple(names))
"""
    lab.notebook([SPECTRUM + names, PARTS])
    page = lab.page
    for button in page.get_by_role("button", name="Table of the").all():
        button.click()
    lab.wait_idle()
    expect(page.locator(".actspec-table").first).to_contain_text("<scr")
    assert page.locator(".actspec script, .actspec img").count() == 0
    assert page.evaluate("() => window.harmed") is None
    text = saved(page, part(page, "Coefficients").get_by_role("button", name="CSV")).decode()
    drawing = saved(page, part(page, "Subsets and their units").get_by_role("button", name="SVG")).decode()
    assert "{<script>window.harmed = 1</script>}" in text and len(text) > 10_000
    assert "<script" not in drawing and "&lt;scr" in drawing
    ElementTree.fromstring(drawing)


def test_pictures_and_controls_are_named(lab, page):
    assert nameless(page) == []
    drawing = page.get_by_role("img", name="Weight at each degree: Most weight lies at degree")
    expect(drawing).to_have_count(1)


def keep(name, data):
    """Where the screenshots go, to be looked at."""
    if folder := os.environ.get("SHOTS"):
        Path(folder, name).write_bytes(data)


def saved(page, button):
    with page.expect_download() as waiting:
        button.click()
    return waiting.value.path().read_bytes()


def test_picture_is_saved_as_it_looks(lab, page):
    chosen = part(page, "Weight at each degree")
    for theme, paper in (("Light", "rgb(255, 255, 255)"), ("Dark", "rgb(17, 17, 17)")):
        with lab.theme(theme):
            drawing = saved(page, chosen.get_by_role("button", name="SVG")).decode()
            raster = saved(page, chosen.get_by_role("button", name="PNG"))
        keep(f"degree-{theme}.png", raster)
        root = ElementTree.fromstring(drawing)
        texts = ["".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")]
        assert {"Weight at each degree", "sum of squared coefficients", "degree: units in the subset"} <= set(texts)
        assert f'fill="{paper}"' in drawing and "var(" not in drawing and "class=" not in drawing
        assert raster.startswith(b"\x89PNG") and len(raster) > 20_000
        width, height = int.from_bytes(raster[16:20]), int.from_bytes(raster[20:24])
        assert (width, height) == (2 * int(root.get("width")), 2 * int(root.get("height")))
        assert width < 2 * 700  # no empty margin as wide as the page


def test_numbers_are_saved_in_full(lab, page):
    text = saved(page, part(page, "Coefficients").get_by_role("button", name="CSV")).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    wanted = lab.python(
        "print([(spectrum.label(s), float(c)) for s, c in zip(spectrum.subsets, spectrum.coefficients)])"
    )
    assert sorted((r["units"], float(r["coefficient"])) for r in rows) == sorted(ast.literal_eval(wanted))
