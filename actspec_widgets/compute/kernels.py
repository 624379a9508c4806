"""Kernels: functions that numba compiles, with compiled code that is kept for one version of the package only.

A compiled kernel contains the code of the helpers that it calls. numba's own cache looks at the kernel's file alone, so
that after an upgrade old helpers from other files stay in it. Here compiled code lies in a folder named by a hash of
all sources that a kernel can be made from: one file for each signature, written in one step and checked when read.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from ..files import cache_folder, write_whole

PACKAGE = Path(__file__).parents[1]
# What a kernel can be made from: this room and those that it may import.
SOURCES = ("compute/**/*.py", "patterns/**/*.py", "results/**/*.py", "files.py", "progress.py")
KEPT_VERSIONS = 3  # the newest included: people go back and forth between versions


def kernel(function: Callable | None = None, **options: Any) -> Any:
    """Compile a function at its first call, to run without the GIL; ``options`` go to ``numba.njit``.

    Compiled code is kept below the folder that ``NUMBA_CACHE_DIR`` names, else beside the package, else in the user's
    cache folder: the first of them that can be written to. Where none can, it stays in memory.
    """
    if function is None:
        return partial(kernel, **options)
    compiled = numba.njit(nogil=True, **options)(function)
    if not config.DISABLE_JIT:  # type: ignore[attr-defined]
        compiled._cache = KernelCache(f"{function.__module__}.{function.__qualname__}")
    return compiled


class KernelCache(_Cache):
    """The compiled signatures of one kernel, in the place of numba's ``FunctionCache``."""

    compiled = loaded = 0  # signatures in this process, of all kernels

    def __init__(self, name: str):
        self._name = name

    @property
    def cache_path(self) -> str | None:
        """The folder of compiled code; None where nothing can be kept."""
        return None if folder() is None else str(folder())

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Compiled code from the disk; None where there is none, and numba compiles."""
        target_context.refresh()
        path = self._path(sig, target_context.codegen())
        if path is None:
            _say(_why_not_kept())
            return None
        try:
            result = CompileResult._rebuild(target_context, *_read(path, sig))
            KernelCache.loaded += 1
            return result
        except FileNotFoundError:
            pass
        except Exception:  # whatever is wrong with the file, it can be made again
            with suppress(OSError):
                path.unlink()
        _say(COMPILING)
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what numba has just compiled."""
        KernelCache.compiled += 1
        path = self._path(sig, data.codegen)
        if path is None or data.library.has_dynamic_globals:
            return
        try:
            content = dumps((sig, data._reduce()))
            path.parent.mkdir(parents=True, exist_ok=True)  # another version may have cleared it away
            write_whole(path, hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        except OSError as error:
            _say(f"compiled kernels are not kept in {path.parent}: {error.strerror}")

    def _path(self, sig: Any, codegen: Any) -> Path | None:
        """The file of a signature on this machine; None where nothing can be kept."""
        base = None if _why_not_kept() else folder()
        key = repr((sig, codegen.magic_tuple(), numba.__version__, sys.implementation.cache_tag))
        return base and base / f"{self._name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def flush(self) -> None:
        """Nothing to do: what is compiled anew is written anew."""

    enable = disable = flush


def _read(path: Path, sig: Any) -> tuple:
    digest, _, content = path.read_bytes().partition(b"\n")
    if digest.decode() != hashlib.sha256(content).hexdigest():
        raise ValueError(f"{path} is not whole")
    kept, parts = pickle.loads(content)
    if kept != sig:
        raise ValueError(f"{path} is of {kept}, not of {sig}")
    return parts


@cache
def folder() -> Path | None:
    """The folder of this version's compiled code; None where no folder can be written to."""
    for base in _bases():
        path = base / f"kernels-{VERSION}"
        try:
            path.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path).close()
            os.utime(path)
        except OSError:
            continue
        _forget_old_versions(base)
        return path
    return None


def _bases() -> Iterator[Path]:
    if config.CACHE_DIR:  # type: ignore[attr-defined]
        yield Path(config.CACHE_DIR, PACKAGE.name)  # type: ignore[attr-defined]
    yield PACKAGE / "__pycache__"
    yield cache_folder()


def _forget_old_versions(base: Path) -> None:
    with suppress(OSError):  # another process may be at it too
        versions = sorted(base.glob("kernels-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in versions[KEPT_VERSIONS:]:
            shutil.rmtree(path, ignore_errors=True)


def _source_files() -> list[Path]:
    return sorted(file for pattern in SOURCES for file in PACKAGE.glob(pattern))


def _stamps() -> list[tuple[str, int, int]]:
    """What tells cheaply whether the sources are still those that were hashed."""
    stats = [(str(file), file.stat()) for file in _source_files()]
    return [(name, stat.st_mtime_ns, stat.st_size) for name, stat in stats]


def _version() -> str:
    """A hash of the sources."""
    digest = hashlib.sha256()
    for file in _source_files():
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


# Taken when the first kernel's module is imported, before any of them is compiled.
VERSION, _STAMPS = _version(), _stamps()

COMPILING = f"compiling kernels for this machine, once; {PACKAGE.name}.warm() does all of them with a progress bar"
_said: set[str] = set()


def _why_not_kept() -> str:
    """Why compiled code of this process is neither kept nor read; empty where it is."""
    if _stamps() != _STAMPS:
        # What this process has imported need not be what lies on the disk now, nor all of one version.
        return "compiling kernels for this session only: the package's files have changed since it was imported"
    if folder() is None:
        return (
            "compiling kernels for this session only: no folder for them can be written to; "
            "set NUMBA_CACHE_DIR to one that can"
        )
    return ""


def leave_out_that_kernels_are_compiled() -> None:
    """Do not say it, as something else does, such as a progress bar."""
    _said.add(COMPILING)


def _say(sentence: str) -> None:
    """Say a sentence once: compiling takes seconds, and silence would look like a crash."""
    if sentence not in _said:
        _said.add(sentence)
        print(f"{PACKAGE.name}: {sentence}", file=sys.stderr)
