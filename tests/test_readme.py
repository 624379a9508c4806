"""What a newcomer reads first: links lead somewhere, tables list every lesson, the example runs."""

import re
from pathlib import Path

import pytest

from actspec_widgets import Spectrum
from actspec_widgets.networks import binarise

PROJECT = Path(__file__).parents[1]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
TEXTS = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "notebooks/GUIDE.md", "notebooks/ledger.md"]
LESSONS = [path.stem for path in sorted((PROJECT / "notebooks").glob("[0-9]*.py"))]


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name):
    path = PROJECT / name
    targets = re.findall(r"\]\((?![a-z]+:|#)([^)\s]+)\)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("name", ["README.md", "notebooks/GUIDE.md"])
def test_every_lesson_has_its_row(name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\d\d-[\w-]+)` \|", text, re.MULTILINE) == LESSONS


def test_the_example_runs(capsys):
    from actspec_widgets.datasets import load_mnist
    from actspec_widgets.networks import train_digits

    digits = load_mnist()
    model = train_digits(hidden=(16,), epochs=2, progress=None)
    example, _ = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {"model": model, "inputs": binarise(digits.x_train[:2000])}
    exec(example, names)
    assert isinstance(names["spectrum"], Spectrum)
    assert "units explain" in capsys.readouterr().out


def test_the_example_of_effects_prints_what_is_said_below_it(capsys):
    _, example = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(example, {})
    first, second = re.findall(r"Measure\(value=([\d.]+)", capsys.readouterr().out)
    assert f"{float(first):.3f}" in README.split(example)[1] and round(float(second), 3) == 1
