"""`report`: one file that opens from disk with the network off, and runs nothing."""

import os
import re

import numpy as np
import pytest

from actspec_widgets.views import report
from hostile import HOSTILE
from views.spectra import make

NAMES = list(HOSTILE.values())
SIZES = ((0,), (1, 2), (2, 3, 4), (4, 5), (6,), (7, 8), (8,), (9, 10, 11, 12), (13,), (14, 15), (16, 17, 18), (19, 20))


@pytest.fixture(params=["en", "ja"])
def opened(browser, tmp_path, request):
    """The page of a spectrum with hostile names: ``page, spectrum, language``, and what it asked for."""
    language = request.param
    gram = np.random.default_rng(0).uniform(-0.4, 0.4, (len(SIZES), len(SIZES)))
    spectrum = make(
        SIZES, n_units=len(NAMES), unit_names=tuple(NAMES), gram=(gram + gram.T) / 2 + np.eye(len(SIZES)),
        settings={"max_degree": 4, "alpha": 0.05, "seed": 7, "search": HOSTILE["script"]},
    )  # fmt: skip
    path = report(spectrum, tmp_path / "a <b> & 'c'.html", title=HOSTILE["image"], language=language)
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, offline=True)
    page = context.new_page()
    page.asked, page.wrong = [], []
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else page.asked.append(r.url))
    page.on("console", lambda m: page.wrong.append(m.text))
    page.on("pageerror", lambda e: page.wrong.append(str(e)))
    page.on("dialog", lambda d: (page.wrong.append(d.message), d.dismiss()))
    page.goto(path.as_uri())
    yield page, spectrum, language
    context.close()


def test_it_opens_offline_and_nothing_runs_or_is_asked_for(opened):
    page, _, language = opened
    page.wait_for_function("() => [...document.images].every(i => i.complete && i.naturalWidth > 100)")
    assert page.locator("img").count() == 3
    assert page.asked == [] and page.wrong == []
    assert page.evaluate("() => window.harmed ?? null") is None
    assert page.locator("script, iframe, object, link, svg, [onerror], [onload]").count() == 0
    assert page.locator("html").get_attribute("lang") == language
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/report-{language}.png", full_page=True)


def test_everything_is_there_as_text_and_fits_a_narrow_page(opened):
    page, spectrum, language = opened
    text = page.locator("main").inner_text()
    sections = {
        "en": (
            "In words", "What holds", "What does not hold", "What it cost", "What to do next", "Weight by size",
            "repeat each other", "The numbers", "Does it return?", "What this does not tell", "Settings", "Versions",
        ),
        "ja": (
            "要約", "確かなこと", "確かでないこと", "かかった手間", "次にすること", "大きさごとの重み", "重複", "数値",
            "再現性", "言えないこと", "設定", "バージョン",
        ),
    }  # fmt: skip
    assert all(word in text for word in sections[language])
    assert all(word in text for word in ("max_degree", "alpha", "seed", "numpy", "actspec_widgets", "<script>", "שלום"))
    assert spectrum.summary(language).splitlines()[0][:40] in text
    assert page.locator("tr").count() > len(SIZES)
    assert page.locator("h1").inner_text() == HOSTILE["image"]
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 2  # sheets of A4
    for width in (1280, 700, 400):
        page.set_viewport_size({"width": width, "height": 1000})
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), width
    page.emulate_media(color_scheme="dark")
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/report-{language}-narrow-dark.png", full_page=True)
