"""Everything that a keyboard reaches, and every drawing, has a name."""

import pytest
from playwright.sync_api import expect

from browser.names import nameless

INSTRUMENTS = {
    "explorer": "from actspec_widgets.views import SpectrumExplorer\nSpectrumExplorer()",
    "recovery": "from actspec_widgets.views import RecoveryLab\nRecoveryLab()",
    "noise": "from actspec_widgets.views import NoiseLab\nNoiseLab(seeds=2, samples=200)",
    "dropout": "from actspec_widgets.views import DropoutLab\nDropoutLab(max_degree=1)",
}


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_control_and_drawing_has_a_name(lab, name):
    lab.notebook([INSTRUMENTS[name]])
    page = lab.page
    expect(page.locator(".actspec-figure svg[role=img]").first).to_be_attached(timeout=60_000)
    expect(page.locator(".actspec-job").first).to_contain_text("Done", timeout=60_000)
    assert nameless(page) == []
