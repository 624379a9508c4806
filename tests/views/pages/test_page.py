"""The report: one page that loads nothing, runs nothing and shows every name as text."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.views import RecoveryLab, SpectrumExplorer, report
from actspec_widgets.views.kit.drawn import choose
from actspec_widgets.views.pages import pictures
from hostile import HOSTILE
from views.spectra import make

NAMES = tuple(HOSTILE.values())


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.addresses = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]
        assert not [name for name, _ in attributes if name.startswith("on")]


def images(page):
    return [base64.b64decode(data).decode() for data in re.findall(r"svg\+xml;base64,([^\"]+)", page)]


@pytest.mark.parametrize("language, words", [("en", "What this does not tell"), ("ja", "この結果からは言えないこと")])
def test_a_page_holds_pictures_numbers_words_settings_versions_and_limits(tmp_path, language, words):
    spectrum = make([(0,), (1, 2)], settings={"alpha": 0.05, "seed": 7})
    page = report(spectrum, tmp_path / "page.html", title="Layer 3", language=language).read_text()
    assert spectrum.summary(language).split("。")[0].split(".")[0] in page
    for part in (words, "<h1><bdi>Layer 3", "+1.000", "{1, 2}", "seed", "numpy", "python"):
        assert part in page
    assert len(images(page)) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_nothing_is_loaded_and_nothing_runs_whatever_the_names(tmp_path):
    spectrum = make([(0,), (1, 2), (2, 3, 4), (5,), (6,), (7,)], unit_names=NAMES, n_units=len(NAMES))
    page = report(spectrum, tmp_path / "page.html", title="<img src=x onerror=alert(1)>").read_text()
    found = Tags(page)
    assert "script" not in found.tags and found.tags.count("img") == 3
    assert all(address.startswith("data:image/svg+xml;base64,") for address in found.addresses)
    assert "default-src 'none'" in page
    for svg in images(page):
        tree = ElementTree.fromstring(svg)
        assert not [e for e in tree.iter() if e.tag.endswith(("script", "foreignObject"))]
    assert "<script>" in "".join(ElementTree.fromstring(images(page)[0]).itertext())  # as text


def test_the_same_spectrum_gives_the_same_bytes(tmp_path):
    pages = [report(make([(0,), (1, 2)]), tmp_path / name).read_bytes() for name in ("a.html", "b.html")]
    assert pages[0] == pages[1]


def test_what_is_not_drawn_is_summed_and_said(tmp_path):
    subsets = [(i, j) for i in range(50) for j in range(i)]
    spectrum = make(subsets, 1 / np.arange(1.0, len(subsets) + 1), n_units=50)
    drawn = choose(spectrum, None, pictures.DRAWN)
    left = np.sort(np.square(spectrum.coefficients))[:-40].sum() / np.square(spectrum.coefficients).sum()
    assert drawn.order == tuple(range(40)) and drawn.too_many == len(subsets) - 40
    assert drawn.share_left_out == pytest.approx(left)
    page = report(spectrum, tmp_path / "page.html").read_text()
    assert f"{len(subsets) - 40:,} weaker subsets, {left:.2g} of the squared weight, are not drawn." in page
    japanese = report(spectrum, tmp_path / "ja.html", language="ja").read_text()
    assert f"弱い部分集合 {len(subsets) - 40:,} 個" in japanese and "weaker" not in japanese
    assert (
        not any("coefficient" in svg or "size of" in svg for svg in images(japanese))
        and f"{len(subsets) - 1000} more rows" in page
    )


def test_an_empty_spectrum_says_that_there_is_nothing_to_draw(tmp_path):
    page = report(make([]), tmp_path / "page.html").read_text()
    assert "nothing to draw" in page and not images(page)


def test_a_lab_tells_what_its_spectrum_is_of(tmp_path):
    lab = SpectrumExplorer(layer="hidden", threshold="otsu", logit=7, max_degree=1)
    page = report(lab, tmp_path / "page.html").read_text()
    settings = dict(re.findall(r"<tr><td><bdi>(\w+)</bdi></td><td><bdi>(.*?)</bdi></td></tr>", page))
    assert settings.items() >= {"output": "logit 7", "layer": "hidden", "threshold": "otsu", "logit": "7"}.items()
    lab.spectrum = make([(0,)], n_units=64)
    assert "otsu" not in report(lab, tmp_path / "page.html").read_text()
    planted = RecoveryLab(samples=400)
    assert "<bdi>samples</bdi></td><td><bdi>400" in report(planted, tmp_path / "page.html").read_text()
    with pytest.raises(TypeError, match="got a dict; give a spectrum, or a lab"):
        report({}, tmp_path / "page.html")
    lab.spectrum = None
    with pytest.raises(ValueError, match="shows no spectrum yet"):
        report(lab, tmp_path / "page.html")


def test_a_threshold_is_named_where_there_is_one(tmp_path, rng):
    A = rng.normal(size=(400, 5))
    y = np.sign(A[:, 0])
    of_activations = report(activation_spectroscopy(A, y), tmp_path / "page.html").read_text()
    assert "<bdi>threshold</bdi></td><td><bdi>zero" in of_activations
    of_patterns = activation_spectroscopy(Patterns.from_activations(A), y)
    assert "<bdi>threshold" not in report(of_patterns, tmp_path / "page.html").read_text()


def test_a_wrong_language_or_place_is_refused_and_leaves_the_old_page(tmp_path):
    old = report(make([(0,)]), tmp_path / "page.html").read_bytes()
    with pytest.raises(ValueError, match="'fr' is not known"):
        report(make([(0,)]), tmp_path / "page.html", language="fr")
    with pytest.raises(OSError):
        report(make([(0,)]), tmp_path / "none" / "page.html")
    assert (tmp_path / "page.html").read_bytes() == old


def test_what_does_not_hold_is_hollow_and_the_axis_says_so():
    from actspec_widgets.views.pages.pictures import coefficients_svg
    from actspec_widgets.views.pages.wording import WORDS

    firm, weak = make([(0,), (1, 2)]), make([(0,), (1, 2)], joint_p_values=[np.nan, 0.4])
    for language, said in (("en", "hollow"), ("ja", "白抜き")):
        assert said in coefficients_svg(weak, WORDS[language]) and said not in coefficients_svg(firm, WORDS[language])
