"""The draws of an experiment on a device: numpy's random numbers in their order, donors, states and packed bits.

A chunk of draws is decided by its seed alone, so the numbers are those of numpy's generator, whatever makes them. That
generator multiplies a state of 128 bits and adds to it (PCG64, XSL RR); many steps at once are another multiplication
and addition, so that a device makes all states of a chunk in a few rounds, each twice as many as before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...patterns import Patterns
from ...patterns.packing import WORD, words_for
from ..device import import_torch
from .rest import KEEP

_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MASK, _LOW, _DOUBLE = (1 << 128) - 1, (1 << 32) - 1, (1 << 53) - 1
_LIMBS = 4  # of 32 bits each, in 64-bit integers
_SPARE = 64  # numbers drawn beside those that are needed, as some are refused


class DeviceGenerator:
    """The numbers that a numpy generator would give from now on, as tensors on a device.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of PCG64, as ``default_rng`` makes it. It is left where it is.
    device : str
    """

    def __init__(self, rng: np.random.Generator, device: str):
        self._torch, self._device = import_torch(device), device
        state: Any = rng.bit_generator.state
        if state["bit_generator"] != "PCG64":
            raise ValueError(f"the generator is {state['bit_generator']}; give numpy.random.default_rng(seed)")
        self._state, self._added = state["state"]["state"], state["state"]["inc"]
        self._half = state["uinteger"] if state["has_uint32"] else None

    def random(self, shape: tuple[int, ...]) -> Any:
        """float64 in [0, 1)."""
        bits = self._outputs(int(np.prod(shape)), advance=True)
        return ((bits >> 11 & _DOUBLE).to(self._torch.float64) * 2.0**-53).reshape(shape)

    def integers(self, below: int, shape: tuple[int, ...]) -> Any:
        """int64 from 0 to ``below``, which is more than 1 and fits 31 bits, itself left out."""
        count = int(np.prod(shape))
        kept: list[Any] = []
        missing = count
        while missing > 0:
            halves = self._halves(missing + _SPARE)
            wide = halves * below
            good = self._torch.nonzero((wide & _LOW) >= (1 << 32) % below)[:missing, 0]
            kept.append(wide[good] >> 32)
            missing -= len(good)
            self._use_halves(int(good[-1]) + 1 if missing == 0 else len(halves))
        return self._torch.cat(kept).reshape(shape)

    def _halves(self, count):
        """The next ``count`` numbers of 32 bits: first what is left of the last one of 64, then low before high."""
        words = self._outputs((count + 1) // 2, advance=False)
        halves = self._torch.stack((words & _LOW, words >> 32 & _LOW), dim=1).reshape(-1)
        if self._half is not None:
            halves = self._torch.cat((halves.new_tensor([self._half]), halves))
        return halves[:count]

    def _use_halves(self, count):
        if self._half is not None:
            count, self._half = count - 1, None
        steps = (count + 1) // 2
        if count % 2:
            last = int(self._outputs(1, advance=False, skip=steps - 1)[0])
            self._half = last >> 32 & _LOW
        self._state = _after(self._state, self._added, steps)

    def _outputs(self, count, advance, skip=0):
        """The next ``count`` numbers of 64 bits, after ``skip`` others, as int64."""
        torch = self._torch
        first = _after(self._state, self._added, skip + 1)
        limbs = torch.tensor([[first >> 32 * i & _LOW] for i in range(_LIMBS)], dtype=torch.int64, device=self._device)
        while limbs.shape[1] < count:
            by, plus = _jump(self._added, limbs.shape[1])
            limbs = torch.cat((limbs, _stepped(limbs[:, : count - limbs.shape[1]], by, plus, torch)), dim=1)
        if advance:
            self._state = _after(self._state, self._added, skip + count)
        mixed = (limbs[3] << 32 | limbs[2]) ^ (limbs[1] << 32 | limbs[0])
        turn = limbs[3] >> 26  # the top six bits: so far the word is turned to the right
        return (mixed >> turn) & ~((mixed.new_full((), -2)) << (63 - turn)) | (mixed << (64 - turn & 63))


class DeviceDraws:
    """What an experiment draws from, held on a device: samples that are all as long, by the states of their units.

    Parameters
    ----------
    on : ndarray of bool, shape (m, n)
        Which units are on in the recorded samples.
    units : ndarray of int, shape (u,)
        Those that may be in play.
    share : float
        Probability that one is.
    balanced : bool
        Whether the new state is drawn first, on or off with equal chance.
    device : str
    """

    def __init__(self, on: NDArray[np.bool_], units: NDArray[np.intp], share: float, balanced: bool, device: str):
        self._torch, self._device, self._share = import_torch(device), device, share
        self._on, self._units = (self._torch.tensor(table, device=device) for table in (on, units))
        self._by_state = None
        if balanced:  # the samples of each unit, those where it is off first
            states = self._on[:, self._units]
            self._by_state = self._torch.sort(states.to(self._torch.uint8), dim=0, stable=True).indices
            self._n_off = (~states).sum(dim=0)

    def donors(self, rng: np.random.Generator, k: int) -> Any:
        """The sample that supplies each unit, (k, n), ``KEEP`` where it is not in play, by the numbers of ``rng``."""
        torch, (m, n) = self._torch, self._on.shape
        numbers, shape = DeviceGenerator(rng, self._device), (k, len(self._units))
        chosen = numbers.random(shape) < self._share
        if self._by_state is None:
            new = numbers.integers(m, shape)
        else:
            state = numbers.random(shape) < 0.5
            place = numbers.random(shape[::-1]).T * torch.where(state, m - self._n_off, self._n_off)
            new = self._by_state.gather(0, place.long() + torch.where(state, self._n_off, 0))
        donors = torch.full((k, n), KEEP, device=new.device)
        donors[:, self._units] = torch.where(chosen, new, KEEP)
        return donors

    def states(self, donors: Any, base: NDArray[np.intp]) -> Any:
        """bool (k, n): whether each unit is on, with its donor's or its base's activation."""
        own = self._torch.tensor(base, device=self._device)[:, None]
        return self._on.gather(0, self._torch.where(donors == KEEP, own, donors))


def _jump(added: int, steps: int) -> tuple[int, int]:
    """Factor and summand of so many steps of the generator at once."""
    by, plus, each, more = 1, 0, _MULTIPLIER, added
    while steps:
        if steps & 1:
            by, plus = by * each & _MASK, (plus * each + more) & _MASK
        each, more = each * each & _MASK, (each + 1) * more & _MASK
        steps >>= 1
    return by, plus


def _after(state: int, added: int, steps: int) -> int:
    by, plus = _jump(added, steps)
    return (state * by + plus) & _MASK


def _stepped(limbs, by, plus, torch):
    """``limbs * by + plus`` modulo 2^128, column by column; products of 32 bits fit one word, wrapped or not."""
    columns = [torch.full_like(limbs[0], plus >> 32 * i & _LOW) for i in range(_LIMBS)]
    for i in range(_LIMBS):
        for j in range(_LIMBS - i):
            product = limbs[i] * (by >> 32 * j & _LOW)
            columns[i + j] += product & _LOW
            if i + j + 1 < _LIMBS:
                columns[i + j + 1] += product >> 32 & _LOW
    for i in range(_LIMBS - 1):
        columns[i + 1] += columns[i] >> 32
    return torch.stack(columns) & _LOW


def packed(inactive: Any) -> Patterns:
    """Patterns of a bool tensor (k, n), True where inactive; its bits are packed where it lies."""
    k, n = inactive.shape
    words = words_for(k)
    bits = inactive.new_zeros((n, words * WORD))
    bits[:, :k] = inactive.T
    values = bits.reshape(n, words, WORD).long()
    places = values.new_tensor([1 << i if i < WORD - 1 else -(1 << i) for i in range(WORD)])
    planes = (values * places).sum(dim=2).cpu().numpy()
    return Patterns(planes.view(np.uint64), k)
