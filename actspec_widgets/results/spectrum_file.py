"""A spectrum as one ``.npz`` file: arrays and one JSON text, never pickle."""

from __future__ import annotations

import dataclasses
import os
from types import NoneType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from ..files import FileKind
from ..patterns.cube import as_subset, as_subsets
from .coverage import Coverage
from .encoding import Encoding
from .family import Family

if TYPE_CHECKING:
    from .spectrum import Spectrum

KIND = FileKind("actspec_widgets.Spectrum", "a spectrum", "Spectrum.save", versions=(3,))
_JOINT = ("joint_parts", "joint_errors", "joint_p_values")
_ARRAYS = ("coefficients", "standard_errors", "character_means", "p_values", "gains", *_JOINT, "intervals")
_UNIT_ARRAYS = ("thresholds", "centres", "scales")  # one number for each unit
_COUNTS = "smallest_cells"
_EFFECTS = ("superset_importance", "superset_errors", "effects", "effect_errors")
_OPTIONAL_ARRAYS = ("gram", "covariance", _COUNTS, *_EFFECTS, *_UNIT_ARRAYS)
_OPTIONAL: dict[str, tuple[type, ...]] = {
    "redundancy_error": (float, int),
    "duplicate_units": (int,),
    "relations": (int,),
    "n_groups": (int,),
    "queries": (int,),
}
_TABLES = ("gram", "covariance")
_NUMBER: tuple[type, ...] = (float, int)
_PLAIN = {
    **dict.fromkeys(("explained_variance", "explained_variance_error", "singles_explain", "intercept"), _NUMBER),
    **dict.fromkeys(("n_units", "n_search", "n_estimate"), (int,)),
}
_COVERAGE = {
    "method": (str,),
    "n_units": (int,),
    "max_degree": (int, NoneType),
    "examined": (int,),
    "complete": (bool,),
    "missed_bound": (*_NUMBER, NoneType),
}


def save(spectrum: Spectrum, path: str | os.PathLike[str]) -> None:
    """Write ``spectrum`` to ``path``; a file already there is replaced only when the new one is whole."""
    header = {
        "basis": spectrum.encoding.kind,
        "evidence": spectrum.evidence,
        "subsets": spectrum.subsets,
        "equivalents": spectrum.equivalents,
        "classes": spectrum.classes,
        "binarisation": spectrum.binarisation,
        "families": [(f.best, f.members, f.returned, f.halves) for f in spectrum.families],
        "coverage": dataclasses.asdict(spectrum.coverage),
        "unit_names": spectrum.unit_names,
        "constant_units": spectrum.constant_units,
        "settings": spectrum.settings,
        **{name: getattr(spectrum, name) for name in _OPTIONAL},
        **{name: getattr(spectrum, name) for name in _PLAIN},
    }
    arrays = {name: getattr(spectrum, name) for name in _ARRAYS}
    arrays.update(
        {name: table for name in (*_TABLES, _COUNTS, *_EFFECTS) if (table := getattr(spectrum, name)) is not None}
    )
    units = {name: getattr(spectrum.encoding, name) for name in _UNIT_ARRAYS}
    arrays.update({name: array for name, array in units.items() if array is not None})
    KIND.save_npz(path, header, arrays)


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields of the spectrum saved at ``path``."""
    header, arrays = KIND.load_npz(path)
    with KIND.reading(path):
        return _fields(header, arrays)


def read(file: BinaryIO, name: str) -> dict[str, Any]:
    """The fields of the spectrum in an open file; sentences about it call it ``name``."""
    header, arrays = KIND.read_npz(file, name)
    with KIND.reading(name):
        return _fields(header, arrays)


def _fields(text, arrays):
    optional = [name for name in _OPTIONAL_ARRAYS if name in arrays]
    arrays = {name: arrays[name] for name in (*_ARRAYS, *optional)}
    numbers = {name: _of_kind(text[name], kinds) for name, kinds in _PLAIN.items()}
    n_units = numbers["n_units"]
    if not 0 < n_units < 2**31:
        raise ValueError("no layer has this many units")
    coverage = {name: _of_kind(text["coverage"][name], kinds) for name, kinds in _COVERAGE.items()}
    names = text["unit_names"]
    if names is not None:
        names = tuple(str(name) for name in names)
        if len(names) != n_units:
            raise ValueError("unit names do not match the units")
    subsets = as_subsets(text["subsets"], n_units)
    equivalents, classes = (
        tuple(as_subsets(group, n_units) for group in text[name]) for name in ("equivalents", "classes")
    )
    binarisation = tuple(_of_kind(known, (bool, NoneType)) for known in text["binarisation"])
    k = len(subsets)
    if not len(equivalents) == len(classes) == len(binarisation) == k:
        raise ValueError("equivalents or classes do not match the subsets")
    shapes = dict.fromkeys(_UNIT_ARRAYS, (n_units,)) | dict.fromkeys(_TABLES, (k, k)) | {"intervals": (k, 2)}
    for name, array in arrays.items():
        shape = shapes.get(name, (k,))
        if array.dtype != (np.int64 if name == _COUNTS else np.float64) or array.shape != shape:
            raise ValueError(f"{name} does not match the subsets or units")
    units = {name: arrays.pop(name, None) for name in _UNIT_ARRAYS}
    return {
        "gram": None,
        **arrays,
        "encoding": Encoding(_of_kind(text.get("basis", "signs"), (str,)), **units),
        **numbers,
        "subsets": subsets,
        "equivalents": equivalents,
        "classes": classes,
        "binarisation": binarisation,
        "families": tuple(
            Family(
                as_subset(best, n_units),
                as_subsets(members, n_units),
                float(_of_kind(returned, _NUMBER)),
                _of_kind(halves, (int,)),
            )
            for best, members, returned, halves in text["families"]
        ),
        "coverage": Coverage(
            **coverage,
            notes=tuple(str(note) for note in text["coverage"]["notes"]),
            complete_degree=_of_kind(text["coverage"].get("complete_degree"), (int, NoneType)),
            undecided=_of_kind(text["coverage"].get("undecided", 0), (int,)),
        ),
        "evidence": _of_kind(text.get("evidence", "recorded"), (str,)),
        "unit_names": names,
        "constant_units": as_subset(text["constant_units"], n_units),
        "settings": dict(text["settings"]),
        **{name: _of_kind(text.get(name), (*kinds, NoneType)) for name, kinds in _OPTIONAL.items()},
    }


def _of_kind(value, kinds):
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError(f"{value!r} is of another kind")
    return value
