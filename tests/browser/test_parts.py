"""Every part in one notebook: seen in both themes, narrow and wide, clicked, saved to files, read by its name."""

import ast
import csv
import io
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

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
from actspec_widgets.views.accessible import framed
from actspec_widgets.views.degree import DegreeProfile
from actspec_widgets.views.hypergraph import Hypergraph
from actspec_widgets.views.influence import InfluenceProfile
from actspec_widgets.views.redundancy import RedundancyMap
from actspec_widgets.views.spectrum import SpectrumBars
from actspec_widgets.views.subset_matrix import SubsetMatrix
kinds = (SpectrumBars, DegreeProfile, InfluenceProfile, SubsetMatrix, Hypergraph, RedundancyMap)
parts = {kind.__name__: kind(spectrum=spectrum) for kind in kinds}
bars = parts["SpectrumBars"]
for part in parts.values():
    if part is not bars:
        ipywidgets.link((bars, "selection"), (part, "selection"))
box = framed(*parts.values())
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


def test_pictures_are_named(lab, page):
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


def test_numbers_are_saved_in_full(lab, page):
    text = saved(page, part(page, "Coefficients").get_by_role("button", name="CSV")).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    wanted = lab.python(
        "print([(spectrum.label(s), float(c)) for s, c in zip(spectrum.subsets, spectrum.coefficients)])"
    )
    assert sorted((r["units"], float(r["coefficient"])) for r in rows) == sorted(ast.literal_eval(wanted))
