"""Files: written whole or not at all, of known kinds, and downloaded once into one cache folder."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from .progress import Progress, shown, tick

CACHE_VARIABLE = "ACTSPEC_CACHE"
_KEY = "actspec_widgets"  # the one entry of a .safetensors file's metadata, a JSON text
_DTYPES = {
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "U64": "<u8",
    "I32": "<i4",
    "I64": "<i8",
}  # as a .safetensors file names them
_LONGEST = 10**8  # bytes of a .safetensors header, by its definition
_PAGE = 4096  # bytes; data that begin there can be mapped into memory
_CHUNK = 1 << 16  # bytes between two reports of a download
_T = TypeVar("_T")


# --- writing


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write, which takes the place of ``path`` at the end: there is the old file or the new one.

    A new file gets the permissions that any new file gets here (the umask says which), one that is replaced keeps its
    own, and a link goes on pointing to the same place. Where anything fails, nothing is left.

    Raises
    ------
    OSError
        If the folder is not there or can not be written, or ``path`` is a folder or a device.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(f"{folder}/a.txt") as file:
    ...         count = file.write(b"all of it")
    ...     os.listdir(folder)
    ['a.txt']
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder; make it, or name another", str(target.parent))
    if target.exists() and not target.is_file():
        raise IsADirectoryError(errno.EISDIR, "this is a folder or a device; give the path of a file", str(path))
    partial = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, partial)
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file, text as UTF-8, so that there is the old one or the new one, never a part."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


class TemporaryFolder:
    """A folder that goes, with all that is in it, when this object goes."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="actspec-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


# --- kinds of files


