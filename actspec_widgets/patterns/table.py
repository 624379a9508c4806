"""A recording reduced to on/off, one bit for each unit and sample."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import FileKind, Streamed, TemporaryFolder
from .arrays import as_array, column_names
from .cube import as_signs
from .packing import WORD, append_planes, pack_plane, unpack, words_for
from .sparse import ActiveLists, PatternWriter, from_csr, is_sparse, joined
from .stretches import stretches, words_of
from .thresholds import thresholds

KIND = FileKind("actspec_widgets.Patterns", "patterns", "Patterns.save")


class Patterns:
    """On/off patterns of ``n_units`` units over ``n_samples`` samples, packed 64 to a word.

    Build one with :meth:`from_signs`, :meth:`from_activations`, :meth:`from_batches` or
    :meth:`concatenate`. Patterns are read-only.

    Attributes
    ----------
    planes : ndarray of uint64, shape (n_units, words_for(n_samples))
        Bit ``j % 64`` of word ``j // 64`` in row ``i`` is set where unit ``i`` is inactive
        (``x_i = -1``) in sample ``j``. Bits past the last sample are clear.
    active : ActiveLists or None
        Where few units are active: which of them in each sample. Then the planes are made when they are asked for.
    n_samples, n_units : int
    unit_names : tuple of str or None
    file : tuple of str and int, or None
        Of bits that are mapped: the path of their file, and where in it they begin.
    """

    __slots__ = ("_planes", "_shared", "active", "file", "n_samples", "unit_names")

    _planes: NDArray[np.uint64] | None
    _shared: TemporaryFolder | None

    file: tuple[str, int] | None
    active: ActiveLists | None
    n_samples: int
    unit_names: tuple[str, ...] | None

    def __init__(
        self,
        planes: NDArray[np.uint64] | ActiveLists,
        n_samples: int,
        unit_names: Sequence[str] | None = None,
    ):
        self.active, self.file, self._planes, self._shared = None, None, None, None
        if isinstance(planes, ActiveLists):
            self.active = planes
            if planes.n_samples != n_samples:
                raise ValueError(f"the lists are of {planes.n_samples} samples, not {n_samples}")
        else:
            planes = np.ascontiguousarray(planes, dtype=np.uint64)
            if planes.ndim != 2 or planes.shape[1] != words_for(n_samples):
                raise ValueError(f"planes of shape {planes.shape} do not hold {n_samples} samples in whole lines")
            planes.setflags(write=False)
            self._planes = planes
        self.n_samples = int(n_samples)
        self.unit_names = checked_names(unit_names, self.n_units)

    @property
    def n_units(self) -> int:
        return self.planes.shape[0] if self.active is None else self.active.n_units

    @property
    def planes(self) -> NDArray[np.uint64]:
        if self._planes is None:
            assert self.active is not None  # there are bits or lists
            self._planes = self.active.planes()
            self._planes.setflags(write=False)
        return self._planes

    @classmethod
    def from_signs(cls, X: ArrayLike, unit_names: Sequence[str] | None = None) -> Patterns:
        """Pack patterns given as -1/+1, or bool with True = active.

        Parameters
        ----------
        X : array, shape (m, n)
            Also a data frame, a sparse matrix or a tensor (:func:`actspec_widgets.patterns.arrays.as_array`).
        unit_names : sequence of n str, optional
            Default: the names of the columns, if it is a data frame.

        Raises
        ------
        ValueError
            If ``X`` is empty, not a table, or holds anything but -1 and +1.

        Examples
        --------
        >>> Patterns.from_signs([[1, -1], [-1, -1], [1, 1]])
        Patterns(3 samples, 2 units)
        """
        if is_sparse(X) and X.dtype == np.bool_ and (lists := from_csr(X, 0.0)) is not None:
            return cls(lists, lists.n_samples, unit_names)
        return cls.from_batches([X], unit_names=unit_names)

    @classmethod
    def from_activations(
        cls,
        A: ArrayLike,
        threshold: str | float | ArrayLike = "zero",
        target: ArrayLike | None = None,
        unit_names: Sequence[str] | None = None,
    ) -> Patterns:
        """Reduce float activations to on/off: active where above the threshold.

        Parameters
        ----------
        A : array, shape (m, n)
            Activations; boolean or integer values count as numbers. Also a data frame, a sparse matrix or a tensor.
        threshold : str, number, or array of shape (n,)
            ``"zero"``, ``"mean"``, ``"median"``, ``"otsu"``, ``"informative"`` (needs ``target``), one number,
            or one per unit. See :func:`actspec_widgets.patterns.thresholds.thresholds`.
        target : array, shape (m,), optional
        unit_names : sequence of n str, optional
            Default: the names of the columns, if it is a data frame.

        Raises
        ------
        ValueError
            If ``A`` is empty, not a table, or holds NaN or infinity, or the threshold does not fit.
        """
        if unit_names is None:
            unit_names = column_names(A)
        if is_sparse(A) and (lists := _lists_of(A, threshold)) is not None:
            return cls(lists, lists.n_samples, unit_names)
        A = as_activations(A)
        return cls.from_batches([A], thresholds(A, threshold, target), unit_names)

    @classmethod
    def from_batches(
        cls,
        batches: Iterable[ArrayLike],
        threshold: float | ArrayLike | None = None,
        unit_names: Sequence[str] | None = None,
    ) -> Patterns:
        """Pack a stream of tables; beside one of them, memory holds the packed samples and less than a fifth more.

        Parameters
        ----------
        batches : iterable of arrays, each of shape (any number of samples, n)
            -1/+1, or bool with True = active; float activations when ``threshold`` is given.
        threshold : number, or array of shape (n,), optional
            A unit is active where its activation is above it.

        Raises
        ------
        ValueError
            If there is no batch, or one has another number of units, or other names of columns, than the first.
        """
        writer, first = None, None
        for number, batch in enumerate(batches):
            table, columns = as_array(batch, "a table of units"), column_names(batch)
            mark = _signs_marker(table) if threshold is None else _activations_marker(table, threshold)
            if writer is None:
                writer, first = PatternWriter(table.shape[1], len(table)), columns
            elif table.shape[1] != writer.n_units:
                raise ValueError(
                    f"batch {number} has {table.shape[1]} units, those before it {writer.n_units}; "
                    "record the same units throughout"
                )
            elif columns != first:
                raise ValueError(
                    f"batch {number} has other names of columns than the first, or the same in another order; "
                    "give every batch the same columns"
                )
            writer.add(table, mark)
        if writer is None:
            raise ValueError("no batch was given; give at least one table of shape (samples, units)")
        return cls(writer.finish(), writer.n_samples, first if unit_names is None else unit_names)

    @classmethod
    def concatenate(cls, parts: Sequence[Patterns]) -> Patterns:
        """Merge recordings of the same units, sample after sample, bit for bit.

        Raises
        ------
        ValueError
            If there are no parts, or they differ in their number or names of units.
        """
        if not parts:
            raise ValueError("no recordings to merge; give at least one")
        first = parts[0]
        if any(p.n_units != first.n_units for p in parts):
            raise ValueError(f"recordings have {[p.n_units for p in parts]} units; merge recordings of the same units")
        if any(p.unit_names != first.unit_names for p in parts):
            raise ValueError("recordings name their units differently; merge recordings of the same units")
        n_samples = sum(p.n_samples for p in parts)
        lists = [part.active for part in parts if part.active is not None]
        if len(lists) == len(parts):
            return cls(joined(lists), n_samples, first.unit_names)
        planes = np.zeros((first.n_units, words_for(n_samples)), np.uint64)
        at = 0
        for part in parts:
            append_planes(planes, at, part.planes, part.n_samples)
            at += part.n_samples
        return cls(planes, n_samples, first.unit_names)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the patterns to a ``.safetensors`` file, bits or lists as they are in memory, without pickle.

        Raises
        ------
        OSError
            If the folder is not there or can not be written.
        """
        if self.active is None:
            self.write(path, self.n_samples, self.unit_names, self.n_units, self.planes)
            return
        header = {"n_samples": self.n_samples, "unit_names": self.unit_names, "n_units": self.n_units}
        KIND.save_mapped(path, header, {"starts": self.active.starts, "units": self.active.units})

    @staticmethod
    def write(
        path: str | os.PathLike[str], n_samples: int, unit_names: Sequence[str] | None, n_units: int, rows: Iterable
    ) -> None:
        """Write a file as :meth:`save` does, from the bits of one unit after another."""
        table = Streamed(rows, (n_units, words_for(n_samples)), np.dtype(np.uint64))
        KIND.save_mapped(path, {"n_samples": n_samples, "unit_names": unit_names}, {"rows": table})

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Patterns:
        """Patterns saved earlier, mapped: what is used of them is read then, and memory need not hold all.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or of another kind.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Patterns.from_signs([[1, -1], [-1, -1], [1, 1]]).save(f"{folder}/a.safetensors")
        ...     Patterns.open(f"{folder}/a.safetensors")
        Patterns(3 samples, 2 units)
        """
        header, tables = KIND.open_mapped(path)
        with KIND.reading(path):
            n_samples = int(header["n_samples"])
            if "rows" not in tables:
                lists = ActiveLists(np.array(tables["starts"]), np.array(tables["units"]), int(header["n_units"]))
                lists.check()
                return cls(lists, n_samples, header["unit_names"])
            planes = tables["rows"]
            if planes.dtype != np.uint64 or n_samples < 1 or 0 in planes.shape:
                raise ValueError("patterns are words, of at least one unit and sample")
            found = cls(planes, n_samples, header["unit_names"])
            found.file = (os.path.abspath(path), planes.offset)
            # Bits past the last sample would be counted; all of them are in the last line of each row. They are read
            # from the file: touched in the map, each row would bring pages around it into memory.
            line = words_of(found, n_samples // WORD, planes.shape[1])
            if unpack(line, line.shape[1] * WORD)[:, n_samples % WORD :].any():
                raise ValueError("bits are set past the last sample")
        return found

    def shared(self) -> str:
        """The path of a file of these patterns for other processes; a temporary file goes when the patterns go."""
        if self.file is not None:
            return self.file[0]
        if self._shared is None:
            self._shared = TemporaryFolder()
            self.save(self._shared.path / "patterns.safetensors")
        return str(self._shared.path / "patterns.safetensors")

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        """Mapped patterns are sent to another process as the path of their file."""
        if self.file is not None:
            return Patterns.open, (self.file[0],)
        held = self._planes if self.active is None else self.active
        return Patterns, (held, self.n_samples, self.unit_names)

    def signs(self) -> NDArray[np.int8]:
        """The patterns as int8 -1/+1 of shape (n_samples, n_units)."""
        return (1 - 2 * self._bits().astype(np.int8)).T

    def take(self, samples: ArrayLike) -> Patterns:
        """The patterns of the given sample indices, in that order."""
        samples = as_array(samples, "the list of samples")
        if samples.dtype.kind not in "iu" or samples.ndim != 1 or samples.size == 0:
            raise ValueError("give a non-empty one-dimensional array of sample indices")
        if samples.min() < 0 or samples.max() >= self.n_samples:
            raise ValueError(f"a sample index lies outside 0..{self.n_samples - 1}")
        if self.active is not None:
            return Patterns(self.active.take(samples), samples.size, self.unit_names)
        planes = np.zeros((self.n_units, words_for(samples.size)), np.uint64)
        for unit in range(self.n_units):  # one unit unpacked at a time: memory stays near the packed size
            pack_plane(unpack(self.planes[unit], self.n_samples)[samples], planes[unit])
        return Patterns(planes, samples.size, self.unit_names)

    def select(self, units: Iterable[int]) -> Patterns:
        """The patterns of the given units, in that order."""
        chosen = list(units)
        names = None if self.unit_names is None else [self.unit_names[i] for i in chosen]
        lists = None if self.active is None else self.active.select(chosen)
        return Patterns(self.planes[chosen] if lists is None else lists, self.n_samples, names)

    def named(self, unit_names: Sequence[str] | None) -> Patterns:
        """The same patterns with these names of units, one for each.

        Raises
        ------
        ValueError
            If there are more or fewer names than units.
        """
        return Patterns(self.planes if self.active is None else self.active, self.n_samples, unit_names)

    def inactive_counts(self) -> NDArray[np.int64]:
        """In how many samples each unit is inactive, shape (n_units,)."""
        if self.active is not None:
            return self.n_samples - self.active.counts()
        counts = np.zeros(self.n_units, np.int64)
        for start, stop in stretches(self, self.n_units, 1):
            counts += np.bitwise_count(words_of(self, start, stop)).sum(axis=1, dtype=np.int64)
        return counts

    def constant_units(self) -> tuple[int, ...]:
        """Units that never change in this recording."""
        counts = self.inactive_counts()
        return tuple(int(i) for i in np.flatnonzero((counts == 0) | (counts == self.n_samples)))

    def _bits(self):
        return unpack(self.planes, self.n_samples)

    def __len__(self) -> int:
        return self.n_samples

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patterns):
            return NotImplemented
        same_shape = (self.n_samples, self.unit_names) == (other.n_samples, other.unit_names)
        return same_shape and np.array_equal(self.planes, other.planes)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Patterns({self.n_samples:,} samples, {self.n_units:,} units)"


