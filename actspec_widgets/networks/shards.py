"""Recordings by shards of inputs: on the processes of an executor, or into a file that a later call goes on with."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..compute.threads import in_order
from ..patterns import Patterns
from ..patterns.packing import append_planes, words_for
from ..patterns.sparse import ActiveLists, joined
from ..progress import Progress, tick
from .batches import Batch, Batches, Masks

_BATCHES = 8  # in a shard: a pass costs some milliseconds to begin
_BYTES = 1 << 26  # of rows put together at a time
_KIND = "actspec_widgets recording that is not finished, version 1"


@dataclass(frozen=True)
class Shard:
    """Some batches, their part of a mask that is an array, and how many samples come before."""

    batches: list[Batch]
    mask: Any
    before: int

    @property
    def size(self) -> int:
        return sum(batch.size for batch in self.batches)

    def digest(self) -> str:
        found = hashlib.blake2b(digest_size=16)
        for batch in self.batches:
            for tensor in batch.tensors():
                found.update(_bytes(tensor))
        if not isinstance(self.mask, str | bool | None):
            found.update(np.ascontiguousarray(self.mask).tobytes())
        return found.hexdigest()


def shards_of(batches: Batches, mask: Any) -> Iterator[Shard]:
    """All batches, some at a time."""
    held: list[Batch] = []
    before = 0

    def shard():
        size = sum(batch.size for batch in held)
        whole = isinstance(mask, str | bool | None)
        return Shard(list(held), mask if whole else mask[before : before + size], before)

    for batch in batches:
        held.append(batch)
        if len(held) == _BATCHES:
            yield (done := shard())
            before += done.size
            held.clear()
    if held:
        yield (last := shard())
        before += last.size
    if not isinstance(mask, str | bool | None):
        Masks(mask).check_end(before)


class Work:
    """Records one shard; another process gets it once, with the model."""

    def __init__(self, record_each: Any, model: nn.Module, layers: Mapping[str, dict[str, Any]], settings: Any):
        self.record_each, self.model, self.layers, self.settings = record_each, model, layers, settings
        self.threads = torch.get_num_threads()  # sums of matrix products depend on it

    def __call__(self, shard: Shard) -> dict[str, Any]:
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        inputs = [batch.kwargs or batch.args for batch in shard.batches]
        return self.record_each(self.model, self.layers, inputs, mask=shard.mask, **self.settings)


def in_shards(
    work: Work, batches: Batches, mask: Any, executor: Executor | None, progress: Progress | None
) -> dict[str, tuple[Any, ...]]:
    """Activations, target, groups, positions and layout of each layer, all shards put together."""
    parts: list[dict[str, Any]] = []
    befores: list[int] = []
    for shard, found in _recorded(work, shards_of(batches, mask), batches, executor, progress):
        parts.append(found)
        befores.append(shard.before)
    joined_up = {}
    for name in work.layers:
        mine = [part[name] for part in parts]
        activations = [part.activations for part in mine]
        whole = (
            Patterns.concatenate(activations) if isinstance(activations[0], Patterns) else np.concatenate(activations)
        )
        joined_up[name] = (
            whole,
            np.concatenate([part.target for part in mine]),
            *_places(mine, befores),
            mine[0].layout,
        )
    return joined_up


def into_file(
    path: str | os.PathLike[str],
    work: Work,
    batches: Batches,
    mask: Any,
    executor: Executor | None,
    progress: Progress | None,
) -> tuple[Any, ...]:
    """The same of one layer, as patterns in a file, which grows in ``path`` + ".part" until it is whole."""
    (layer,) = work.layers
    journal = Journal(path, _said(work))

    def new() -> Iterator[Shard]:
        for number, shard in enumerate(shards_of(batches, mask)):
            if number < kept:
                journal.check(number, shard)
            else:
                yield shard

    kept, layout = len(journal.records), None
    for shard, found in _recorded(work, new(), batches, executor, progress):
        journal.append(shard, found[layer])
        layout = found[layer].layout
    return *journal.finish(), layout


def _recorded(work, shards, batches, executor, progress):
    """Each shard and what was recorded of it, in their order."""
    waiting: list[Shard] = []

    def sent():
        for shard in shards:
            waiting.append(shard)
            yield shard

    if executor is None:
        results: Iterator[Any] = map(work, sent())
    else:
        results = in_order(work, sent(), 1, executor=executor)
    for found in results:
        shard = waiting.pop(0)
        yield shard, found
        done = shard.before + shard.size
        tick(progress, done, batches.n_samples or done)


def _places(parts, befores):
    if parts[0].groups is None:
        return None, None
    groups = [part.groups + before for part, before in zip(parts, befores, strict=True)]
    return np.concatenate(groups), np.concatenate([part.positions for part in parts])


def _bytes(tensor):
    tensor = tensor.detach().cpu().contiguous()
    head = f"{tensor.dtype}{tuple(tensor.shape)}".encode()
    return head + tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else head


def _said(work: Work) -> dict[str, Any]:
    """What a recording is of, in text: the model's numbers and the settings."""
    found = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(work.model.state_dict().items()):
        found.update(name.encode() + _bytes(tensor))
    settings = {name: _text(value) for name, value in work.settings.items() if name != "device"}
    return {"model": found.hexdigest(), "layers": {n: _text(axes) for n, axes in work.layers.items()}, **settings}


