"""One pass of a model over data: what is seen at its sites, batch after batch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..progress import Progress, tick
from .batches import Batch, Batches, Masks, Samples
from .evaluation import float_type
from .layers import to_numpy_type
from .layout import Layout, unit_axes_seen
from .sites import Site, hooked
from .targets import Output, read_output

_FEW = 5  # samples that are run once more
_ROUNDING = 1e-3  # of the largest row: what sums in another order may do


class Dictionary:
    """Latents in place of activations.

    Attributes
    ----------
    encode, decode : callable
        (samples, positions, units) -> (samples, positions, latents), and back.
    transcoder : bool
        Whether it is known to decode to what a layer gives of what it is given; SAELens' objects say so.
    keeps_scale : bool
        Whether it decodes by a scale that it took from what it encoded last.
    """

    def __init__(self, encode: Callable[[Tensor], Tensor], decode: Callable[[Tensor], Tensor], settings: Any = None):
        self.encode, self.decode = encode, decode
        self.transcoder = hasattr(settings, "d_out")
        self.keeps_scale = getattr(settings, "normalize_activations", None) in ("layer_norm", "constant_norm_rescale")

    @classmethod
    def of(cls, given: Any) -> Dictionary | None:
        if given is None:
            return None
        pair = tuple(given) if isinstance(given, (tuple, list)) else ()
        if not pair:
            pair = tuple(getattr(given, name, None) for name in ("encode", "decode"))
        if len(pair) != 2 or not all(callable(one) for one in pair):
            raise TypeError(
                f"dictionary is a {type(given).__name__}; give (encode, decode), or an object with these two methods"
            )
        owner = getattr(pair[0], "__self__", given)  # of its methods, where these were given
        return cls(*pair, settings=getattr(owner, "cfg", None))

    def latents(self, folded: Tensor, name: str) -> Tensor:
        try:
            z = self.encode(folded)
        except RuntimeError as error:
            raise ValueError(
                f"dictionary's encode fails on {name} in shape {tuple(folded.shape)} and type {_short(folded.dtype)} "
                f"({error}); give one that was made for this layer"
            ) from error
        if not isinstance(z, Tensor) or z.ndim != 3 or z.shape[:2] != folded.shape[:2]:
            came = f"shape {tuple(z.shape)}" if isinstance(z, Tensor) else type(z).__name__
            raise ValueError(
                f"dictionary's encode made {came} of {name} in shape {tuple(folded.shape)}; "
                f"return {(*folded.shape[:2], 'latents')}"
            )
        return z

    def replaced(self, own: Tensor, z: Tensor, new: Tensor) -> Tensor:
        """Activations with latents ``z`` replaced by ``new``, what the dictionary leaves unexplained kept."""
        return own + (self._decoded(own, new.to(z.dtype)) - self._decoded(own, z)).to(own.dtype)

    def _decoded(self, own: Tensor, latents: Tensor) -> Tensor:
        if self.keeps_scale:
            self.encode(own)  # the scale is that of the activations themselves, and used up by each decoding
        return self.decode(latents)


def find_sites(
    model: nn.Module, layer: str, side: str, call: int | str | None, dictionary: Dictionary | None
) -> tuple[Site, Site]:
    """Where a layer is read, and where it is replaced: one place, or two, ``side="through"``, for a transcoder.

    Raises
    ------
    ValueError
        If there is no such place, or side and dictionary do not go together.
    """
    if side != "through":
        if dictionary is not None and dictionary.transcoder:
            raise ValueError(
                "dictionary is a transcoder, which reads what a layer is given and writes what it gives; name the "
                'layer that it stands for and say site="through"'
            )
        site = Site.find(model, layer, side, call)
        return site, site
    if dictionary is None:
        raise ValueError('site="through" is for a transcoder; give it as dictionary=, or use "output" or "input"')
    if dictionary.keeps_scale:
        raise ValueError(
            "the transcoder decodes by a scale that it takes from what it encoded last, which is not known when the "
            'layer is asked again; use one with normalize_activations="none"'
        )
    read, replaced = (Site.find(model, layer, one, call) for one in ("input", "output"))
    if replaced.module is None:
        raise ValueError(f'layer={layer!r} with site="through"; name the layer that the transcoder stands for')
    return read, replaced


class Reader:
    """Reads one site in batch after batch; the axes are settled by the first."""

    def __init__(
        self, site: Site, axes: dict[str, Any], dictionary: Dictionary | None = None, layout: Layout | None = None
    ):
        self.site, self.layout, self.dictionary = site, layout, dictionary
        self._axes = axes
        self._waiting: list[Tensor] = []

    @property
    def waits(self) -> bool:
        """Whether what the site gives is looked at after the pass only."""
        return self.layout is None or self.site.call == "all"

    def settle(self, evidence: list[tuple[tuple[int, ...], int]]) -> None:
        self.layout = Layout.of(self.site, self._waiting[0], evidence=evidence, **self._axes)

    def wait(self, out: Tensor) -> None:
        self._waiting.append(out.detach().clone())  # a later module may work in place on this very tensor

    def waited(self, size: int, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """What waited as :meth:`parts`; of several calls the units stand side by side."""
        calls = [self.parts(out, size, mask) for out in self._waiting]
        self._waiting.clear()
        if len({folded.shape[1] for folded, _ in calls}) > 1:
            raise ValueError(f"{self.site} has other positions in other calls; record one of them, call=0, 1, ...")
        return torch.cat([folded for folded, _ in calls], -1), calls[0][1]

    def parts(self, out: Tensor, size: int, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The output as (samples, positions, units), and which positions are real."""
        assert self.layout is not None
        if out.is_quantized:
            out = out.dequantize()
        folded = self.layout.fold(out, size)
        real = self.layout.real(folded, mask)
        return (folded if self.dictionary is None else self.dictionary.latents(folded, str(self.site))), real

    def units(self, folded: Tensor, real: Tensor | None) -> Tensor:
        assert self.layout is not None
        return self.layout.units(folded, real)