def as_patterns(patterns: Patterns) -> Patterns:
    """Patterns as they are.

    Raises
    ------
    TypeError
        If it is something else: a table can be on/off or activations, and only the caller knows which.
    """
    if not isinstance(patterns, Patterns):
        raise TypeError(
            f"the patterns came as {type(patterns).__name__}; give Patterns.from_signs(signs), or "
            "Patterns.from_activations(activations)"
        )
    return patterns


def _signs_marker(X):
    """Marks where rows of patterns are inactive, after checking their shape and kind; values as they come."""
    if X.ndim != 2 or 0 in X.shape or X.dtype.kind not in "biuf":
        as_signs(X)  # says what is wrong
    if X.dtype == bool:
        return lambda rows, out: np.logical_not(rows, out=out)

    def mark(rows, out):
        np.equal(rows, 1, out=out)
        inactive = rows == -1
        out |= inactive
        if not out.all():
            as_signs(X)
        out[:] = inactive

    return mark


def as_activations(A: ArrayLike) -> NDArray:
    """Check activations and return them as a table of floats, of shape (m, n).

    Raises
    ------
    ValueError
        If they are no table, empty, or hold NaN or infinity.
    """
    A = as_array(A, "the table of activations")
    check_activations(A)
    return A if A.dtype.kind == "f" else A.astype(np.float64)


