"""The rest of a network as a function of which recorded sample each unit takes its value from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..device import import_torch

FEWEST_DONORS = 30  # a base for which fewer samples are long enough takes no part
KEEP = -1  # donor of a unit that keeps the value it has in the base sample


@runtime_checkable
class Rest(Protocol):
    """What effects are measured on; :class:`actspec_widgets.SubNetwork` is one."""

    activations: NDArray  # (m, n) recorded
    lengths: NDArray[np.int64]  # (m,) positions of each sample; a donor has to have as many as its base

    def resample(self, base: NDArray[np.intp], donors: NDArray[np.intp]) -> Any:
        """Outputs, (k,) or (k, t), for base samples (k,) and donors (k, n); ``KEEP`` keeps the base's value."""
        ...


class OfActivations(Rest, Protocol):
    """One that may take activations in the place of donors."""

    takes_activations: bool  # a layer with positions does not

    def of_activations(self, values: NDArray[Any], base: NDArray[np.intp]) -> Any:
        """Outputs, (k,) or (k, t), for activations (k, n), which may be written into, and base samples (k,)."""
        ...


class FunctionOfActivations:
    """A plain function of activations ``(k, n)``, asked at recorded activations with units resampled."""

    takes_activations = True

    def __init__(self, function: Callable[[NDArray], Any], activations: NDArray):
        self.function, self.activations = function, activations
        self.lengths = np.ones(len(activations), dtype=np.int64)

    def of_activations(self, values, base):
        return self.function(values)

    def resample(self, base, donors):
        return self.function(_values(self.activations, base, donors))


class FunctionOnDevice:
    """A plain function of activations that gets them as tensors on a device, and may answer with one."""

    def __init__(self, of: FunctionOfActivations, device: str):
        self.activations, self.lengths = of.activations, of.lengths
        self._torch, self._device, self._function = import_torch(device), device, of.function
        self._values = self._torch.tensor(of.activations, device=device)

    def resample(self, base, donors):
        """As that of :class:`Rest`; donors may be a tensor on the device."""
        donors = self._torch.as_tensor(donors, device=self._device)
        rows = self._torch.where(donors == KEEP, self._torch.as_tensor(base, device=self._device)[:, None], donors)
        answers = self._function(self._values.gather(0, rows))
        return answers.detach().cpu().numpy() if isinstance(answers, self._torch.Tensor) else answers


@contextmanager
def on_device(rest: Rest, device: str | None) -> Iterator[Rest]:
    """The same function where it is asked on a device, for as long as the block lasts; None leaves it where it is.

    Raises
    ------
    ValueError
        If the device is not there, or holds no numbers of 64 bits.
    TypeError
        If it is a function of donors that cannot be sent there.
    """
    if device is None:
        yield rest
        return
    torch = import_torch(device)
    try:
        torch.empty(1, dtype=torch.float64, device=device)
    except TypeError:
        raise ValueError(f"device={str(device)!r} holds no numbers of 64 bits; leave device out") from None
    if isinstance(rest, FunctionOfActivations):
        yield FunctionOnDevice(rest, device)
    elif hasattr(rest, "on"):
        with rest.on(device) as there:
            yield there
    else:
        raise TypeError(
            f"rest is {type(rest).__name__}, which cannot be sent to device={str(device)!r}; give a SubNetwork, a "
            "function of activations, or leave device out"
        )


def _values(activations, base, donors):
    places = np.where(donors == KEEP, base[:, None], donors) * donors.shape[1]
    places += np.arange(donors.shape[1])
    return activations.reshape(-1).take(places)