def run(
    model: nn.Module,
    readers: list[Reader],
    batches: Batches | Samples,
    there: torch.device,
    keep: Callable[[int, Reader, Tensor, Tensor | None], None],
    output: Output,
    masks: Masks,
    progress: Progress | None = None,
    read: Callable[[Any, int, Tensor | None], Tensor] | None = None,
    target: Rows | None = None,
) -> tuple[list[Layout], NDArray[np.floating]]:
    """Run a model that is being evaluated over batches, and let ``keep`` have what each reader's site gave.

    ``keep`` must copy what it keeps; ``read`` makes the rows of the target where they are not one for each sample.
    """
    target = target or Rows(batches.n_samples)
    read = read or (lambda result, size, mask: read_output(result, output, size, mask))
    seen = size = 0
    mask: Tensor | None = None

    def see(number: int, out: Tensor) -> None:
        reader = readers[number]
        if reader.waits:
            reader.wait(out)
        else:
            keep(number, reader, *reader.parts(out, size, mask))

    for count, raw in enumerate(batches, start=1):
        batch = raw.to(there)
        size, mask = batch.size, masks.of(batch, np.arange(seen, seen + batch.size))
        unsettled = [reader for reader in readers if reader.layout is None]
        waiting = [number for number, reader in enumerate(readers) if reader.waits]
        with ExitStack() as around:
            watches = [
                around.enter_context(hooked(reader.site, partial(see, number))) for number, reader in enumerate(readers)
            ]
            evidence = around.enter_context(unit_axes_seen(model)) if unsettled else []
            for number, reader in enumerate(readers):
                if reader.site.module is None:
                    check_no_tokens(model, batch.tensors()[0])
                    see(number, batch.tensors()[0])
            result = answer_of(model, batch)
        for watch, reader in zip(watches, readers, strict=True):
            if reader.site.module is not None:
                watch.expect_one()
        for reader in unsettled:
            reader.settle(evidence)
        if unsettled and size >= _FEW:
            _check_order(model, unsettled, raw, there)
        for number in waiting:
            keep(number, readers[number], *readers[number].waited(size, mask))
        target.add(to_numpy_type(read(result, size, mask)), f"output {output!r}", "entry")
        seen += size
        if batches.n_samples is not None:
            tick(progress, seen, batches.n_samples)
        elif batches.n_batches is not None:
            tick(progress, count, batches.n_batches)
        else:
            tick(progress, seen, seen)
    if not seen:
        raise ValueError(
            "inputs gave no batch at all; give a sample or more, or a list if a generator was walked before"
        )
    masks.check_end(seen)
    layouts = [reader.layout for reader in readers if reader.layout is not None]
    return layouts, target.joined()


def _check_order(model: nn.Module, readers: list[Reader], batch: Batch, there: torch.device) -> None:
    """Refuse a layer that is given the samples of a batch in another order: each row would be called another sample's.

    A few samples are run in two orders; what a sample gives must move with it.
    """
    few = torch.linspace(0, batch.size - 1, _FEW).long()
    turned = torch.arange(_FEW).roll(-1)
    straight, moved = (_rows_of(model, readers, batch, at, there) for at in (few, few[turned]))
    for reader, before, after in zip(readers, straight, moved, strict=True):
        if before is None or after is None or before.shape != after.shape:
            continue
        gaps = torch.cdist(after, before)
        own, closest = gaps[torch.arange(_FEW), turned.to(gaps.device)], gaps.amin(1)
        scale = before.norm(dim=1).max()
        if bool(((own > _ROUNDING * scale) & (closest < _ROUNDING / 10 * scale)).any()):
            raise ValueError(
                f"{reader.site} is given the samples of a batch in another order than the model (sorted by length, for "
                "example), so that a row's place does not say whose it is; use batch_size=1, or give the inputs in "
                "that order"
            )


