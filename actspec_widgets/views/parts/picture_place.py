"""Where the units of a spectrum are drawn: the pixels of an image, or a strip with the most influential unit first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...results import Spectrum
from ..kit.words import breadth, capital, counted, unit_label
from .subset_map import MOST_CELLS, UnitGrid

_MOST_UNITS = 60
_NAME, _LETTER = 16, 6.7  # letters of a unit's name, and pixels of a letter


def place_of(
    spectrum: Spectrum, order: Sequence[int], grid: UnitGrid | None, unit: str
) -> tuple[dict[str, Any], bytes]:
    """What the drawing needs to know, and the shades of an image, one byte each; ``order`` are the subsets drawn."""
    if grid is not None:
        name = f"{grid.rows} by {grid.columns} {unit}s"
        if grid.rows * grid.columns > MOST_CELLS:
            return {"caption": f"{name} are too many for a picture."}, b""
        shades = np.round(255 * grid.shades).astype(np.uint8)
        known = {"kind": "image", "rows": grid.rows, "columns": grid.columns, "caption": grid.caption, "name": name}
        return known, shades.tobytes()
    influences = spectrum.influences()
    held = np.unique([u for at in order for u in spectrum.subsets[at]]).astype(np.intp)
    units = held[np.argsort(-influences[held], kind="stable")][:_MOST_UNITS]
    names = [unit_label(spectrum, int(u), _NAME) for u in units]
    largest = float(influences[units].max(initial=0.0)) or 1.0
    left = [
        f"{len(held) - len(units):,} more take part in what is drawn" if len(held) > len(units) else "",
        f"{spectrum.n_units - len(held):,} of {counted(spectrum.n_units, unit)} are in no subset drawn"
        if spectrum.n_units > len(held)
        else "",
    ]
    rest = "; ".join(filter(None, left))
    what = f"{unit.capitalize()}s by influence, the largest first"
    known = {
        "kind": "strip",
        "units": units.tolist(),
        "names": names,
        "shades": (influences[units] / largest).round(4).tolist(),
        "labels": round(12 + _LETTER * max(map(breadth, names), default=0)),
        "caption": f"{what}; arcs join subsets. {capital(rest)}{'.' * bool(rest)}".rstrip(),
        "name": f"{counted(len(units), unit)} by influence",
    }
    return known, b""
