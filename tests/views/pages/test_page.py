"""The report: one page that loads nothing, runs nothing and shows every name as text."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from actspec_widgets import Patterns, activation_spectroscopy
from actspec_widgets.results import Family
from actspec_widgets.views import RecoveryLab, SpectrumExplorer, report
from actspec_widgets.views.kit.drawn import choose
from actspec_widgets.views.kit.evidence import Effects
from actspec_widgets.views.pages import decision, pictures
from actspec_widgets.views.pages.exhibit import Exhibit
from actspec_widgets.views.pages.wording import WORDS
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
    assert "Samples on both sides" not in report(lab, tmp_path / "page.html").read_text(), "of another spectrum"
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
    firm, weak = make([(0,), (1, 2)]), make([(0,), (1, 2)], joint_p_values=[np.nan, 0.4])
    for language, said in (("en", "hollow"), ("ja", "白抜き")):
        firm_svg, weak_svg = (pictures.coefficients_svg(s, WORDS[language]) for s in (firm, weak))
        assert said in weak_svg and said not in firm_svg


def lines(name, shown, language="en"):
    return getattr(decision, name)(shown, WORDS[language])


def test_the_headline_says_what_holds_and_no_more():
    joint = Exhibit(make([(0,), (1, 2), (3, 4)], joint_p_values=[np.nan, 1e-4, 0.4]), target="logit 3")
    assert "1 of 3 subsets goes jointly with <bdi>logit 3</bdi>, in on/off terms, beside 1 single unit.<" in lines(
        "headline", joint
    )
    assert "1 of 1 subsets acts jointly on the output.<" in lines(
        "headline", Exhibit(make([(1, 2)], evidence="resampled"))
    )
    sums = Exhibit(make([(0,), (1, 2)], joint_p_values=[np.nan, 0.4]), unit="pixel")
    assert "Only 1 single pixel holds for the output; nothing joint does." in lines("headline", sums)
    still = Exhibit(make([(0,)]), effects=Effects("by experiment", {(0,): (0.0, 0.1)}))
    assert "The one subset found for the output does not hold." in lines("headline", still)
    assert "Nothing was found that goes with the output." in lines("headline", Exhibit(make([])))


def test_each_subset_stands_in_one_list_with_what_speaks_for_or_against_it():
    spectrum = make(
        [(0,), (1, 2), (3, 4), (5,)], joint_p_values=[np.nan, 1e-4, 0.4, np.nan],
        classes=(((0,),), ((1, 2), (1, 6)), ((3, 4),), ()), smallest_cells=[900, 400, 5, 80],
        families=(Family((1, 2), ((1, 6),), 0.9, 10),),
    )  # fmt: skip
    shown = Exhibit(spectrum, effects=Effects("by experiment", {(0,): (0.001, 0.1), (1, 2): (0.8, 0.01)}))
    held, fell = "".join(lines("what_holds", shown)), lines("what_does_not", shown)
    assert "{1, 2}" in held and "one of 2, returns in 90% of half-samples, by experiment +0.800 ± 0.010" in held
    assert not any(name in held for name in ("{0}", "{3, 4}", "{5}"))
    assert ["{0}" in fell[0], "hardly follows" in fell[0]] == [True, True], "what looks like a finding comes first"
    assert "cannot be told from chance" in fell[1] and "can be left out" in fell[2] and len(fell) == 3
    steps = " ".join(lines("what_next", shown))
    assert "with the 1 subsets" in steps and "one finding" in steps and "fewer than 10 samples" in steps
    assert "2 subsets changed in the real network." in lines("what_it_cost", shown)
    assert "agree on 1 families" in lines("stability", shown) and "0 return in each" in lines("stability", shown)


def test_the_summary_says_beside_what_is_called_joint_what_the_network_did(tmp_path):
    shown = Exhibit(make([(1, 2), (3,)]), effects=Effects("by experiment", {(1, 2): (0.0, 0.1), (3,): (0.9, 0.1)}))
    assert "of the one said to be joint, 0 acts jointly when its units are changed" in shown.told.summary()
    assert Exhibit(make([(1, 2)])).told.effects is None


def test_both_languages_say_the_same_things():
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(part) for key, part in value.items()}
        return tuple(map(shape, value)) if isinstance(value, tuple) else sorted(re.findall(r"{\w*", value))

    english, japanese = (
        {key: value for key, value in shape(WORDS[name]).items() if key not in ("headlines", "objections", "sides")}
        for name in ("en", "ja")
    )
    assert english == japanese
    for key in ("headlines", "objections", "sides"):
        assert WORDS["en"][key].keys() == WORDS["ja"][key].keys()


def test_the_explorer_adds_the_map_the_examples_and_what_the_network_said(tmp_path):
    lab = SpectrumExplorer(layer="pixels", logit=3, max_degree=1, top=3)
    subsets = lab.spectrum.subsets
    lab.effects.found = Effects("by experiment", {subset: (-1.0, 0.01) for subset in subsets})
    page = report(lab, tmp_path / "page.html").read_text()
    row, column = divmod(subsets[0][0], 28)
    assert f"{{row {row} column {column}}}" in page and "by experiment -1.00" in page
    assert "No subset holds, so no pixel is outlined" not in page and "by experiment -1.00 ± 0.01" in page
    assert "Where the subsets lie" in page and "this pixel is on: " in page and "this pixel is off: " in page
    assert sum("preserveAspectRatio" in svg for svg in images(page)) == 1 + 8  # the map and four examples a side


def test_the_first_sheet_says_how_far_the_output_is_spread_by_the_network_where_it_was_asked():
    spectrum = make([(0, 1), (2,)], [1.0, 1.0])
    asked = SpectrumExplorer()
    asked.distribution.ask()
    measured = asked.exhibits()["measured"]
    assert measured is not None
    cut = Exhibit(make([(0, 1), (2,)], settings={"top": 2, "alpha": 0.05}))
    assert "No more than 2 subsets were asked for." in decision.what_it_cost(cut, WORDS["en"])
    for language, listed, network in (
        ("en", "As recorded, the list", "In the network"),
        ("ja", "記録上、", "ネットワークでは"),
    ):
        of_list = decision.headline(Exhibit(spectrum), WORDS[language])
        of_network = decision.headline(Exhibit(spectrum, measured=measured), WORDS[language])
        assert listed in of_list and network not in of_list and "1.50" in of_list
        assert network in of_network and listed not in of_network
