"""The lines of Python that reproduce what an explorer shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...patterns import Patterns
from .finding import METHOD_SETTINGS, Finding
from .sources import Source


def spectrum_code(source: Source, finding: Finding, selection: tuple[int, ...] | None) -> str:
    """Python that computes the same ``spectrum``, bit for bit, and names the ``selection``."""
    settings, recording = finding.settings, finding.recording
    lines = source.lines(settings["layer"], settings["logit"])
    if isinstance(recording.activations, Patterns):
        patterns = "activations"
    else:
        rule = settings["threshold"]
        more = ", target=target" if rule == "informative" else ""
        if recording.unit_names is not None:
            lines = ["# unit_names: as given to the explorer", *lines]
            more += ", unit_names=unit_names"
        lines.append(f"patterns = Patterns.from_activations(activations, {rule!r}{more})")
        patterns = "patterns"
    method = ", ".join(f"{name}={settings[name]!r}" for name in METHOD_SETTINGS)
    lines.append(f"spectrum = activation_spectroscopy({patterns}, target, {method})")
    if selection is not None:
        lines.append(f"selection = {selection!r}")
    text = "\n".join(lines)
    names = [
        name for name in ("Patterns", "activation_spectroscopy", "record") if f"{name}(" in text or f"{name}." in text
    ]
    imports = [f"from actspec_widgets import {', '.join(names)}"]
    if "load_example()" in text:
        imports.append("from actspec_widgets.datasets import load_example")
    return "\n".join([*imports, "", text, ""])


def filter_code(settings: Mapping[str, Any], selection: tuple[int, ...] | None) -> str:
    """The same for a spectrum that was given finished: how it is shown."""
    drawn = ", ".join(f"{name}={settings[name]!r}" for name in ("max_degree", "top"))
    lines = [
        "from actspec_widgets.views import SpectrumExplorer",
        "",
        "# spectrum: the one that was given to the explorer; spectrum.save(path) keeps it",
        f"explorer = SpectrumExplorer(spectrum, {drawn})",
    ]
    if selection is not None:
        lines.append(f"explorer.selection = {selection!r}")
    return "\n".join([*lines, ""])
