"""Handwritten digits: a small balanced set that comes with the package, and all 70,000."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import CACHE_VARIABLE, cache_folder, download
from ..progress import Progress
from .mnist_files import ARRAYS, IDX_NAMES, Arrays, read_local

SIDE = 28
INK = 128  # a pixel is ink from this grey level on: half of 0..255
VARIABLE = "ACTSPEC_MNIST"
# Tried in this order. The content is checked, not the container, so any mirror does.
MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
_NPZ = "mnist.npz"
_GZIPPED = tuple(f"{stem}.gz" for stem in IDX_NAMES.values())
FILES = Path(__file__).parent / "files"


@dataclass(frozen=True, eq=False)
class Mnist:
    """Images of handwritten digits and the digits that they show; the arrays are read-only.

    Attributes
    ----------
    x_train, x_test : ndarray of uint8, shape (m, 28, 28)
        Grey levels, 0 is paper and 255 full ink.
    y_train, y_test : ndarray of uint8, shape (m,)
        The digits 0..9.

    References
    ----------
    Y. LeCun, C. Cortes, C.J.C. Burges, *The MNIST database of handwritten digits* (CC BY-SA 3.0).
    """

    x_train: NDArray[np.uint8] = field(repr=False)
    y_train: NDArray[np.uint8] = field(repr=False)
    x_test: NDArray[np.uint8] = field(repr=False)
    y_test: NDArray[np.uint8] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ARRAYS:
            getattr(self, name).setflags(write=False)

    def __repr__(self) -> str:
        return f"Mnist({len(self.y_train)} training digits, {len(self.y_test)} test digits)"


def load_mnist(
    which: str = "small",
    *,
    path: str | os.PathLike[str] | None = None,
    url: str | None = None,
    progress: Progress | bool = True,
) -> Mnist:
    """The MNIST digits.

    ``"small"`` comes with the package: the first 500 training and the first 100 test images of each class.
    ``"full"``, all 70,000, comes from the first of these that is given: ``path``, the environment variable
    ACTSPEC_MNIST, an earlier download, a download. Whatever the source, the arrays are compared with the
    checksums of the original files. Downloads are kept in the user's cache folder, or in the folder named by
    the environment variable ACTSPEC_CACHE; nothing lands there before it has passed the check.

    Parameters
    ----------
    which : {"small", "full"}
    path : path, optional
        A file ``mnist.npz``, or a folder with that file or with the four original IDX files, gzipped or not.
    url : str, optional
        Download from here: the address of a ``.npz`` file, or one ending in ``/`` that holds the four ``.gz``.
        It is asked even when an earlier download lies in the cache.
    progress : bool or callable
        Of a download: True draws a bar; a callable gets (bytes done, bytes in all) and may raise
        ``Cancelled``.

    Raises
    ------
    ValueError
        If ``which`` is neither name, or a local file is truncated or is not the original data.
    FileNotFoundError
        If there is nothing at ``path``.
    OSError
        If no download succeeds; the sentence says what each source answered.

    Examples
    --------
    >>> load_mnist()
    Mnist(5000 training digits, 1000 test digits)
    """
    if which == "small":
        if path is not None or url is not None:
            raise ValueError('path and url name the full set; call load_mnist("full", ...), or leave them out')
        with np.load(FILES / "mnist_small.npz", allow_pickle=False) as archive:
            return Mnist(**{name: archive[name] for name in ARRAYS})
    if which != "full":
        raise ValueError(f'which={which!r} is not a set of digits; use "small" (bundled) or "full" (all 70,000)')
    if path is not None:
        return Mnist(**read_local(Path(path), "path"))
    if url is None and os.environ.get(VARIABLE):
        return Mnist(**read_local(Path(os.environ[VARIABLE]), VARIABLE))
    return Mnist(**_fetched(url, progress))


def _fetched(url: str | None, progress: Progress | bool) -> Arrays:
    """The four arrays from the cache, or else from the first mirror that serves them."""
    cache = cache_folder()
    try:
        return read_local(cache, CACHE_VARIABLE)
    except FileNotFoundError:
        pass
    except ValueError:  # damaged since it was checked: treated as absent
        for name in (_NPZ, *_GZIPPED):
            (cache / name).unlink(missing_ok=True)
    failures = []
    for mirror in MIRRORS if url is None else (url,):
        # One .npz file whatever it is called there, or a folder with the four original files.
        sources = {name: mirror + name for name in _GZIPPED} if mirror.endswith("/") else {_NPZ: mirror}
        try:
            return download(sources, cache, lambda folder: read_local(folder, "download"), progress)
        except OSError as error:
            failures.append(f"{mirror} ({error})")
    raise OSError(
        f"the full MNIST could not be downloaded from {' nor '.join(failures)}; nothing was kept. Try again, or "
        f'name a local copy: load_mnist("full", path=...) or the environment variable {VARIABLE}'
    )


def binarise(images: ArrayLike) -> NDArray[np.float32]:
    """Grey images as points of the cube: +1 where a pixel is ink (active), -1 where it is paper.

    Ink is a grey level of 128 or more out of 255, so 127 is paper.

    Parameters
    ----------
    images : array of uint8, shape (m, 28, 28) or (m, 784)

    Returns
    -------
    ndarray of float32, shape (m, 784)
        Pixel (row, column) is unit ``28 * row + column``.

    Raises
    ------
    ValueError
        If the shape does not fit, or the values are not grey levels 0..255 as uint8.

    Examples
    --------
    >>> binarise(np.full((1, 28, 28), 128, np.uint8)).sum()
    np.float32(784.0)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images have dtype {images.dtype}; give grey levels 0..255 as uint8, as load_mnist does")
    if images.shape[1:] not in ((SIDE, SIDE), (SIDE * SIDE,)):
        raise ValueError(f"images have shape {images.shape}; give (m, 28, 28), for one image image[None]")
    return np.where(images.reshape(len(images), -1) >= INK, np.float32(1), np.float32(-1))
