"""What an explorer computes from: activations of one layer, and the outputs on the same samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...patterns import Patterns
from ...patterns.arrays import as_array, column_names
from ...patterns.thresholds import thresholds
from ...progress import Progress, tick

if TYPE_CHECKING:
    from ...networks.targets import Target

_SMALLEST_IMAGE = 5  # rows, and columns: an array with fewer is units at several positions


@dataclass(frozen=True, eq=False)
class Recording:
    """One layer and the outputs on the same samples.

    Attributes
    ----------
    activations : Patterns, or ndarray of shape (m, n)
        Patterns are on/off already: no threshold applies to them.
    outputs : float32 or float64 ndarray, shape (m, k)
    output_names : tuple of k str
    image_shape : (rows, columns), or None
        Given when the units are the pixels of an image.
    unit_names : tuple of n str, or None
    examples : tuple of m str, array of shape (m, rows, columns) or (m, channels, rows, columns), or None
        What people are shown of each sample.
    logits : bool
        Whether the outputs are logits of classes, of which other targets can be made.
    """

    activations: Patterns | NDArray[np.floating]
    outputs: NDArray[np.floating]
    output_names: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    unit_names: tuple[str, ...] | None = None
    examples: tuple[str, ...] | NDArray | None = None
    logits: bool = False
    _targets: dict[int, dict[str, Target]] = field(default_factory=dict, repr=False)
    _levels: dict[Any, Any] = field(default_factory=dict, repr=False)
    _packed: dict[Any, Patterns] = field(default_factory=dict, repr=False)

    @classmethod
    def checked(
        cls,
        activations: Patterns | ArrayLike,
        outputs: ArrayLike,
        *,
        output_names: Sequence[str] | None = None,
        image_shape: Sequence[int] | None = None,
        unit_names: Sequence[str] | None = None,
        examples: Sequence[str] | ArrayLike | None = None,
        logits: bool = False,
    ) -> Recording:
        """A recording whose parts fit each other.

        Raises
        ------
        ValueError
            If lengths differ, an output is not finite, or a name or pixel is missing.
        """
        recorded: Patterns | NDArray
        if isinstance(activations, Patterns):
            m, n = activations.n_samples, activations.n_units
            recorded = activations if unit_names is None else activations.named(unit_names)
            unit_names = recorded.unit_names
        else:
            unit_names = column_names(activations) if unit_names is None else unit_names
            recorded = as_array(activations, "the activations")
            if recorded.ndim < 2:
                raise ValueError(f"activations have shape {recorded.shape}; give a table of shape (samples, units)")
            if recorded.ndim == 3 and image_shape is None and min(recorded.shape[1:]) >= _SMALLEST_IMAGE:
                image_shape = recorded.shape[1:]
            m, n = len(recorded), prod(recorded.shape[1:])
            recorded = recorded.reshape(m, n)
        if m == 0 or n == 0:
            raise ValueError(f"nothing was recorded: {m} samples of {n} units; give at least one of each")
        output_names = column_names(outputs) if output_names is None else output_names
        table = as_array(outputs, "the outputs")
        if table.dtype.kind not in "biuf":
            raise ValueError(
                f"outputs hold {table.ravel()[:1].tolist()} of dtype {table.dtype}; give numbers, such as logits, or "
                "for labels of classes 0 and 1 for each class"
            )
        if table.dtype != np.float32:  # a target made of logits then has the bits of the model's own precision
            table = table.astype(np.float64)
        table = table[:, None] if table.ndim == 1 else table
        if table.ndim != 2 or 0 in table.shape:
            raise ValueError(f"outputs have shape {table.shape}; give (samples,) or (samples, outputs)")
        if len(table) != m:
            raise ValueError(f"{m} samples of activations came with {len(table)} of outputs; record both together")
        if not np.isfinite(table).all():
            row, column = (int(i) for i in np.argwhere(~np.isfinite(table))[0])
            raise ValueError(f"outputs hold {table[row, column]} at sample {row}, output {column}; repair or drop it")
        unnamed = ["the output"] if table.shape[1] == 1 else range(table.shape[1])
        names = tuple(map(str, unnamed if output_names is None else output_names))
        if len(names) != table.shape[1]:
            raise ValueError(f"{len(names)} output names came for {table.shape[1]} outputs; give one for each")
        return cls(
            recorded,
            table,
            names,
            checked_image_shape(image_shape, n),
            None if unit_names is None else tuple(unit_names),
            checked_examples(examples, m),
            logits,
        )

    @property
    def n_units(self) -> int:
        shape = self.activations
        return shape.n_units if isinstance(shape, Patterns) else shape.shape[1]

    def targets(self, logit: int) -> dict[str, Target]:
        """What can be made of the logits for one class, by kind; empty where the outputs are no logits of classes."""
        if not self.logits or len(self.output_names) < 2:
            return {}
        if logit not in self._targets:
            from ...networks.targets import of_one_class

            self._targets[logit] = {made.kind: made for made in of_one_class(logit, self.outputs)}
        return self._targets[logit]

    def like(self, logit: int, kind: str) -> int | Target | None:
        """One output by its place, or the target of a kind that is made for its class; None where there is none."""
        return logit if kind == "logit" else self.targets(logit).get(kind)

    def explained(self, settings: Mapping[str, Any]) -> int | Target:
        """What the settings ``logit`` and ``target_kind`` mean.

        Raises
        ------
        ValueError
            If there is no such output, or no such target is made of it.
        """
        logit, kind = settings["logit"], settings["target_kind"]
        if not 0 <= logit < len(self.output_names):
            raise ValueError(f"logit={logit}; this recording has outputs 0 to {len(self.output_names) - 1}")
        found = self.like(logit, kind)
        if found is not None:
            return found
        if self.targets(logit):  # only the class itself can be missing there
            raise ValueError(
                f"class {self.output_names[logit]} comes first in all samples or in none, so that whether it does is "
                "one number; choose another logit or another target_kind"
            )
        raise ValueError(f"target_kind={kind!r} compares the logits of several classes; here there is one output")

    def target_name(self, output: int | Target) -> str:
        """What is explained in words."""
        if not isinstance(output, int):
            return output.named([self.output_names[k].removeprefix("logit ") for k in output.classes])
        name = self.output_names[output]
        said = len(self.output_names) == 1 or name.startswith(("logit ", "the log-probability ", "whether "))
        return name if said else f"logit {name}"

    def target(self, output: int | Target) -> NDArray[np.float64]:
        """The values of an output, or of what is made of the logits, shape (m,).

        Raises
        ------
        ValueError
            If there is no such output.
        """
        if not isinstance(output, int):
            return output.values(self.outputs).astype(np.float64)
        self.explained({"logit": output, "target_kind": "logit"})
        return self.outputs[:, output].astype(np.float64)

    @property
    def n_bytes(self) -> int:
        """Memory that the activations take."""
        held = self.activations
        return held.planes.nbytes if isinstance(held, Patterns) else held.nbytes

    def patterns(self, threshold: Any, output: int | Target, progress: Progress | None = None) -> Patterns:
        """The activations as on/off patterns; kept, so that the same rule is not applied twice."""
        if isinstance(self.activations, Patterns):
            return self.activations
        key = (threshold, output if threshold == "informative" else None)
        if key not in self._packed:
            levels = self.levels(threshold, output, progress)
            packed = Patterns.from_activations(self.activations, levels, unit_names=self.unit_names)
            self._packed.clear()  # one at a time: recordings can be large
            self._packed[key] = packed
        return self._packed[key]

    def levels(self, threshold: Any, output: int | Target, progress: Progress | None = None) -> Any:
        """The rule itself where it is quick to apply, else the level above which each unit is on, shape (n,); kept."""
        if threshold not in ("otsu", "informative"):
            return threshold
        key = (threshold, output if threshold == "informative" else None)
        if key not in self._levels:
            target, levels = self.target(output), np.empty(self.n_units)
            activations = np.asarray(self.activations)
            for unit in range(self.n_units):  # one by one: these rules take long enough to be watched and stopped
                tick(progress, unit, self.n_units)
                levels[unit] = thresholds(activations[:, unit : unit + 1], threshold, target)[0]
            self._levels[key] = levels
        return self._levels[key]

    def shown(self, samples: Sequence[int] | NDArray[np.intp]) -> list[str | NDArray | None]:
        """Samples as people see them: a text, an image of shape (rows, columns), or None where there is neither."""
        if isinstance(self.examples, tuple):
            return [self.examples[i] for i in samples]
        if self.examples is not None:
            images = [np.asarray(self.examples[i], dtype=np.float64) for i in samples]
            return [image if image.ndim == 2 else image.mean(axis=0) for image in images]
        if self.image_shape is None or len(samples) == 0:
            return [None] * len(samples)
        if isinstance(self.activations, Patterns):
            rows = self.activations.take(np.asarray(samples)).signs().astype(np.float64)
        else:
            rows = np.asarray(self.activations[np.asarray(samples)], dtype=np.float64)
        return list(rows.reshape(len(rows), *self.image_shape))

    def backdrop(self, logit: int) -> tuple[NDArray[np.float64], str]:
        """What lies behind a subset of pixels, shape (n,), and a caption: the mean image of one output."""
        if len(self.output_names) > 1:
            samples = np.flatnonzero(self.outputs.argmax(axis=1) == logit)
            words = f"the {len(samples):,} images for which {self.target_name(logit)} is the largest"
        else:
            samples, words = np.arange(0), ""
        if not len(samples):
            samples, words = np.arange(len(self.outputs)), f"all {len(self.outputs):,} images"
        if isinstance(self.activations, Patterns):
            values = self.activations.take(samples).signs().mean(axis=0, dtype=np.float64)
        else:
            values = self.activations[samples].mean(axis=0, dtype=np.float64)
        return values, f"Shade: the mean of {words}."


def checked_image_shape(shape: Sequence[int] | None, n_units: int) -> tuple[int, int] | None:
    """``(rows, columns)`` whose product is the number of units.

    Raises
    ------
    ValueError
        If it is another number.
    """
    if shape is None:
        return None
    sides = tuple(int(side) for side in shape)
    if len(sides) != 2 or prod(sides) != n_units:
        raise ValueError(f"image_shape={sides} has {prod(sides)} pixels for {n_units} units; give (rows, columns)")
    return sides[0], sides[1]


def checked_examples(examples: Any, n_samples: int) -> tuple[str, ...] | NDArray | None:
    """Texts as a tuple, images as an array, one for each sample.

    Raises
    ------
    ValueError
        If they are neither, or another number.
    """
    if examples is None:
        return None
    shown: tuple[str, ...] | NDArray
    texts = not isinstance(examples, (str, np.ndarray)) and all(isinstance(text, str) for text in examples)
    shown = tuple(examples) if texts else np.asarray(examples)
    if isinstance(shown, np.ndarray) and (shown.ndim not in (3, 4) or shown.dtype.kind not in "biuf"):
        raise ValueError(
            f"examples have shape {shown.shape} and dtype {shown.dtype}; give one string for each sample, or images "
            "(samples, rows, columns)"
        )
    if len(shown) != n_samples:
        raise ValueError(f"{len(shown)} examples came for {n_samples} samples; give one for each")
    return shown
