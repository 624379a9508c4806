"""Downloading the full MNIST once, into a cache that never holds anything broken."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ..progress import Progress
from .mnist_files import IDX_NAMES, Arrays, read_local

# Tried in this order. The content is checked, not the container, so any mirror does.
MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
CACHE_VARIABLE = "ACTSPEC_CACHE"
_NPZ = "mnist.npz"
_GZIPPED = tuple(f"{stem}.gz" for stem in IDX_NAMES.values())
_CHUNK = 1 << 16  # bytes between two reports of progress


def fetch(url: str | None, progress: Progress | bool) -> Arrays:
    """The four arrays from the cache, or else from the first mirror that serves them.

    Raises
    ------
    OSError
        If no mirror serves them; nothing is kept then.
    """
    import pooch

    cache = Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("actspec_widgets"))
    try:
        return read_local(cache, CACHE_VARIABLE)
    except FileNotFoundError:
        pass
    except ValueError:  # damaged since it was checked: as good as absent
        for name in (_NPZ, *_GZIPPED):
            (cache / name).unlink(missing_ok=True)
    failures = []
    for mirror in MIRRORS if url is None else (url,):
        try:
            return _download(mirror, cache, progress)
        except (OSError, ValueError) as error:  # the errors of requests are OSErrors
            failures.append(f"{mirror} ({_reason(error)})")
    raise OSError(
        f"the full MNIST could not be downloaded from {' nor '.join(failures)}; nothing was kept. Try again, or "
        'name a local copy: load_mnist("full", path=...) or the environment variable ACTSPEC_MNIST'
    )


def _download(mirror: str, cache: Path, progress: Progress | bool) -> Arrays:
    import pooch

    # One .npz file whatever it is called there, or a folder with the four original files.
    sources = {name: mirror + name for name in _GZIPPED} if mirror.endswith("/") else {_NPZ: mirror}
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".partial-") as folder, _quiet(pooch.get_logger()):
        for name, source in sources.items():
            with closing(_Bar(progress, name)) as bar:
                downloader = pooch.HTTPDownloader(progressbar=bar, chunk_size=_CHUNK)
                pooch.retrieve(source, known_hash=None, fname=name, path=folder, downloader=downloader)
        try:
            arrays = read_local(Path(folder), mirror)
        except ValueError as error:  # the temporary folder would tell nobody anything
            raise ValueError(str(error).replace(folder + os.sep, "")) from error
        for name in sources:
            os.replace(Path(folder, name), cache / name)
    return arrays


@contextmanager
def _quiet(logger):
    """Keep pooch from advising to pin the hash of files whose content is checked here."""
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


class _Bar:
    """The progress bar that pooch expects, drawn by tqdm or passed on to a callable."""

    def __init__(self, progress: Progress | bool, name: str):
        self.total = 0  # pooch sets it when the server has told the length
        self._done = 0
        self._tell: Callable[[int, int], Any] | None = progress if callable(progress) else None
        self._tqdm = None
        if progress is True:
            from tqdm.auto import tqdm

            self._tqdm = tqdm(desc=name, unit="B", unit_scale=True)

    def update(self, size: int) -> None:
        # pooch counts whole chunks and fills the bar once more at the end
        done = min(self._done + size, self.total) if self.total else self._done + size
        if done == self._done:
            return
        if self._tqdm is not None:
            self._tqdm.total = self.total or None
            self._tqdm.update(done - self._done)
        self._done = done
        if self._tell is not None:
            self._tell(done, max(self.total, done))

    def reset(self) -> None:
        pass  # only ever followed by filling the bar, which update does by itself

    def close(self) -> None:
        if self._tqdm is not None:
            self._tqdm.close()


def _reason(error):
    """Why one mirror failed, short enough for a sentence."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code} {response.reason}"
    text = str(error)
    if isinstance(error, ValueError):
        return text.rpartition(";")[0] or text
    return f"{type(error).__name__}: {text}" if len(text) <= 160 else type(error).__name__