def _rows_of(
    model: nn.Module, readers: list[Reader], batch: Batch, few: Tensor, there: torch.device
) -> list[Tensor | None]:
    """What each site gives for a few samples of a batch, one row a sample; None where that cannot be told."""
    found: list[Tensor | None] = [None] * len(readers)

    def see(at: int, out: Tensor) -> None:
        layout = readers[at].layout
        assert layout is not None
        out = out.dequantize() if out.is_quantized else out
        if out.ndim == len(layout.shape) and out.shape[layout.batch_axis] == len(few):
            found[at] = layout.fold(out, len(few)).flatten(1).float().clone()

    try:
        with ExitStack() as around:
            for at, reader in enumerate(readers):
                around.enter_context(hooked(reader.site, partial(see, at)))
            batch.map(lambda tensor: tensor[few.to(tensor.device)]).to(there)(model)
    except Exception:
        return [None] * len(readers)  # a model that takes no smaller batch
    return found


def answer_of(model: nn.Module, batch: Batch) -> Any:
    """What the model returns for a batch; where it fails, the error also says what it was given.

    Raises
    ------
    RuntimeError, IndexError, TypeError
        As the model does.
    """
    try:
        return batch(model)
    except (RuntimeError, IndexError, TypeError) as error:
        if type(error) not in (RuntimeError, IndexError, TypeError):
            raise  # a subclass is somebody's own, and may ask for more than a sentence
        said = [("", value) for value in batch.args] + [(f"{name}=", value) for name, value in batch.kwargs.items()]
        given = ", ".join(name + _kind(value) for name, value in said)
        raise type(error)(
            f"{error}; so says the model, which computes in {_short(float_type(model))}, called with {given}: arrays "
            "of floats are cast to its type, tensors and whole numbers go in as they are"
        ) from error


def _kind(value: Any) -> str:
    return f"{_short(value.dtype)} {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def check_no_tokens(model: nn.Module, first: Tensor) -> None:
    """Refuse token ids as the activations of "input": they are names, not numbers."""
    if first.dtype in (torch.int64, torch.int32) and any(
        isinstance(module, (nn.Embedding, nn.EmbeddingBag)) for module in model.modules()
    ):
        raise ValueError(
            'layer="input" is given token ids, which are names and not numbers; record the embedding layer, or take '
            "which tokens are present as patterns: Patterns.from_signs(presence), bool of shape (samples, tokens)"
        )


class Rows:
    """Rows of a table whose length may be known only at the end.

    One buffer that grows: many small arrays kept between the large ones that come and go would leave the memory in
    pieces too small to be used again (measured: 3.3 GB where 0.9 GB were needed).
    """

    def __init__(self, expected: int | None):
        self._expected = expected
        self._table: NDArray | None = None
        self._filled = 0

    def expect(self, rows: int) -> None:
        """How many there will be, if that is known before the first come."""
        self._expected = self._expected or rows

    def add(self, rows: Tensor, what: str, column: str) -> None:
        self.append(checked(rows, what, column, self._filled), what)

    def append(self, new: NDArray, what: str = "the table") -> None:
        if self._table is None:
            self._table = np.empty((self._expected or len(new), *new.shape[1:]), new.dtype)
        if self._table.shape[1:] != new.shape[1:]:
            raise _ragged(what, self._table, new)
        end = self._filled + len(new)
        if end > len(self._table):
            larger = np.empty((max(end, 3 * len(self._table) // 2), *new.shape[1:]), new.dtype)
            larger[: self._filled] = self._table[: self._filled]
            self._table = larger
        self._table[self._filled : end] = new
        self._filled = end

    def joined(self) -> NDArray:
        assert self._table is not None  # inputs without a sample have been refused
        return self._table[: self._filled]


def checked(rows: Tensor, what: str, column: str, before: int) -> NDArray[np.floating]:
    """Rows that come after ``before`` others, refused where they are not finite."""
    new = rows.numpy()
    if not np.isfinite(new).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(new))[0])
        where = f" ({column} {at[1]})" if len(at) > 1 else ""
        raise ValueError(
            f"{what} is {new[at]} at sample {before + at[0]}{where}; look for NaN or overflow in the inputs "
            "and in the model's weights"
        )
    return new


def _ragged(what, first, new):
    return ValueError(
        f"{what} has {first.shape[1:]} numbers for the first batch and {new.shape[1:]} for another; pad the inputs to "
        'one length, or choose a pool other than "flatten"'
    )
