"""The fields of the explorer's settings, and how far they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...patterns.thresholds import RULES
from ...results import Spectrum
from ..kit.controls import Choice, Field, slider
from ..kit.drawn import MOST_BARS
from ..kit.words import tidy

_RULE_NAMES = {
    "zero": "above zero",
    "mean": "above its mean",
    "median": "above its median",
    "otsu": "Otsu's split",
    "informative": "most informative split",
}

# What is made of the logits for one class, by the function of networks.targets that makes it.
TARGET_KINDS = {
    "logit": "logit",
    "centred": "logit less the mean",
    "log_probability": "log-probability",
    "margin": "margin to the second",
    "is_class": "class, yes or no",
}


def explorer_fields(layers: Sequence[str], logits: bool, network: bool) -> dict[str, Field]:
    """Every setting that people can move; the outputs to choose from are known once something is recorded."""
    rules = Choice(
        [(_RULE_NAMES[rule], rule) for rule in RULES], named=lambda v: f"above {v:g}", description="A unit is on"
    )
    fields = {"logit": Field(Choice([("0", 0)], description="Logit"), "Which output of the network to explain.")}
    if logits:
        made = Choice(target_options(TARGET_KINDS), named=lambda kind: TARGET_KINDS[kind], description="Target")
        fields["target_kind"] = Field(made, "The logit, or what else of all logits speaks for its class.")
    fields |= {
        **drawing_fields(None),
        "rho_max": Field(slider("Redundancy", 0.05, 1.0, 0.05), "How alike two subsets may be; 1 is the same."),
        "threshold": Field(rules, "How activations become on or off."),
    }
    if network:
        kinds = Choice([("as recorded", "recorded"), ("by experiment", "experiment")], description="Evidence")
        fields["evidence"] = Field(kinds, "What goes together in the data, or what happens when units are changed.")
    if len(layers) < 2:
        return fields  # one layer is no choice
    named = Choice([(tidy(name, 40), name) for name in layers], description="Layer")
    return {"layer": Field(named, "Where in the network to look."), **fields}


def target_options(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """The targets to choose from, with their names."""
    return [(TARGET_KINDS[kind], kind) for kind in kinds]


def ranges(spectrum: Spectrum) -> dict[str, int]:
    """How far the settings that choose what is drawn go."""
    largest = max((len(s) for s in spectrum.subsets), default=1)
    return {"max_degree": max(largest, 1), "top": max(min(len(spectrum), MOST_BARS), 1)}


def drawing_fields(spectrum: Spectrum | None) -> dict[str, Field]:
    """The settings that a finished spectrum has too; none where nothing can be drawn of it."""
    if spectrum is not None and not len(spectrum):
        return {}
    most = {"max_degree": 4, "top": 60} if spectrum is None else ranges(spectrum)
    return {
        "max_degree": Field(slider("Largest size", 1, most["max_degree"]), "Most units that one subset may join."),
        "top": Field(slider("Number", 1, most["top"]), "Most subsets to report."),
    }
