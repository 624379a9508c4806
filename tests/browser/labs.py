"""The four labs as the tests that hold all of them start them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from playwright.sync_api import expect


@dataclass(frozen=True)
class Start:
    """How one lab is begun.

    Attributes
    ----------
    name : str
        Of the variable that holds it.
    kind, arguments : str
        Its class, and what it is called with.
    title : str
        Part of its headline once the first result is there.
    newest : str
        Python expression: what is shown was computed with the settings as they stand.
    long : str
        Python that starts work of minutes.
    """

    name: str
    kind: str
    arguments: str
    title: str
    newest: str
    long: str

    @property
    def code(self) -> str:
        return (
            f"from actspec_widgets.views import {self.kind}\n{self.name} = {self.kind}({self.arguments})\n{self.name}"
        )


def _of_spectrum(name, *settings):
    return " and ".join(f"{name}.spectrum.settings[{s!r}] == {name}.{s}" for s in settings)


EXPLORER = Start(
    "explorer", "SpectrumExplorer", "layer='pixels'", "pixels explain",
    _of_spectrum("explorer", "max_degree", "top", "rho_max"),
    "explorer.search = 'exhaustive'; explorer.max_degree = 4",
)  # fmt: skip
SINGLES = replace(EXPLORER, arguments="layer='pixels', max_degree=1")  # a tenth of the work, where pairs say no more
HIDDEN = replace(EXPLORER, arguments="layer='hidden'", title="of 64 units explain")  # a tenth of the work, with pairs
RECOVERY = Start(
    "recovery", "RecoveryLab", "", "planted subsets",
    _of_spectrum("recovery", "max_degree", "rho_max")
    + " and recovery.spectrum.n_units == recovery.n_units + recovery.constants + recovery.duplicates"
    " and recovery.spectrum.n_search + recovery.spectrum.n_estimate == recovery.samples",
    "recovery.n_units = 600; recovery.max_degree = 4; recovery.samples = 50_000",
)  # fmt: skip
NOISE = Start(
    "noise", "NoiseLab", "seeds=1, samples=200", "against",
    "len(noise.rows) == len(noise.cells()) == len(set(noise.cells()) & set(noise._sweep.known))",
    "noise.seeds = 100; noise.samples = 5000",
)  # fmt: skip
DROPOUT = Start(
    "dropout", "DropoutLab", "max_degree=1", "dropout",
    _of_spectrum("dropout", "max_degree", "top"),
    "dropout.layer = 'input'; dropout.max_degree = 2",
)  # fmt: skip
LABS = (EXPLORER, RECOVERY, NOISE, DROPOUT)

WORKERS = "[t.name for t in __import__('threading').enumerate() if t.name.startswith('actspec')]"


def begun(lab, *starts: Start) -> None:
    """Wait until each lab on the page shows its first result."""
    titles = lab.page.locator(".actspec-title")
    for at, start in enumerate(starts):
        expect(titles.nth(at)).to_contain_text(start.title)
    for start in starts:
        lab.until(f"not {start.name}.busy")
    lab.wait_idle()


def at_rest(lab, *starts: Start) -> None:
    """Nothing runs any more, and what each lab shows is what was asked for last."""
    for start in starts:
        lab.until(f"not {start.name}.busy")
    lab.until(f"not {WORKERS}")
    lab.wait_idle()
    for start in starts:
        assert lab.python(f"print({start.newest})") == "True", (start.name, lab.python(f"print({start.name}.settings)"))
