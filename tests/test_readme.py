"""What a newcomer reads first: links lead somewhere, tables list every lesson, the example runs."""

import re
from pathlib import Path

import pytest

from actspec_widgets.views import SentenceExplorer

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


def test_the_example_runs_and_prints_what_is_said_below_it(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(example, names)
    assert names["spectrum"].evidence == "resampled"
    printed = capsys.readouterr().out
    value, error = map(float, re.search(r"value=([\d.]+), standard_error=([\d.]+)", printed).groups())
    assert f"joint share is {value:.3f} ± {error:.3f}" in README.split(example)[1]
    assert "units explain" in printed


def test_the_picture_is_what_the_explorer_draws_and_the_sentence_below_says_its_numbers():
    explorer = SentenceExplorer()
    assert explorer.picture() == (PROJECT / "notebooks" / "images" / "sentence.svg").read_text(encoding="utf-8")
    words = " ".join(README.split())
    said = []
    for off in ([], [2], [4], [2, 4]):
        explorer.off = off
        said.append(f"{explorer.logit:+.1f}".replace("-", "−"))
    assert all(number in words for number in said)
    assert f"{explorer.exact.joint_share:.0%}".replace("%", " %") + " of how it varies" in words
