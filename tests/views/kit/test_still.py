"""What a notebook shows without a kernel: each instrument's picture as SVG, and its sentence."""

import base64
import re
import xml.etree.ElementTree as ET

import bqplot as bq
import numpy as np
import pytest

from actspec_widgets.views import DropoutLab, NoiseLab, RecoveryLab, SideBySide, SpectrumExplorer
from actspec_widgets.views.kit.figure import figure, place, texts
from actspec_widgets.views.kit.still import figure_svg, parts_shown, plain
from views.spectra import make

SVG = "{http://www.w3.org/2000/svg}"


def words(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture
def explorer():
    spectrum = make(
        [(0,), (1, 2), (3, 4)], [1.0, -2.0, 0.5], joint_p_values=[np.nan, 1.0, 1e-4], smallest_cells=[400, 5, 300],
        unit_names=["<a>", *"bcdefgh"], n_units=8,
    )  # fmt: skip
    return SpectrumExplorer(spectrum)


def test_the_picture_of_an_explorer_holds_its_sentence_its_bars_and_their_evidence(explorer):
    svg = explorer.picture()
    said = words(svg)
    assert said[0].startswith("3 subsets of 8 units explain 80.0%") and explorer.sentence().startswith(said[0])
    assert {"{<a>} ●", "{b, c} ◆", "rarest", "5", "joint part", "+0.50 ± 0.05"} <= set(said)
    bars = [
        float(bar.get("width"))
        for bar in ET.fromstring(svg).iter(f"{SVG}rect")
        if bar.get("fill-opacity") and bar.get("height") == "15.4"
    ]
    assert len(bars) == 3 and bars[2] > bars[0] > bars[1]  # what does not hold stands last, long as it is
    assert "var(--" not in svg and "<script" not in svg


def test_it_follows_what_is_shown(explorer):
    assert list(parts_shown(explorer)) == [explorer.bars]
    explorer.panels.shown = "Matrix"
    assert [part.title for part in parts_shown(explorer)] == ["Subsets and their units"]
    explorer.panels.shown = "Examples"
    assert not list(parts_shown(explorer)) and "{b, c} ◆" in words(explorer.picture())  # samples are no picture


def test_every_panel_and_every_lab_becomes_a_picture(explorer):
    explorer.selection = (1, 2)
    for title in explorer.panels.everything:
        explorer.panels.shown = title
        ET.fromstring(explorer.picture())
    labs = [
        RecoveryLab(samples=300), NoiseLab(seeds=1, samples=100, methods=("actspec",)), DropoutLab(max_degree=1),
        SideBySide(make([(0,), (1, 2)]), make([(0,)])),
    ]  # fmt: skip
    for lab in labs:
        svg = lab.picture()
        assert len(words(svg)) > 10 and words(svg)[0][:40] in lab.sentence(), type(lab).__name__


def test_an_instrument_without_a_result_has_a_picture_too():
    lab = NoiseLab(seeds=1, samples=100, methods=("actspec",))
    lab.title.value = ""
    ET.fromstring(lab.picture())
    assert lab.sentence() == "Nothing has been computed yet."


def test_a_bundle_shows_in_html_in_svg_and_as_words(explorer):
    bundle = explorer.picture_bundle()
    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml"}
    inside = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])[1]
    assert base64.b64decode(inside).decode() == bundle["image/svg+xml"]
    assert bundle["text/plain"].startswith("3 subsets of 8 units explain")


def test_values_lie_where_their_scales_put_them():
    x, y = bq.LinearScale(min=0, max=10), bq.LinearScale(min=0, max=1, reverse=True)
    scales = {"x": x, "y": y}
    line = bq.Lines(x=[0.0, 5.0, np.nan, 10.0, 10.0], y=[0.0, 1.0, np.nan, 0.0, 1.0], scales=scales, colors=["#123456"])
    label = texts(scales, 11)
    place(label, [5.0], [0.5])
    label.text = ["<b>"]
    drawn, height = figure_svg(figure([line, label], name="test", height=120, margin=(10, 10, 10, 20)), 130)
    assert height == 120 and 'd="M20.0 10.0L70.0 110.0M120.0 10.0L120.0 110.0"' in drawn
    assert '<text x="70.0" y="64.0"' in drawn and "&lt;b&gt;" in drawn


def test_markup_of_ours_becomes_words():
    assert (
        plain("<p>1 <b>&lt;a&gt;</b></p><svg><text>no</text></svg><span>two</span><span>three</span>")
        == "1 <a> two three"
    )