@dataclass(frozen=True)
class FileKind:
    """Files of one kind: named arrays and a header, which is a JSON object. Never pickle.

    Parameters
    ----------
    name : str
        Stands in the header.
    what : str
        For sentences: "a spectrum".
    made_by : str
        What writes such a file, for sentences.
    versions : tuple of int
        Those that can be read; the first is written.
    """

    name: str
    what: str
    made_by: str
    versions: tuple[int, ...] = (1,)

    def save_npz(
        self,
        path: str | os.PathLike[str],
        header: Mapping[str, Any],
        arrays: Mapping[str, NDArray],
        version: int | None = None,
    ) -> None:
        """Write a compressed ``.npz`` file; ``version`` is another of ``versions`` than the first."""
        text = np.frombuffer(json.dumps(self._signed(header, version)).encode(), np.uint8)
        entries: dict[str, Any] = {"header": text, **arrays}
        with replacing(path) as file:
            np.savez_compressed(file, **entries)

    def load_npz(self, path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray]]:
        """Header and arrays of a file written by :meth:`save_npz`.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or of another kind or version.
        """
        path = self._existing(path)
        with path.open("rb") as file:  # np.load leaves its own file open where it cannot read it
            return self.read_npz(file, str(path))

    def read_npz(self, file: BinaryIO, name: str) -> tuple[dict[str, Any], dict[str, NDArray]]:
        """The same of an open file, which sentences call ``name``."""
        with self.reading(name), np.load(file, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            kind, version = header["kind"], header["version"]
            arrays = {key: archive[key] for key in archive.files if key != "header"}
        self._check(kind, version, name)
        return header, arrays

    def save_tensors(
        self, path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, NDArray[np.floating]]
    ) -> None:
        """Write a ``.safetensors`` file (https://github.com/huggingface/safetensors) with a checksum of its data."""
        entries, data = {}, bytearray()
        for key in sorted(arrays, key=lambda key: (-arrays[key].itemsize, key)):
            array = arrays[key]
            entries[key] = _entry(array, len(data))
            data += array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        signed = self._signed(header) | {"sha256": hashlib.sha256(data).hexdigest()}
        write_whole(path, _head(signed, entries, 8) + data)

    def load_tensors(self, path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray]]:
        """Header and arrays of a ``.safetensors`` file; the arrays are read-only.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or of another kind or version.
        """
        path = self._existing(path)
        with path.open("rb") as file:
            header, entries = self._read_head(file, path)
            data = file.read()
        if header.get("sha256") not in (None, hashlib.sha256(data).hexdigest()):
            raise self.unreadable(path, "its data do not match their checksum")
        with self.reading(path):
            return header, {key: _tensor(entry, data) for key, entry in entries.items()}

    def save_mapped(
        self, path: str | os.PathLike[str], header: Mapping[str, Any], tables: Mapping[str, NDArray | Streamed]
    ) -> None:
        """Write a ``.safetensors`` file with tables, row after row, that :meth:`open_mapped` maps into memory.

        Its header has a checksum, its data have none: to compute it at each opening would read all of them.
        """
        entries, end = {}, 0
        for name, table in tables.items():
            entries[name] = _entry(table, end)
            end = entries[name]["data_offsets"][1]
        signed = self._signed(header)
        with replacing(path) as file:
            file.write(_head(signed | {"sha256_header": _digest(signed, entries)}, entries, _PAGE))
            for table in tables.values():
                for row in table.rows if isinstance(table, Streamed) else table if table.ndim > 1 else [table]:
                    file.write(np.ascontiguousarray(row, table.dtype.newbyteorder("<")).data)

    def open_mapped(self, path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, np.memmap]]:
        """Header and tables of a file written by :meth:`save_mapped`; what is read of a table is loaded then.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, or of another kind or version.
        """
        path = self._existing(path)
        with path.open("rb") as file:
            header, entries = self._read_head(file, path)
            start, length = file.tell(), os.fstat(file.fileno()).st_size
        if header.pop("sha256_header", None) != _digest(header, entries):
            raise self.unreadable(path, "its header does not match its checksum")
        with self.reading(path):
            if length != start + max(entry["data_offsets"][1] for entry in entries.values()):
                raise ValueError("another length than its header says")
            return header, {
                name: _mapped(path, start + entry["data_offsets"][0], entry) for name, entry in entries.items()
            }

    def _read_head(self, file: BinaryIO, path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """Our header and the entries of an open ``.safetensors`` file, which is then at the beginning of its data."""
        with self.reading(path):
            size = int.from_bytes(file.read(8), "little")
            if size > _LONGEST:
                raise ValueError("a header longer than any")
            entries = json.loads(file.read(size))
            header = json.loads(entries.pop("__metadata__", {}).get(_KEY, "{}"))
            kind, version = header.get("kind"), header.get("version")
        self._check(kind, version, path)
        return header, entries

    @contextmanager
    def reading(self, name: str | os.PathLike[str]) -> Iterator[None]:
        """Errors that a damaged file leads to become one sentence about the file, a ValueError."""
        try:
            yield
        except Exception as error:  # zlib.error, RecursionError and whatever else a damaged file can raise
            raise self.unreadable(name, type(error).__name__) from error

    def unreadable(self, name: str | os.PathLike[str], why: str) -> ValueError:
        return ValueError(
            f"{name} cannot be read as {self.what} ({why}): it is damaged, truncated or of another kind; copy it again "
            f"from its source, or write it again with {self.made_by}"
        )

    def _signed(self, header: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
        return {"kind": self.name, "version": self.versions[0] if version is None else version, **header}

    def _existing(self, path: str | os.PathLike[str]) -> Path:
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}; give the path of a file written by {self.made_by}")
        return path

    def _check(self, kind: Any, version: Any, name: str | os.PathLike[str]) -> None:
        if kind != self.name:
            found = "something else" if kind is None else repr(kind)
            raise ValueError(f"{name} holds {found}, not {self.what}; give a file written by {self.made_by}")
        if version not in self.versions:
            known = " and ".join(map(str, self.versions))
            raise ValueError(
                f"{name} is of version {version!r}, this release reads version {known}; update actspec_widgets to open "
                "it"
            )


@dataclass(frozen=True)
class Streamed:
    """A table to be written that comes row after row."""

    rows: Iterable[NDArray]
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def _entry(array: NDArray | Streamed, start: int) -> dict[str, Any]:
    """What the header says of one array."""
    names = {np.dtype(code): name for name, code in _DTYPES.items()}
    dtype = names[array.dtype.newbyteorder("<")]
    return {"dtype": dtype, "shape": list(array.shape), "data_offsets": [start, start + array.nbytes]}


def _mapped(path: Path, start: int, entry: Mapping[str, Any]) -> Any:
    dtype, shape = _DTYPES[entry["dtype"]], tuple(entry["shape"])
    return np.memmap(path, dtype, "r", start, shape) if math.prod(shape) else np.empty(shape, dtype)


def _head(signed: Mapping[str, Any], entries: Mapping[str, Any], multiple: int) -> bytes:
    """The beginning of a ``.safetensors`` file, so long that the data begin at a multiple of so many bytes."""
    metadata = {_KEY: json.dumps(signed, sort_keys=True)}
    text = json.dumps({"__metadata__": metadata, **entries}, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-(8 + len(text)) % multiple)
    return len(text).to_bytes(8, "little") + text


def _digest(header: Mapping[str, Any], entries: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([header, entries], sort_keys=True).encode()).hexdigest()


def _tensor(entry: Mapping[str, Any], data: bytes) -> NDArray:
    dtype, shape = np.dtype(_DTYPES[entry["dtype"]]), entry["shape"]
    start, end = entry["data_offsets"]
    count = math.prod(shape)
    if end - start != count * dtype.itemsize:
        raise ValueError("a shape that does not match its bytes")
    return np.frombuffer(data, dtype, count, start).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


# --- downloads


def cache_folder() -> Path:
    """Where downloads and trained networks are kept: the folder that ACTSPEC_CACHE names, else the user's own."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("actspec_widgets"))


def download(
    sources: Mapping[str, str], folder: Path, check: Callable[[Path], _T], progress: Progress | bool | None = None
) -> _T:
    """Fetch files into ``folder``, all or none.

    Parameters
    ----------
    sources : dict of str to str
        Name of each file in the folder, and its address.
    folder : Path
        Made where it is not there.
    check : callable
        Gets a folder that holds the files and refuses them with a ValueError; they are kept only when it returns.
    progress : bool or callable, optional
        True draws a bar for each file; a callable gets (bytes done, bytes in all) and may raise ``Cancelled``.

    Returns
    -------
    object
        What ``check`` returned.

    Raises
    ------
    OSError
        If a file can not be fetched or kept, or is refused; the sentence is short, to be part of another.
    """
    import pooch

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".partial-") as partial:
            for name, address in sources.items():
                with shown(progress, name, "B") as tell:
                    fetch = pooch.HTTPDownloader(progressbar=_Bytes(tell), chunk_size=_CHUNK)
                    fetch(address, str(Path(partial, name)), None)
            try:
                found = check(Path(partial))
            except ValueError as error:
                said = str(error).replace(partial + os.sep, "")  # the temporary folder would tell nobody anything
                raise OSError(said.rpartition(";")[0] or said) from error
            for name in sources:
                os.replace(Path(partial, name), folder / name)
    except OSError as error:  # those of requests are OSErrors too
        raise OSError(_reason(error)) from error
    return found


class _Bytes:
    """The progress bar that pooch expects, as a progress callable."""

    def __init__(self, tell: Progress | None):
        self.total = 0  # pooch sets it when the server has told the length
        self._done, self._tell = 0, tell

    def update(self, size: int) -> None:
        # pooch counts whole chunks and fills the bar once more at the end
        done = min(self._done + size, self.total) if self.total else self._done + size
        if done > self._done:
            self._done = done
            tick(self._tell, done, max(self.total, done))

    def reset(self) -> None:
        pass  # only ever followed by filling the bar, which update does by itself

    close = reset


def _reason(error: OSError) -> str:
    """Why a download failed, short enough for a part of a sentence."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    text = str(error)
    if type(error) is OSError:
        return text
    return f"{type(error).__name__}: {text}" if len(text) <= 160 else type(error).__name__
