"""Recorded samples whose units can be acted on: their states, where other activations come from, what is answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.cube import Subset
from ...patterns.table import as_patterns
from ...patterns.thresholds import thresholds
from ..effects.rest import KEEP, Donors, FunctionOfActivations, Rest, States, as_rest, ask

STATES = {"active": True, "inactive": False}


@dataclass(frozen=True)
class Recorded:
    """The function, and which units are on in each recorded sample."""

    rest: Rest
    states: States
    patterns: Patterns

    @property
    def on(self) -> NDArray[np.bool_]:
        return self.states.on

    @classmethod
    def of(cls, rest, spectrum, activations, patterns) -> Recorded:
        """The function and its samples, where they fit the spectrum; arguments as of :func:`intervene`."""
        if spectrum.encoding.kind != "signs":
            raise ValueError(
                f"the spectrum has basis={spectrum.encoding.kind!r} and units are set to states on and off here; "
                "compute it with basis='signs'"
            )
        if patterns is not None and as_patterns(patterns).n_units != spectrum.n_units:
            raise ValueError(
                f"the patterns have {patterns.n_units} units, the spectrum {spectrum.n_units}; record the same layer"
            )
        if not isinstance(rest, Rest) and activations is None and patterns is not None:
            if not callable(rest):
                raise TypeError(f"rest is {type(rest).__name__}; give a SubNetwork, or a function of patterns (k, n)")
            rest = FunctionOfActivations(rest, patterns.signs())
        rest = as_rest(rest, activations)
        m, n = rest.activations.shape
        if n != spectrum.n_units:
            raise ValueError(
                f"the recorded layer has {n} units, the spectrum {spectrum.n_units}; record the same layer"
            )
        if patterns is None:
            cuts = spectrum.encoding.thresholds
            if cuts is None:
                cuts = getattr(rest, "thresholds", None)
            if cuts is None:
                cuts = thresholds(rest.activations, "zero")
            patterns = Patterns.from_signs(rest.activations > cuts)
        elif patterns.n_samples != m:
            raise ValueError(
                f"the patterns hold {patterns.n_samples} samples and the network {m}; give those of the same samples, "
                "or leave patterns= out"
            )
        return cls(rest, States(patterns.signs() > 0, rest.lengths), patterns)

    def check_both_states(self, units: Subset) -> None:
        for unit in units:
            shown = self.on[:, unit]
            if shown.all() or not shown.any():
                raise ValueError(
                    f"unit {unit} is {'on' if shown.any() else 'off'} in all {len(shown)} samples; its other state "
                    "cannot be taken from any of them"
                )

    def donors(self, drawn, units, kind, rng, *, in_turn=False, state=None) -> NDArray[np.intp]:
        """Where each unit takes its activation from, (k, n); ``KEEP`` leaves it alone.

        ``in_turn``: one of the units in each sample. ``state``: the one to freeze them in.
        """
        out = np.full((len(drawn), self.on.shape[1]), KEEP, dtype=np.intp)
        if kind == "swap":
            out[:, units] = Donors(np.arange(len(self.on)), self.rest.lengths).draw(drawn, (), rng)[:, None]
            return out
        for at, unit in enumerate(units):
            # The samples come in random order, so dealing them out in turn is a random, balanced choice of units.
            rows = np.arange(len(drawn)) if not in_turn else np.arange(at, len(drawn), len(units))
            wanted = ~self.on[drawn[rows], unit] if kind == "flip" else np.full(len(rows), STATES[state])
            out[rows, unit] = self.states.draw(drawn[rows], unit, wanted, rng)
        return out

    def signs(self, drawn, donors=None) -> NDArray[np.int8]:
        """Patterns of samples, int8 (k, n), as they are or with units from their donors."""
        source = drawn[:, None] if donors is None else np.where(donors == KEEP, drawn[:, None], donors)
        return np.where(self.on[source, np.arange(self.on.shape[1])], np.int8(1), np.int8(-1))

    def output(self, drawn, donors=None) -> NDArray[np.float64]:
        if donors is None:
            donors = np.full((len(drawn), self.on.shape[1]), KEEP, dtype=np.intp)
        answers = ask(self.rest, drawn, donors)
        if answers.shape[1] != 1:
            raise ValueError(f"the function gives {answers.shape[1]} numbers for each point; choose an output")
        return answers[:, 0]
