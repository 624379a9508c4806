"""From a slider moved to the picture drawn: the path that CONTRIBUTING describes is the one that is taken."""

import re
import sys
from pathlib import Path

from actspec_widgets import synthetic
from actspec_widgets.views import SpectrumExplorer
from views.spectra import values

CONTRIBUTING = Path(__file__).parents[3] / "CONTRIBUTING.md"


def described():
    """The functions that CONTRIBUTING names between the slider and the marks."""
    text = CONTRIBUTING.read_text(encoding="utf-8")
    lines = re.findall(r"^[1-5]\. (.*)$", text[text.index("A slider's story") :], re.MULTILINE)[:5]
    names = re.findall(r"`([A-Za-z_.]+)`", " ".join(lines))
    return [name for name in names if name == "bind" or "_" in name or name in ("Lab.run", "Job.start")]


def test_a_slider_takes_the_path_that_is_written_down_in_ten_hops():
    hidden = synthetic.planted(9, [(0,), (1, 2)], [1.0, -2.0], samples=400, noise=0.1, seed=1)
    explorer = SpectrumExplorer(activations=hidden.patterns, outputs=hidden.target, max_degree=1)
    called = []
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_qualname) if event == "call" else None)
    try:
        explorer.controls["max_degree"].value = 2
    finally:
        sys.setprofile(None)
    assert len(values(explorer.bars)) == 2
    path = described()
    assert len(path) == 10
    steps = iter(called)
    assert [name for name in path if any(step.split(".<locals>")[0] == name for step in steps)] == path
