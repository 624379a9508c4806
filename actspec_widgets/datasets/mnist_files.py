"""Reading the full MNIST from files, and checking that it is the original."""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.uint8]]
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
# SHA-256 of the four uncompressed IDX files. An IDX file is a header and the array's bytes, so it can be rebuilt
# from the arrays: one check for any container. The same bytes have the MD5 sums published for the original files
# (6bbc9ace..., a25bea73..., 2646ac64..., 27ae3e4e...).
_SHA256 = {
    "x_train": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "y_train": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "x_test": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "y_test": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_SHAPES = {"x_train": (60000, 28, 28), "y_train": (60000,), "x_test": (10000, 28, 28), "y_test": (10000,)}
_UINT8 = 8  # the IDX format's code for unsigned bytes
_LAYOUTS = (".", "raw", "MNIST/raw")  # where common tools put the four files inside a folder


def read_local(path: Path, source: str) -> Arrays:
    """All four arrays from a file or folder; errors name ``source`` as where the path comes from.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder, or the folder holds no MNIST.
    ValueError
        If a file is truncated or is not the original data.
    """
    path = path.expanduser()
    if path.is_dir():
        if (path / "mnist.npz").is_file():
            return read_npz(path / "mnist.npz")
        for layout in _LAYOUTS:
            found = {name: _find_idx(path / layout, stem) for name, stem in IDX_NAMES.items()}
            if all(found.values()):
                return {name: read_idx(file, name) for name, file in found.items() if file}
            if any(found.values()):
                missing = ", ".join(IDX_NAMES[name] for name, file in found.items() if not file)
                raise FileNotFoundError(f"{path / layout} lacks {missing}; put all four IDX files of MNIST there")
        raise FileNotFoundError(
            f"the folder {path} ({source}) holds neither mnist.npz nor the four IDX files "
            f"({IDX_NAMES['x_train']}.gz and so on); name the folder that does"
        )
    if not path.exists():
        raise FileNotFoundError(
            f"there is nothing at {path} ({source}); name an existing mnist.npz or the folder that holds it, "
            "or leave it out to download"
        )
    if "idx" in path.name:
        raise ValueError(f"{path} ({source}) is one of the four IDX files of MNIST; name the folder that holds all")
    return read_npz(path)


def read_npz(path: Path) -> Arrays:
    """The four arrays of a ``.npz`` file, checked."""
    try:
        # opened here: np.load leaves its own file open when the archive turns out to be damaged
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("not an archive")
            with archive:
                arrays = {name: archive[name] for name in ARRAYS if name in archive}
    except FileNotFoundError:
        raise
    except Exception as error:  # zlib.error and whatever else a damaged archive can raise
        raise _unreadable(path, ".npz file", error) from error
    missing = [name for name in ARRAYS if name not in arrays]
    if missing:
        raise ValueError(f"{path} has no array {', '.join(missing)}, so it is not the full MNIST; {_NEXT}")
    return {name: check(name, array, path) for name, array in arrays.items()}


def read_idx(path: Path, name: str) -> NDArray[np.uint8]:
    """One IDX file, gzipped or not, checked to be the original of array ``name``."""
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        kind, dimensions = struct.unpack(">HBB", raw[:4])[1:]
        shape = struct.unpack(f">{dimensions}I", raw[4 : 4 + 4 * dimensions])
        if kind != _UINT8 or len(raw) != 4 + 4 * dimensions + math.prod(shape):
            raise ValueError("the header does not match the length")
    except FileNotFoundError:
        raise
    except Exception as error:  # gzip, zlib and struct each have their own
        raise _unreadable(path, "IDX file", error) from error
    return check(name, np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape), path)


def check(name: str, array: NDArray, path: Path) -> NDArray[np.uint8]:
    """Return ``array`` if it is the original ``name``, byte for byte."""
    if array.dtype != np.uint8 or array.shape != _SHAPES[name]:
        raise ValueError(
            f"{path} has {name} of shape {array.shape} and dtype {array.dtype}, MNIST has {_SHAPES[name]} and uint8; "
            f"{_NEXT}"
        )
    header = struct.pack(f">HBB{array.ndim}I", 0, _UINT8, array.ndim, *array.shape)
    digest = hashlib.sha256(header)
    digest.update(np.ascontiguousarray(array).data)
    if digest.hexdigest() != _SHA256[name]:
        raise ValueError(f"{path} has other values in {name} than the original MNIST (SHA-256 differs); {_NEXT}")
    return array


_NEXT = "copy the original again"


def _find_idx(folder, stem):
    # Some tools write a dot before "idx".
    names = [stem + end for stem in (stem, stem.replace("-idx", ".idx")) for end in (".gz", "")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _unreadable(path, kind, error):
    return ValueError(
        f"{path} cannot be read as the {kind} of MNIST ({type(error).__name__}): it is truncated, damaged or of "
        f"another kind; {_NEXT}"
    )
