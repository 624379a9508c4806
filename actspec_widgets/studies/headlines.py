"""The claims of the ledger's first page: which claims of the studies each stands for, their verdicts, a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .verdict import FAILS, HOLDS, OUTCOMES, READING, UNDECIDED, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {HOLDS: "#009e73", READING: "#9ad6c3", UNDECIDED: "#d9d9d9", FAILS: "#d55e00"}
WORDS = {HOLDS: "holds", READING: "holds in part", UNDECIDED: "undecided", FAILS: "does not hold"}
_HATCHES = {HOLDS: "", READING: "..", UNDECIDED: "", FAILS: "//"}


@dataclass(frozen=True)
class Headline:
    """A row of the page.

    Attributes
    ----------
    claim : str
    kinds : tuple of str
        How the claims begin that it stands for.
    shown : tuple of (str, str)
        Words, and how the claim begins whose number follows them.
    """

    claim: str
    kinds: tuple[str, ...]
    shown: tuple[tuple[str, str], ...]

    def cases(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        return [verdict for verdict in verdicts if verdict.claim.startswith(self.kinds)]

    def numbers(self, verdicts: Sequence[Verdict]) -> str:
        """The numbers to show, those that are there."""
        found = (
            (words, next((v.short for v in verdicts if v.claim.startswith(kind)), "")) for words, kind in self.shown
        )
        return "; ".join(f"{words}{number}" for words, number in found if number)


HEADLINES = (
    Headline(
        "Hidden subsets are found, with as many samples as theory predicts",
        ("Known subsets", "Higher-order subsets", "Functions of every kind", "The samples needed"),
        (("parities of 1 to 3 units: ", "Known subsets"), ("samples: ", "The samples needed")),
    ),
    Headline(
        "Hardly anything false is reported, and noise, copies, skewed and correlated units do no harm",
        ("At most 5 % of runs", "Robust to", "Skewed units", "Correlated units"),
        (
            ("false: ", "At most 5 % of runs report anything false (balanced"),
            ("skewed: ", "At most 5 % of runs report anything false (skewed"),
            ("claimed: ", "At most 5 % of runs claim anything false (skewed"),
            ("noise: ", "Robust to noise"),
        ),
    ),
    Headline(
        "No other method finds the subsets better, or loses less to noise and copies",
        ("No other method", "Others degrade more"),
        (
            ("F1, strongest noise: ", "No other method finds the subsets better than activation spectroscopy (noise_8"),
            ("F1 lost to noise: ", "Others degrade more: noise"),
        ),
    ),
    Headline(
        "Scores of single units, and rankings by size, miss what is joint",
        ("Importances of single units", "Redundant units mislead"),
        (("scores are ", "Importances of single units"), ("with copies: ", "Redundant units mislead")),
    ),
    Headline(
        "Training with dropout makes the code simpler, as theory says",
        (
            "Information concentrates in fewer", "Subsets get", "Redundancy grows", "The subsets explain more",
            "The networks stay as accurate", "Training with dropout at rate p", "Weight of the reported subsets",
        ),
        (
            ("subsets needed: ", "Information concentrates in fewer subsets (hidden units dropped, hidden2"),
            ("size: ", "Subsets get smaller (hidden units dropped, hidden2"),
        ),
    ),
    Headline(
        "On a transformer the subsets explain the logit, and drive it",
        ("Activation Spectroscopy works", "The subsets that explain the logit", "The small transformer"),
        (
            ("explained ", "Activation Spectroscopy works"),
            ("when units are changed: ", "The subsets that explain the logit"),
        ),
    ),
    Headline(
        "Units act less jointly in later layers of a sentence encoder",
        (
            "A published sentence encoder", "The later a feed-forward layer", "What two or more units do together",
            "What the units of a layer do", "On and off say", "A negation makes",
        ),
        (("mean degree, ", "The later a feed-forward layer"),),
    ),
    Headline(
        "Subsets that go jointly with the output act jointly in the network",
        (
            "Subsets of two or more units that go", "Joint effects are as large", "Where the output adds up",
            "Single units that go",
        ),
        (
            ("first hidden layer: ", "Joint effects are as large as recorded samples say (digits, hidden1"),
            ("single units: ", "Single units that go with the output have an effect (digits, hidden1"),
        ),
    ),
    Headline(
        "Units of least influence can be removed first",
        ("Units of least influence",),
        (
            ("against smallest weights ", "Units of least influence can be removed at less cost than those of"),
            ("at random ", "Units of least influence can be removed at less cost than units at random"),
        ),
    ),
    Headline(
        "A more joint code, or one of fewer units, breaks earlier under noise",
        ("A more joint code", "A code of more units"),
        (("mean degree and loss correlate by ", "A more joint code breaks earlier under noise on"),),
    ),
)  # fmt: skip


def overall(cases: Sequence[Verdict]) -> str:
    """The verdict over cases: as one does in each, in half or more of them, in fewer, or in none that is decided."""
    outcomes = [case.outcome for case in cases]
    if set(outcomes) == {HOLDS}:
        return HOLDS
    if 2 * sum(outcome in (HOLDS, READING) for outcome in outcomes) >= len(outcomes):
        return READING
    return FAILS if FAILS in outcomes else UNDECIDED


def told(verdicts: Mapping[str, Sequence[Verdict]]) -> list[tuple[Headline, list[Verdict]]]:
    """The headlines of which there are cases, with these."""
    every = [verdict for each in verdicts.values() for verdict in each]
    return [(headline, cases) for headline in HEADLINES if (cases := headline.cases(every))]


def figure(rows: Sequence[tuple[Headline, list[Verdict]]]) -> Figure:
    """A bar for each headline: how many of its cases hold, hold under a reading, are undecided, do not hold."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    picture = Figure(figsize=(11, 0.5 + 0.42 * len(rows)), layout="constrained")
    axes = picture.subplots()
    for at, (_, cases) in enumerate(rows):
        left = 0.0
        for outcome in OUTCOMES:
            count = sum(case.outcome == outcome for case in cases)
            if not count:
                continue
            width = count / len(cases)
            axes.barh(
                at, width, left=left, height=0.7, color=COLOURS[outcome], hatch=_HATCHES[outcome], edgecolor="white"
            )
            axes.text(
                left + width / 2, at, str(count), ha="center", va="center", fontsize=10,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.2},
            )  # fmt: skip
            left += width
    axes.set_yticks(range(len(rows)), [headline.claim for headline, _ in rows], fontsize=10)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    shades = [
        Patch(facecolor=COLOURS[name], hatch=_HATCHES[name], edgecolor="white", label=WORDS[name]) for name in OUTCOMES
    ]
    picture.legend(handles=shades, loc="outside lower center", ncols=len(OUTCOMES), frameon=False, fontsize=10)
    return picture
