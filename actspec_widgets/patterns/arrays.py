"""What callers give, as numpy arrays and whole numbers, or one sentence that says what fits instead.

Tables come from numpy, pandas, polars, torch, JAX and scipy; none of these is imported here, what an object offers
tells how to read it.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_array(values: Any, what: str) -> NDArray:
    """Read numbers from whatever holds them: arrays, nested lists, tensors, data frames, sparse matrices.

    Parameters
    ----------
    values : array-like
        Tensors are detached and copied to the CPU; kinds of number that numpy has not, such as bfloat16, become
        float32. Sparse matrices become dense.
    what : str
        What the numbers are, as the subject of an error, e.g. "the target".

    Raises
    ------
    ValueError
        If the array is masked, or what came holds something other than numbers.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(
            f"{what} came as a masked array, and a mask would be ignored here; leave out the samples that are masked "
            "and give .data, or fill them in with .filled(value)"
        )
    try:
        array = _read(values)
    except (ValueError, TypeError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{what} came as {_kind(values)}, which cannot be read as an array: {error}") from error
    if array.dtype.isbuiltin == 2:  # a kind of number that another package has added, such as JAX's bfloat16
        array = array.astype(np.float32)
    if array.dtype == object and hasattr(values, "to_numpy"):
        array = _numbers(array, what, column_names(values))
    return array


def column_names(values: Any) -> tuple[str, ...] | None:
    """The names of a data frame's columns as text; None where there are none, or they only count."""
    if not (hasattr(values, "columns") and hasattr(values, "to_numpy")):
        return None
    names = tuple(str(name) for name in values.columns)
    return None if names == tuple(map(str, range(len(names)))) else names


def as_count(value: Any, name: str, least: int = 1, most: int | None = None) -> int:
    """A whole number between two bounds, both included.

    Raises
    ------
    ValueError
        If it is no whole number, or out of bounds.

    Examples
    --------
    >>> as_count(np.int64(3), "top")
    3
    """
    fits = f"give a whole number, {least} or more" if most is None else f"give a whole number from {least} to {most:,}"
    try:
        count = operator.index(value)
    except TypeError:
        raise ValueError(f"{name}={value!r}; {fits}") from None
    if count < least or (most is not None and count > most):
        raise ValueError(f"{name}={value!r}; {fits}")
    return count


def as_groups(groups: Any, n_samples: int) -> NDArray[np.intp]:
    """One label for each sample -> a number for each sample, counted from 0 in the order of the sorted labels.

    Labels are numbers or text.

    Raises
    ------
    ValueError
        If there is not one label for each sample, all are the same, one is missing, or one group holds more than
        half of the samples, so that no half could keep it whole.

    Examples
    --------
    >>> as_groups(["b", "a", "b", "c", "a"], 5)
    array([1, 0, 1, 2, 0])
    """
    labels = _labels(groups)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"groups have shape {labels.shape}, the recording holds {n_samples} samples; "
            f"give one label for each sample, shape ({n_samples},)"
        )
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        first = int(np.flatnonzero(np.isnan(labels))[0])
        raise ValueError(f"groups have no label at sample {first}; every sample belongs to a group")
    known, codes = np.unique(labels, return_inverse=True)
    if known.size == 1:
        raise ValueError(
            f"groups put all {n_samples} samples into one group ({known[0]!s}), which cannot be split; "
            "leave groups out, or give labels that differ"
        )
    sizes = np.bincount(codes)
    largest = int(sizes.argmax())
    if 2 * sizes[largest] > n_samples:
        raise ValueError(
            f"group {known[largest]!s} holds {sizes[largest]:,} of {n_samples:,} samples, more than half, so halves "
            "cannot keep it whole; record more of the others, or label its parts apart"
        )
    return codes.astype(np.intp)


def _read(values):
    if hasattr(values, "detach"):
        return _from_tensor(values.detach().cpu())
    if hasattr(values, "toarray"):  # scipy's sparse matrices
        return np.asarray(values.toarray())
    if hasattr(values, "to_numpy"):  # data frames and their columns
        return np.asarray(values.to_numpy())
    if isinstance(values, list | tuple) and any(hasattr(value, "detach") for value in values):
        return np.stack([_read(value) for value in values])
    return np.asarray(values)


def _from_tensor(tensor):
    if "strided" not in str(tensor.layout):
        tensor = tensor.to_dense()
    try:
        return np.asarray(tensor.numpy())
    except TypeError:  # a kind of number that numpy has not
        return np.asarray(tensor.float().numpy())


def _numbers(array, what, names):
    """A table of Python objects as floats, as it comes from a frame with columns of several kinds."""
    columns = array.reshape(len(array), -1).T if array.ndim else array.reshape(1, 1)
    for at, column in enumerate(columns):
        try:
            column.astype(np.float64)
        except (TypeError, ValueError):
            where = "" if array.ndim < 2 else f" in column {at if names is None else repr(names[at])}"
            wrong = next(value for value in column if not _is_number(value))
            raise ValueError(f"{what} came with {wrong!r}{where}; give real numbers only") from None
    return array.astype(np.float64)


def _is_number(value):
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _labels(groups):
    if isinstance(groups, np.ma.MaskedArray):
        return as_array(groups, "the labels of groups")  # says why a mask cannot be taken
    labels = _read(groups)
    if labels.dtype != object:
        return labels
    missing = [at for at, label in enumerate(labels) if label is None or label != label]
    if missing:
        raise ValueError(f"groups have no label at sample {missing[0]}; every sample belongs to a group")
    return labels.astype(str)


def _kind(values):
    return f"{type(values).__module__}.{type(values).__qualname__}".removeprefix("builtins.")