def _text(value):
    if isinstance(value, Mapping):
        return {str(name): _text(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_text(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _text(asdict(value))
    if isinstance(value, np.ndarray | torch.Tensor):
        return hashlib.blake2b(np.asarray(value).tobytes(), digest_size=16).hexdigest()
    if callable(value):  # its address would differ in the next process
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    return str(value)


class Journal:
    """Shards recorded so far, one record after another, each with its checksum.

    A record that is not whole, as an interruption leaves it, is cut off, and the last whole one is recorded again.

    Raises
    ------
    ValueError
        If there is such a file of something else.
    """

    def __init__(self, path: str | os.PathLike[str], settings: dict[str, Any]):
        self.path = Path(os.path.abspath(path))
        self.part = self.path.with_name(self.path.name + ".part")
        self.records: list[dict[str, Any]] = []
        begin = json.dumps({"kind": _KIND, "settings": settings}, sort_keys=True).encode() + b"\n"
        if not self.part.exists():
            self.part.write_bytes(begin)
        with self.part.open("rb") as file:
            if file.readline() != begin:
                raise ValueError(
                    f"{self.part} holds something else than the beginning of this recording (another model, layer, "
                    "output or setting); remove it, or give another path"
                )
            ends = [file.tell()]
            while (record := _read_record(file)) is not None:
                self.records.append(record)
                ends.append(file.tell())
        if self.records:
            self.records.pop()
            ends.pop()
        os.truncate(self.part, ends[-1])

    def check(self, number: int, shard: Shard) -> None:
        """Refuse inputs that are not those recorded before."""
        if self.records[number]["inputs"] != shard.digest():
            raise ValueError(
                f"{self.part} holds the beginning of a recording of other inputs (from sample {shard.before} on); "
                "remove it, or give another path"
            )

    def append(self, shard: Shard, recording: Any) -> None:
        patterns: Patterns = recording.activations
        arrays = {"target": recording.target}
        if recording.groups is not None:
            arrays |= {"groups": recording.groups + shard.before, "positions": recording.positions}
        if patterns.active is None:
            arrays["planes"] = patterns.planes
        else:
            arrays |= {"starts": patterns.active.starts, "units": patterns.active.units}
        data = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
        record = {
            "inputs": shard.digest(),
            "n_samples": patterns.n_samples,
            "n_units": patterns.n_units,
            "arrays": {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()},
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        with self.part.open("ab") as file:
            file.write(json.dumps(record).encode() + b"\n" + data)
            file.flush()
            os.fsync(file.fileno())
            self.records.append(record | {"at": file.tell() - len(data)})

    def finish(self) -> tuple[Any, ...]:
        """Patterns in ``path``, target, groups and positions; the file of parts is removed."""
        if len({record["n_units"] for record in self.records}) > 1:
            raise ValueError("the layer has other units in other batches; pad the inputs to one length")
        n_samples = sum(record["n_samples"] for record in self.records)
        with self.part.open("rb") as file:
            found = {
                name: np.concatenate([_array(file, record, name) for record in self.records])
                if name in self.records[0]["arrays"]
                else None
                for name in ("target", "groups", "positions")
            }
            if all("units" in record["arrays"] for record in self.records):
                lists = joined([_lists(file, record) for record in self.records])
                Patterns(lists, n_samples).save(self.path)
            else:
                n_units = self.records[0]["n_units"]
                Patterns.write(self.path, n_samples, None, n_units, self._rows(file, n_samples, n_units))
        self.part.unlink()
        return Patterns.open(self.path), found["target"], found["groups"], found["positions"]

    def _rows(self, file, n_samples, n_units) -> Iterator[NDArray[np.uint64]]:
        """The bits of one unit after another."""
        step = max(1, _BYTES // (8 * words_for(n_samples)))
        for first in range(0, n_units, step):
            stop = min(first + step, n_units)
            rows, at = np.zeros((stop - first, words_for(n_samples)), np.uint64), 0
            for record in self.records:
                if "planes" in record["arrays"]:
                    part = _array(file, record, "planes", first, stop)
                else:
                    part = _lists(file, record).planes()[first:stop]
                append_planes(rows, at, part, record["n_samples"])
                at += record["n_samples"]
            yield from rows


def _read_record(file) -> dict[str, Any] | None:
    """The next record of a journal; None where it is not whole."""
    line = file.readline()
    try:
        record = json.loads(line)
        sizes = [np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in record["arrays"].values()]
        at, data = file.tell(), file.read(sum(sizes))
        if len(data) != sum(sizes) or hashlib.sha256(data).hexdigest() != record["sha256"]:
            return None
        return record | {"at": at}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _array(file, record, name, first=0, stop=None):
    """An array of a record, or some of its rows."""
    at = record["at"]
    for other, (kind, shape) in record["arrays"].items():
        row = np.dtype(kind).itemsize * int(np.prod(shape[1:]))
        if other == name:
            stop = shape[0] if stop is None else stop
            file.seek(at + first * row)
            return np.frombuffer(file.read((stop - first) * row), kind).reshape(stop - first, *shape[1:])
        at += row * shape[0]
    raise KeyError(name)


def _lists(file, record) -> ActiveLists:
    return ActiveLists(_array(file, record, "starts"), _array(file, record, "units"), record["n_units"])