def check_activations(A):
    if A.ndim != 2:
        raise ValueError(f"activations have shape {A.shape}; give a table of shape (samples, units)")
    if 0 in A.shape:
        raise ValueError(f"activations have shape {A.shape}: nothing was recorded; give at least one sample and unit")
    if A.dtype.kind not in "iufb":
        raise ValueError(f"activations have dtype {A.dtype}; give real numbers")
    with np.errstate(over="ignore", invalid="ignore"):
        suspect = A.dtype.kind == "f" and not np.isfinite(A.sum())  # a NaN or infinity stays; so may an overflow
    if suspect and not np.isfinite(A).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(A))[0])
        raise ValueError(f"activations hold {A[row, column]} at sample {row}, unit {column}; repair or drop it first")


def _lists_of(A, threshold):
    """Lists of the active units of a sparse matrix; None where the threshold needs all numbers, or many are active."""
    if isinstance(threshold, str) and threshold != "zero":
        return None
    rows = A.tocsr()
    if not rows.nnz or rows.data.dtype.kind not in "iufb" or not np.isfinite(rows.data).all():
        return None  # what is wrong is said where all entries are looked at
    return from_csr(rows, thresholds(np.zeros((1, rows.shape[1])), threshold))


def _activations_marker(A, threshold):
    """Marks where rows of activations are inactive, that is not above a threshold, after checking all of them."""
    check_activations(A)
    if A.dtype.kind != "f":
        cuts = thresholds(A.astype(np.float64) if isinstance(threshold, str) else A, threshold)
        return lambda rows, out: np.less_equal(rows.astype(np.float64), cuts, out=out)
    cuts = _rounded_down(thresholds(A, threshold), A.dtype)
    return lambda rows, out: np.less_equal(rows, cuts, out=out)


def _rounded_down(cuts, dtype):
    """The largest numbers of this precision that are no larger: what is above one is above the other."""
    cuts = np.asarray(cuts)
    with np.errstate(over="ignore", under="ignore"):
        rounded = cuts.astype(dtype)
        return np.where(rounded > cuts, np.nextafter(rounded, dtype.type(-np.inf)), rounded)


def checked_names(names, n_units):
    if names is None:
        return None
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"unit names must be a sequence of {n_units} strings")
    if len(names) != n_units:
        raise ValueError(f"{len(names)} unit names came for {n_units} units; give one for each")
    return tuple(names)
