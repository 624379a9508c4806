"""The API reference lists every public name, and the tests that the definitions name are there."""

import importlib
import re
from pathlib import Path

import pytest

import actspec_widgets

PROJECT = Path(__file__).parents[1]
ROOMS = ("datasets", "networks", "results", "studies", "views")


def public_objects():
    """``{object's id: its names}`` of everything callable that the package and its rooms offer."""
    names = {}
    for room in ("", *ROOMS):
        module = importlib.import_module(f"actspec_widgets.{room}".rstrip("."))
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value):
                names.setdefault(id(value), set()).add(f"{room}.{name}".lstrip("."))
    return names


def test_every_public_name_is_in_the_reference():
    page = (PROJECT / "docs" / "index.rst").read_text()
    listed = set(re.findall(r"^   ([\w.]+)$", page, re.MULTILINE))
    assert [min(names) for names in public_objects().values() if not names & listed] == []


def test_every_public_object_says_what_it_is():
    for name in actspec_widgets.__all__:
        assert name == "__version__" or getattr(actspec_widgets, name).__doc__, name


@pytest.mark.parametrize("page", ["definitions", "noes"])
def test_every_test_that_a_page_rests_on_is_there(page):
    named = re.findall(r"``(tests/[\w/]+\.py)(?:::(\w+))?``", (PROJECT / "docs" / f"{page}.rst").read_text())
    assert len(named) > 20
    for file, test in named:
        assert f"def {test}(" in (PROJECT / file).read_text() if test else (PROJECT / file).exists(), (file, test)
