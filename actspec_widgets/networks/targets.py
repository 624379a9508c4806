"""Which number of a network's output is explained: a logit, a centred one, a log-probability, a margin, a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .layers import all_logits, raw_logits

Output = int | Callable[[Any], Tensor] | Sequence[Any]
_WORDS = {
    "logit": "logit {0}",
    "centred": "logit {0} less the mean logit",
    "log_probability": "the log-probability of {0}",
    "margin": "logit {0} less logit {1}",
    "is_class": "whether the class is {0}",
}


class ReadsPadding:
    """A callable output that is also told which positions are no padding."""

    def __call__(self, result: Any, real: Tensor | None = None) -> Tensor:
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Target(ReadsPadding):
    """One number a sample, made of a model's logits.

    Attributes
    ----------
    kind : str
        The function of this module that made it.
    classes : tuple of int
    position : int, "last", "all" or None
        Of a language model's (batch, positions, classes) logits: which real position, -1 being the last one.
    """

    kind: str
    classes: tuple[int, ...]
    position: int | str | None = None

    def __str__(self) -> str:
        return self.named(self.classes)

    def __repr__(self) -> str:
        """The Python that makes it."""
        where = "" if self.position is None else f", position={self.position!r}"
        return f"targets.{self.kind}({', '.join(map(str, self.classes))}{where})"

    def named(self, classes: Sequence[Any]) -> str:
        """The same in words, with other names for its classes."""
        wheres = {"None": "", "last": " at the last token", "all": " at every token"}
        return _WORDS[self.kind].format(*classes) + wheres.get(str(self.position), f" at token {self.position}")

    def __call__(self, result: Any, real: Tensor | None = None) -> Tensor:
        """The numbers of one batch, shape (batch,), or (batch, positions) at every position.

        Parameters
        ----------
        result
            What the model returned.
        real : bool tensor, shape (batch, positions), optional
            Which positions are no padding.

        Raises
        ------
        ValueError
            If there is no such class or position, or the logits do not have the shape.
        """
        logits = self._logits(result, real)
        n = logits.shape[-1]
        for k in self.classes:
            if not 0 <= k < n:
                raise ValueError(f"{self} asks for class {k} of a model with {n} outputs; use 0..{n - 1}")
        if n == 1 and self.kind != "logit":
            raise ValueError(
                f"{self} compares classes, and the model has one output; use targets.logit(0) or a callable"
            )
        first = logits[..., self.classes[0]]
        if self.kind == "logit":
            return first
        if self.kind == "centred":
            return first - logits.mean(-1)
        if self.kind == "log_probability":
            return logits.log_softmax(-1)[..., self.classes[0]]
        if self.kind == "margin":
            return first - logits[..., self.classes[1]]
        return torch.where(logits.argmax(-1) == self.classes[0], 1.0, -1.0).to(logits.dtype)

    def values(self, logits: NDArray[np.floating]) -> NDArray[np.floating]:
        """The numbers of recorded logits, an array of shape (m, classes) -> (m,).

        Examples
        --------
        >>> margin(0, 2).values(np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]]))
        array([ 2., -2.])
        """
        return self(torch.from_numpy(np.array(logits))).numpy()

    def fits(self, result: Any) -> bool:
        """Whether what a model returned has positions."""
        return raw_logits(result).ndim == 3

    def _logits(self, result: Any, real: Tensor | None) -> Tensor:
        if self.position is None:
            return all_logits(result)
        logits = raw_logits(result)
        if logits.ndim != 3:
            raise ValueError(
                f"the model gives shape {tuple(logits.shape)}; a position needs (batch, positions, classes), "
                "leave position=None"
            )
        if self.position == "all":
            return logits
        if real is None or real.shape != logits.shape[:2]:
            real = torch.ones(logits.shape[:2], dtype=torch.bool, device=logits.device)
        rank = -1 if self.position == "last" else int(self.position)
        lengths = real.sum(1)
        short = (lengths < rank + 1) if rank >= 0 else (lengths < -rank)
        if bool(short.any()):
            wrong = int(short.int().argmax())
            raise ValueError(f"{self} asks for a token that a sample of {int(lengths[wrong])} tokens does not have")
        wanted = torch.full_like(lengths, rank) if rank >= 0 else lengths + rank
        at = ((real.cumsum(1) - 1 == wanted[:, None]) & real).int().argmax(1)
        return logits[torch.arange(len(logits), device=logits.device), at]


def logit(k: int, *, position: int | str | None = None) -> Target:
    """The logit of class ``k``; an int given as ``output=`` means the same.

    Parameters
    ----------
    k : int
        The class, or of a language model the token.
    position : int, "last" or "all", optional
        Of (batch, positions, classes) logits: a real position counted from 0 (-1 is the last), "last", or "all" for
        ``record(..., per="position")``.

    Examples
    --------
    >>> print(logit(3, position="last"))
    logit 3 at the last token
    """
    return _target("logit", (k,), position)


def centred(k: int, *, position: int | str | None = None) -> Target:
    """The logit of class ``k`` less the mean over classes, which a shift of all logits leaves alone.

    See :func:`logit` for ``position``.
    """
    return _target("centred", (k,), position)


def log_probability(k: int, *, position: int | str | None = None) -> Target:
    """The log of the softmax at class ``k``.

    See :func:`logit` for ``position``.
    """
    return _target("log_probability", (k,), position)


def margin(j: int, k: int, *, position: int | str | None = None) -> Target:
    """The logit of class ``j`` less that of class ``k``.

    See :func:`logit` for ``position``.
    """
    if j == k:
        raise ValueError(f"margin({j}, {k}) is 0 in every sample; name two classes")
    return _target("margin", (j, k), position)


def is_class(k: int, *, position: int | str | None = None) -> Target:
    """+1 where class ``k`` has the largest logit, the first one on ties, and -1 elsewhere.

    See :func:`logit` for ``position``.
    """
    return _target("is_class", (k,), position)


def of_one_class(k: int, logits: NDArray[np.floating]) -> list[Target]:
    """What speaks for class ``k``: its logit, and numbers that a shift of all logits leaves alone.

    The margin is that to the class which most often comes second where ``k`` comes first. A class that always or never
    comes first has no ``is_class``.

    Parameters
    ----------
    k : int
    logits : ndarray, shape (m, classes), at least 2 classes
        Recorded ones.

    Examples
    --------
    >>> print(*of_one_class(0, np.array([[2.0, 1.0, 0.0], [3.0, 2.0, 0.0], [0.0, 1.0, 2.0]])), sep="; ")
    logit 0; logit 0 less the mean logit; the log-probability of 0; logit 0 less logit 1; whether the class is 0
    """
    first = logits.argmax(1) == k
    others = np.array(logits[first] if first.any() else logits, np.float64)
    others[:, k] = -np.inf
    second = np.bincount(others.argmax(1)).argmax()
    found = [logit(k), centred(k), log_probability(k), margin(k, int(second))]
    if first.any() and not first.all():
        found.append(is_class(k))
    return found


def _target(kind, classes, position):
    for k in classes:
        if isinstance(k, bool) or not isinstance(k, int) or k < 0:
            raise ValueError(f"{kind} of class {k!r}; count classes from 0")
    if isinstance(position, bool) or not (position in (None, "last", "all") or isinstance(position, int)):
        raise ValueError(f'position={position!r}; use an int, "last", "all" or None')
    return Target(kind, classes, position)


def read_output(result: Any, output: Output, size: int, real: Tensor | None = None) -> Tensor:
    """The chosen output of one batch, shape (batch,) or (batch, k).

    Parameters
    ----------
    result
        What the model returned.
    output : int, Target, callable, or sequence of these
        A class index into a (batch, classes) tensor (the model's output, its ``logits``, or its first
        tensor), or a callable on ``result``; of a sequence the columns stand side by side.
    size : int
        Samples in the batch.
    real : bool tensor, shape (batch, positions), optional
        Which positions are no padding.
    """
    if isinstance(output, (list, tuple, range)):
        if not output:
            raise ValueError("output is empty; name at least one")
        columns = [read_output(result, one, size, real) for one in output]
        if any(column.ndim != 1 for column in columns):
            raise ValueError("each output of a list gives one number a sample; give callables that return (batch,)")
        return torch.stack(columns, 1)
    if callable(output):
        chosen = output(result, real) if isinstance(output, ReadsPadding) else output(result)
        if not isinstance(chosen, Tensor) or chosen.ndim not in (1, 2) or len(chosen) != size:
            came = f"shape {tuple(chosen.shape)}" if isinstance(chosen, Tensor) else type(chosen).__name__
            raise ValueError(f"output(...) gave {came} for a batch of {size}; return a tensor ({size},) or ({size}, k)")
        return chosen
    logits = all_logits(result, size)
    if isinstance(output, bool) or not isinstance(output, (int, np.integer)) or not 0 <= output < logits.shape[1]:
        raise ValueError(
            f"output={output!r} is not one of this model's {logits.shape[1]} outputs; use 0..{logits.shape[1] - 1}, "
            "or a callable on the model's output"
        )
    return logits[:, output]