def as_rest(rest: Any, activations: ArrayLike | None) -> Rest:
    """A :class:`SubNetwork`, or a function with the activations it is asked at, as one kind of thing.

    Raises
    ------
    TypeError
        If ``rest`` is neither.
    ValueError
        If the activations are missing, not a finite (m, n) table, or of fewer than two samples.
    """
    if isinstance(rest, Rest):
        if activations is not None:
            raise ValueError("rest brings its own recorded activations; leave activations= out, or give a function")
    elif not callable(rest):
        raise TypeError(
            f"rest is {type(rest).__name__}; give a SubNetwork, or a function of activations (k, n) with activations="
        )
    elif activations is None:
        raise ValueError(
            "rest is a function, and nothing says at which activations to ask it; give activations= (m, n)"
        )
    else:
        rest = FunctionOfActivations(rest, np.asarray(activations))
    table = rest.activations
    if table.ndim != 2 or table.dtype.kind not in "fiub":
        raise ValueError(f"activations have shape {table.shape} and dtype {table.dtype}; give numbers of shape (m, n)")
    if len(table) < 2:
        raise ValueError(f"activations hold {len(table)} sample; resampling takes values from others: record more")
    if not np.isfinite(table).all():
        raise ValueError("activations hold NaN or infinity; leave those samples out")
    return rest


class Donors:
    """Bases and donors among some recorded samples: each base has enough donors with as many positions.

    Parameters
    ----------
    samples : ndarray of int
    lengths : ndarray of int, shape (m,)
        Positions of every recorded sample.
    """

    def __init__(self, samples: NDArray[np.intp], lengths: NDArray[np.int64]):
        self._by_length = samples[np.argsort(lengths[samples], kind="stable")]
        self._all_serve = int(lengths[samples].min()) == int(lengths.max())
        sorted_lengths = lengths[self._by_length]
        self._first = np.searchsorted(sorted_lengths, lengths)  # of the donors that a base of that length can have
        enough = len(samples) - self._first[self._by_length] >= min(FEWEST_DONORS, len(samples))
        self.bases = np.sort(self._by_length[enough])
        self.left_out = len(samples) - len(self.bases)

    def draw(self, bases: NDArray[np.intp], shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.intp]:
        """Donors of shape (d, ...) for d bases, each sample that is long enough with the same chance."""
        first: Any = self._first[bases].reshape(-1, *(1,) * len(shape))
        if self._all_serve:
            first = 0  # numpy draws the same numbers, and sooner
        return self._by_length[rng.integers(first, len(self._by_length), (len(bases), *shape))]


class States:
    """Recorded samples by the states of their units: donors that put a unit into a state, as long as their base.

    Parameters
    ----------
    on : ndarray of bool, shape (m, n)
    lengths : ndarray of int, shape (m,)
    """

    def __init__(self, on: NDArray[np.bool_], lengths: NDArray[np.int64]):
        self.on, self.lengths = on, lengths
        self._order = np.argsort(lengths, kind="stable")
        self._of_unit: dict[int, list[NDArray[np.intp]]] = {}

    def draw(
        self, base: NDArray[np.intp], unit: int, state: NDArray[np.bool_], rng: np.random.Generator
    ) -> NDArray[np.intp]:
        """A donor for each base (k,) in which the unit is in the state asked for (k,), each with the same chance."""
        out, where = np.empty(len(base), dtype=np.intp), rng.random(len(base))
        for value, samples in zip((False, True), self._samples(unit), strict=True):
            rows = np.flatnonzero(state == value)
            first = np.searchsorted(self.lengths[samples], self.lengths[base[rows]])
            out[rows] = samples[(first + where[rows] * (len(samples) - first)).astype(np.intp)]
        return out

    def bases(self, samples: NDArray[np.intp], units: Iterable[int], fewest: int = FEWEST_DONORS) -> NDArray[np.intp]:
        """Those of ``samples`` for which ``fewest`` donors of every unit in each state are long enough.

        Raises
        ------
        ValueError
            If there is none.
        """
        longest = self.lengths.max()
        if self.lengths.min() < longest:
            for unit in units:
                for of_state in self._samples(unit):
                    longest = min(longest, self.lengths[of_state[-fewest]])
        kept = samples[self.lengths[samples] <= longest]
        if not len(kept):
            raise ValueError(
                f"every base has more than {longest} positions, and fewer than {fewest} samples in some state of a "
                "unit are as long; choose shorter bases, or fewer units"
            )
        return kept

    def _samples(self, unit):
        """Samples in which the unit is off, and those in which it is on, the shortest first."""
        if unit not in self._of_unit:
            on = self.on[self._order, unit]
            self._of_unit[unit] = [self._order[~on], self._order[on]]
        return self._of_unit[unit]


