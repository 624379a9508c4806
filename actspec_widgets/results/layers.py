"""How distributed the layers of one model are, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .distributedness import Distributedness

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, eq=False)
class DistributedLayers:
    """What :func:`actspec_widgets.distributedness` gave for each layer of a model, and which could not be measured.

    Attributes
    ----------
    found : mapping of str to Distributedness
        By layer, in the order that was asked for.
    refused : mapping of str to str
        Why a layer could not be measured, as a sentence.
    """

    found: Mapping[str, Distributedness]
    refused: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, layer: str) -> Distributedness:
        return self.found[layer]

    def __len__(self) -> int:
        return len(self.found)

    def to_frame(self, output: int = 0) -> pandas.DataFrame:
        """A table with a row for each layer: the numbers for one output, each with its standard error."""
        import pandas

        rows = []
        for measured in self.found.values():
            row: dict[str, float | int] = {"units": measured.n_units}
            for name in ("mean_degree", "joint_share", "effective_units", "off_data"):
                measure = getattr(measured, name)
                row[name] = float(np.atleast_1d(measure.value)[output])
                row[f"{name}_error"] = float(np.atleast_1d(measure.standard_error)[output])
            rows.append(row | {"share": measured.share, "draws": measured.draws})
        return pandas.DataFrame(rows, index=pandas.Index(list(self.found), name="layer"))

    def summary(self, output: int = 0) -> str:
        """A sentence for each layer."""
        lines = [f"{layer}: {measured.sentence(output)}" for layer, measured in self.found.items()]
        return "\n".join([*lines, *(f"{layer}: not measured: {why}" for layer, why in self.refused.items())])

    def __repr__(self) -> str:
        return f"DistributedLayers:\n{self.summary()}"
