"""A recording reduced to on/off, one bit for each unit and sample."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cube import as_signs
from .thresholds import thresholds

WORD = 64
_LINE = 8  # words: rows end on a 64-byte line, so that vector loops over them have no remainder


def words_for(n_samples: int) -> int:
    """Words in one unit's bit plane: enough for ``n_samples`` bits, in whole lines of eight words."""
    return -(-n_samples // (WORD * _LINE)) * _LINE


class Patterns:
    """On/off patterns of ``n_units`` units over ``n_samples`` samples, packed 64 to a word.

    Build one with :meth:`from_signs`, :meth:`from_activations`, :meth:`from_batches` or
    :meth:`concatenate`. Patterns are read-only.

    Attributes
    ----------
    planes : ndarray of uint64, shape (n_units, words_for(n_samples))
        Bit ``j % 64`` of word ``j // 64`` in row ``i`` is set where unit ``i`` is inactive
        (``x_i = -1``) in sample ``j``. Bits past the last sample are clear.
    n_samples, n_units : int
    unit_names : tuple of str or None
    """

    __slots__ = ("n_samples", "planes", "unit_names")

    planes: NDArray[np.uint64]
    n_samples: int
    unit_names: tuple[str, ...] | None

    def __init__(self, planes: NDArray[np.uint64], n_samples: int, unit_names: Sequence[str] | None = None):
        planes = np.ascontiguousarray(planes, dtype=np.uint64)
        if planes.ndim != 2 or planes.shape[1] != words_for(n_samples):
            raise ValueError(f"planes of shape {planes.shape} do not hold {n_samples} samples in whole lines")
        planes.setflags(write=False)
        self.planes = planes
        self.n_samples = int(n_samples)
        self.unit_names = _checked_names(unit_names, planes.shape[0])

    @property
    def n_units(self) -> int:
        return self.planes.shape[0]

    @classmethod
    def from_signs(cls, X: ArrayLike, unit_names: Sequence[str] | None = None) -> Patterns:
        """Pack patterns given as -1/+1, or bool with True = active.

        Parameters
        ----------
        X : array, shape (m, n)
        unit_names : sequence of n str, optional

        Raises
        ------
        ValueError
            If ``X`` is empty, not a table, or holds anything but -1 and +1.

        Examples
        --------
        >>> Patterns.from_signs([[1, -1], [-1, -1], [1, 1]])
        Patterns(3 samples, 2 units)
        """
        signs = as_signs(X)
        return cls(_pack(signs < 0), signs.shape[0], unit_names)

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
            Activations; boolean or integer values count as numbers.
        threshold : str, number, or array of shape (n,)
            ``"zero"``, ``"mean"``, ``"median"``, ``"otsu"``, ``"informative"`` (needs ``target``), one number,
            or one per unit. See :func:`actspec_widgets.patterns.thresholds.thresholds`.
        target : array, shape (m,), optional
        unit_names : sequence of n str, optional

        Raises
        ------
        ValueError
            If ``A`` is empty, not a table, or holds NaN or infinity, or the threshold does not fit.
        """
        A = np.asarray(A)
        return cls(_pack(~_above(A, threshold, target)), A.shape[0], unit_names)

    @classmethod
    def from_batches(
        cls,
        batches: Iterable[ArrayLike],
        threshold: float | ArrayLike | None = None,
        unit_names: Sequence[str] | None = None,
    ) -> Patterns:
        """Pack a stream of tables without ever holding more than one of them unpacked.

        Parameters
        ----------
        batches : iterable of arrays, each of shape (any number of samples, n)
            -1/+1, or bool with True = active; float activations when ``threshold`` is given.
        threshold : number, or array of shape (n,), optional
            A unit is active where its activation is above it.

        Raises
        ------
        ValueError
            If there is no batch, or one has another number of units than the first.
        """
        words: list[NDArray[np.uint64]] = []
        rest: NDArray[np.bool_] | None = None
        n_samples = 0
        for number, batch in enumerate(batches):
            inactive = as_signs(batch) < 0 if threshold is None else ~_above(np.asarray(batch), threshold)
            if rest is not None:
                if inactive.shape[1] != rest.shape[1]:
                    raise ValueError(
                        f"batch {number} has {inactive.shape[1]} units, those before it {rest.shape[1]}; "
                        "record the same units throughout"
                    )
                n_samples += inactive.shape[0]
                inactive = np.concatenate([rest, inactive])
            else:
                n_samples = inactive.shape[0]
            whole = inactive.shape[0] // WORD * WORD
            if whole:
                words.append(_pack(inactive[:whole], whole // WORD))
            rest = inactive[whole:]
        if rest is None:
            raise ValueError("no batch was given; give at least one table of shape (samples, units)")
        if len(rest):
            words.append(_pack(rest, 1))
        planes = np.zeros((rest.shape[1], words_for(n_samples)), np.uint64)
        at = 0
        while words:  # each batch is freed as soon as it is copied: no second copy of the whole
            chunk = words.pop(0)
            planes[:, at : at + chunk.shape[1]] = chunk
            at += chunk.shape[1]
        return cls(planes, n_samples, unit_names)

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
        planes = np.zeros((first.n_units, words_for(n_samples)), np.uint64)
        at = 0
        for part in parts:
            word, shift = divmod(at, WORD)
            filled = part.planes[:, : -(-part.n_samples // WORD)]
            planes[:, word : word + filled.shape[1]] |= filled << np.uint64(shift)
            if shift:
                spill = filled >> np.uint64(WORD - shift)
                room = planes.shape[1] - word - 1  # what spills past the end is padding
                planes[:, word + 1 : word + 1 + filled.shape[1]] |= spill[:, :room]
            at += part.n_samples
        return cls(planes, n_samples, first.unit_names)

    def signs(self) -> NDArray[np.int8]:
        """The patterns as int8 -1/+1 of shape (n_samples, n_units)."""
        return (1 - 2 * self._bits().astype(np.int8)).T

    def take(self, samples: ArrayLike) -> Patterns:
        """The patterns of the given sample indices, in that order."""
        samples = np.asarray(samples)
        if samples.dtype.kind not in "iu" or samples.ndim != 1 or samples.size == 0:
            raise ValueError("give a non-empty one-dimensional array of sample indices")
        if samples.min() < 0 or samples.max() >= self.n_samples:
            raise ValueError(f"a sample index lies outside 0..{self.n_samples - 1}")
        planes = np.empty((self.n_units, words_for(samples.size)), np.uint64)
        for unit in range(self.n_units):  # one unit unpacked at a time: memory stays near the packed size
            planes[unit] = _pack(_unpack(self.planes[unit], self.n_samples)[samples, None])[0]
        return Patterns(planes, samples.size, self.unit_names)

    def select(self, units: Iterable[int]) -> Patterns:
        """The patterns of the given units, in that order."""
        chosen = list(units)
        names = None if self.unit_names is None else [self.unit_names[i] for i in chosen]
        return Patterns(self.planes[chosen], self.n_samples, names)

    def inactive_counts(self) -> NDArray[np.int64]:
        """In how many samples each unit is inactive, shape (n_units,)."""
        return np.bitwise_count(self.planes).sum(axis=1, dtype=np.int64)

    def constant_units(self) -> tuple[int, ...]:
        """Units that never change in this recording."""
        counts = self.inactive_counts()
        return tuple(int(i) for i in np.flatnonzero((counts == 0) | (counts == self.n_samples)))

    def _bits(self):
        return _unpack(self.planes, self.n_samples)

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


def _above(A, threshold, target=None):
    """Where each unit is active, bool (m, n), after checking the activations."""
    if A.ndim != 2:
        raise ValueError(f"activations have shape {A.shape}; give a table of shape (samples, units)")
    if 0 in A.shape:
        raise ValueError(f"activations have shape {A.shape}: nothing was recorded; give at least one sample and unit")
    if A.dtype.kind not in "iufb":
        raise ValueError(f"activations have dtype {A.dtype}; give real numbers")
    if A.dtype.kind != "f":
        A = A.astype(np.float64)
    if not np.isfinite(A).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(A))[0])
        raise ValueError(f"activations hold {A[row, column]} at sample {row}, unit {column}; repair or drop it first")
    return A > thresholds(A, threshold, target)


def _pack(inactive, words=None):
    """Bool (m, n) -> bit planes (n, words), in whole lines unless told otherwise."""
    m, n = inactive.shape
    octets = np.zeros((n, (words_for(m) if words is None else words) * 8), np.uint8)
    octets[:, : -(-m // 8)] = np.packbits(np.ascontiguousarray(inactive.T), axis=1, bitorder="little")
    return octets.view("<u8").astype(np.uint64, copy=False)


def _unpack(planes, n_samples):
    octets = planes.astype("<u8", copy=False).view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=n_samples, bitorder="little").view(bool)


def _checked_names(names, n_units):
    if names is None:
        return None
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"unit names must be a sequence of {n_units} strings")
    if len(names) != n_units:
        raise ValueError(f"{len(names)} unit names came for {n_units} units; give one for each")
    return tuple(names)
