"""The lessons' pages: one for each lesson, saying what it says now, with every link and picture there."""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest

from tools.lesson_page import missing, page, picture, text_output

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
PAGES = NOTEBOOKS / "pages"
LINKS = re.compile(r"\]\((?![a-z]+:|#)([^)\s]+)\)")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_page_says_what_its_lesson_says(path):
    target = PAGES / f"{path.stem}.md"
    assert target.exists(), "make pages"
    said = missing(jupytext.read(path), target.read_text(encoding="utf-8"))
    assert said is None, f"{path.name} has changed since its page was made: make pages\n\n{said}"


def test_there_is_no_page_without_its_lesson():
    assert {path.stem for path in PAGES.glob("*.md")} == {path.stem for path in LESSONS}


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_links_and_pictures_are_there(path):
    targets = LINKS.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (PAGES / target.partition("#")[0]).exists()] == []


def test_pictures_are_small_and_all_are_shown():
    pictures = list((PAGES / "images").iterdir())
    assert all(path.stat().st_size <= 120_000 for path in pictures)
    assert sum(path.stat().st_size for path in pictures) < 2_000_000
    shown = {target for path in PAGES.glob("*.md") for target in LINKS.findall(path.read_text(encoding="utf-8"))}
    assert {f"images/{path.name}" for path in pictures} == {target for target in shown if target.startswith("images/")}


def test_a_page_holds_each_cell_and_what_it_gave():
    lesson = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(
                "# Title\nSee [two](02-two.ipynb), [it](images/it.png), [web](https://a.b/c)."
            ),
            nbformat.v4.new_code_cell("print(1)"),
            nbformat.v4.new_code_cell("figure"),
        ]
    )
    text = page(
        lesson, "01-one.py", [[text_output("\x1b[31m1\x1b[0m\n")], [picture("images/x.png", "It *is* [so]\n.")]]
    )
    assert "[two](02-two.md), [it](../images/it.png), [web](https://a.b/c)" in text
    assert text.index("print(1)") < text.index("```text\n1\n```") < text.index("figure") < text.index("![It is so .](")
    assert text.startswith("<!-- Made from notebooks/01-one.py")


def test_long_output_is_wrapped_and_cut():
    assert max(map(len, text_output("word " * 100).splitlines())) <= 120
    assert "... (40 more lines)" in text_output("\n".join(map(str, range(100))))