def ask(rest: Rest, base: NDArray[np.intp], donors: NDArray[np.intp]) -> NDArray[np.float64]:
    """Checked answers, always of shape (k, t)."""
    return _checked(rest.resample(base, donors), len(base))


def table_of(
    rest: Rest, base: NDArray[np.intp], units: NDArray[np.intp], donors: NDArray[np.intp]
) -> NDArray[np.generic]:
    """What :func:`ask_table` asks for, (k, n), with ``donors`` (k, u) of some units: rows of it can be mixed.

    Activations, where the rest takes these, so that each is looked up once for all the mixtures that it is in.
    """
    table = np.full((len(base), rest.activations.shape[1]), KEEP, dtype=np.intp)
    table[:, units] = donors
    return _values(rest.activations, base, table) if takes_activations(rest) else table


def ask_table(rest: Rest, base: NDArray[np.intp], table: NDArray[np.generic]) -> NDArray[np.float64]:
    """Checked answers (k, t) to a table of activations or donors that :func:`table_of` made."""
    if takes_activations(rest):
        return _checked(rest.of_activations(table, base), len(base))
    return _checked(rest.resample(base, table.astype(np.intp, copy=False)), len(base))


def takes_activations(rest: Rest) -> TypeGuard[OfActivations]:
    """Whether it is asked at activations in the place of donors."""
    return getattr(rest, "takes_activations", False)  # isinstance with a protocol takes as long as a small draw


def _checked(answers: Any, k: int) -> NDArray[np.float64]:
    values = np.asarray(answers)
    if values.dtype.kind not in "fiub" or values.ndim not in (1, 2) or len(values) != k:
        raise ValueError(
            f"the function answered {k} points with shape {values.shape} and dtype {values.dtype}; "
            f"return numbers of shape ({k},), or ({k}, t) for t outputs"
        )
    values = values.astype(np.float64).reshape(k, -1)
    if not np.isfinite(values).all():
        first = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise ValueError(
            f"the function answered {values[first].tolist()} at point {first} of {k}; it must be finite at every "
            "mixture of recorded activations"
        )
    return values


def rounding(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last digit of the largest of k answers, for each output: of float32 where all are numbers in float32."""
    kind = np.float32 if np.array_equal(answers, answers.astype(np.float32)) else np.float64
    return np.asarray(np.finfo(kind).eps * np.abs(answers).max(axis=0))


def check_repeatable(rest: Rest, rng: np.random.Generator, points: int = 16) -> NDArray[np.float64]:
    """The answers at some random points, asked twice; their shape tells the number of outputs.

    Raises
    ------
    ValueError
        If the two differ: the spread of a random function would pass for an effect.
    """
    m, n = rest.activations.shape
    donors_of = Donors(np.arange(m), rest.lengths)
    base = rng.choice(donors_of.bases, points)
    donors = donors_of.draw(base, (n,), rng)
    first, second = ask(rest, base, donors), ask(rest, base, donors)
    gap = float(np.abs(first - second).max())
    if gap > 1e-6 * max(float(np.abs(first).max()), 1e-300):
        raise ValueError(
            f"the function answers the same {points} points differently, by up to {gap:.3g}; switch off what is random "
            "in it (dropout, sampling), or fix its seed"
        )
    return first


def units_that_take_part(rest: Rest, units: Any) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Units to resample, and those asked for that never change, which have no effect to measure.

    Raises
    ------
    ValueError
        If an index does not fit or comes twice, or no unit is left.
    """
    from ...patterns.cube import as_subset

    n = rest.activations.shape[1]
    asked = np.arange(n) if units is None else np.array(as_subset(units, n), dtype=np.intp)
    varies = (rest.activations[:, asked] != rest.activations[0, asked]).any(axis=0)
    if not varies.any():
        raise ValueError(f"none of {len(asked)} units ever changes over {len(rest.activations)} samples; record others")
    return asked[varies], asked[~varies]
