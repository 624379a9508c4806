"""A spectrum as one ``.npz`` file: arrays and one JSON text, never pickle."""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..patterns.cube import as_subsets
from .coverage import Coverage

if TYPE_CHECKING:
    from .spectrum import Spectrum

VERSION = 1
_KIND = "actspec_widgets.Spectrum"
_ARRAYS = ("coefficients", "standard_errors", "character_means", "p_values", "gains", "gram")
_PLAIN = ("explained_variance", "explained_variance_error", "intercept", "n_units", "n_search", "n_estimate")


def save(spectrum: Spectrum, path: str | os.PathLike[str]) -> None:
    """Write ``spectrum`` to ``path``; a file already there is replaced only when the new one is whole."""
    target = Path(path)
    text = {
        "kind": _KIND,
        "version": VERSION,
        "subsets": spectrum.subsets,
        "equivalents": spectrum.equivalents,
        "coverage": dataclasses.asdict(spectrum.coverage),
        "unit_names": spectrum.unit_names,
        "constant_units": spectrum.constant_units,
        "settings": spectrum.settings,
        **{name: getattr(spectrum, name) for name in _PLAIN},
    }
    arrays = {name: getattr(spectrum, name) for name in _ARRAYS}
    header = np.frombuffer(json.dumps(text).encode(), np.uint8)
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, header=header, **arrays)
        os.replace(partial, target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields of the spectrum saved at ``path``."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; give the path of a file written by Spectrum.save")
    try:
        # opened here: np.load leaves its own file open when the archive turns out to be damaged
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            text = json.loads(archive["header"].tobytes())
            arrays = {name: archive[name] for name in _ARRAYS}
        kind, version = text["kind"], text["version"]
    except Exception as error:  # zlib.error and whatever else a damaged archive can raise
        raise _unreadable(path, error) from error
    if kind != _KIND:
        raise ValueError(f"{path} holds a {kind!r}, not a spectrum; give a file written by Spectrum.save")
    if version != VERSION:
        raise ValueError(
            f"{path} is of version {version!r}, this release reads version {VERSION}; update actspec_widgets to open it"
        )
    try:
        return _fields(text, arrays)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(path, error) from error


def _fields(text, arrays):
    n_units = int(text["n_units"])
    coverage = dict(text["coverage"])
    coverage["notes"] = tuple(str(note) for note in coverage["notes"])
    names = text["unit_names"]
    if names is not None:
        names = tuple(str(name) for name in names)
        if len(names) != n_units:
            raise ValueError("unit names do not match the units")
    subsets = as_subsets(text["subsets"], n_units)
    k = len(subsets)
    for name, array in arrays.items():
        if array.dtype != np.float64 or array.shape != ((k, k) if name == "gram" else (k,)):
            raise ValueError(f"{name} does not match the subsets")
    return {
        **arrays,
        **{name: text[name] for name in _PLAIN},
        "subsets": subsets,
        "equivalents": tuple(as_subsets(group, n_units) for group in text["equivalents"]),
        "coverage": Coverage(**coverage),
        "unit_names": names,
        "constant_units": tuple(int(i) for i in text["constant_units"]),
        "settings": dict(text["settings"]),
    }


def _unreadable(path, error):
    return ValueError(
        f"{path} cannot be read as a spectrum ({type(error).__name__}): it is damaged, truncated or of another kind; "
        "save it again from its source"
    )
