"""Short texts with the ratings that people gave them. The texts belong to others and are not in the package."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import cache_folder, download
from ..progress import Progress
from .reviews_files import read_rows

VARIABLE = "ACTSPEC_REVIEWS"
PARTS = ("train", "val", "test")
# The source distribution that the sentences were published in, and its checksum.
PUBLISHED = "vaderSentiment-3.3.2.tar.gz"
ADDRESS = (
    "https://files.pythonhosted.org/packages/77/8c/4a48c10a50f750ae565e341e697d74a38075a3e43ff0df6f1ab72e186902/"
    f"{PUBLISHED}"
)
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"


@dataclass(frozen=True, eq=False)
class Reviews:
    """Texts and the means of their ratings; arrays are read-only.

    Attributes
    ----------
    texts : tuple of str
    scores : ndarray, shape (m,)
        Mean rating, from -4 (most negative) to +4 (most positive).
    parts : ndarray of str, shape (m,)
        "train", "val" or "test"; a text and its repetitions are always in one part.
    source : str
    sha256 : str
        Of the file that they came from.

    References
    ----------
    C.J. Hutto and E.E. Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
    Media Text", ICWSM-14: the ratings (MIT licence). The film sentences were gathered by B. Pang and L. Lee.
    """

    texts: tuple[str, ...] = field(repr=False)
    scores: NDArray[np.float64] = field(repr=False)
    parts: NDArray[np.str_] = field(repr=False)
    source: str
    sha256: str = field(repr=False, default="")

    def __post_init__(self) -> None:
        self.scores.setflags(write=False)
        self.parts.setflags(write=False)

    @property
    def labels(self) -> NDArray[np.bool_]:
        """True where the rating is above 0, shape (m,)."""
        return self.scores > 0

    def select(self, keep: ArrayLike) -> Reviews:
        """The texts where ``keep``, bool of shape (m,), is True, or those of the given indices."""
        index = np.arange(len(self))[np.asarray(keep)]
        return replace(
            self, texts=tuple(self.texts[i] for i in index), scores=self.scores[index], parts=self.parts[index]
        )

    def part(self, *names: str) -> Reviews:
        """The texts of one or several parts: "train", "val", "test"."""
        if unknown := [name for name in names if name not in PARTS]:
            raise ValueError(f"there is no part {unknown[0]!r}; use {', '.join(PARTS)}")
        return self.select(np.isin(self.parts, names))

    def polar(self, least: float = 0.5) -> Reviews:
        """The texts whose rating is at least ``least`` away from 0: those that are clearly one or the other."""
        return self.select(np.abs(self.scores) >= least)

    def __len__(self) -> int:
        return len(self.texts)


def load_reviews(
    path: str | os.PathLike[str] | None = None,
    *,
    source: str = "movie",
    download: bool = False,
    progress: Progress | bool = True,
) -> Reviews:
    """Rated sentences from a file of yours, or from the package that published them.

    They come from the first of these that is given: ``path``, the environment variable ACTSPEC_REVIEWS, and with
    ``download=True`` the source distribution of ``vaderSentiment`` 3.3.2, which is compared with its checksum and
    kept in the user's cache folder (or the folder that ACTSPEC_CACHE names).

    Parameters
    ----------
    path : path, optional
        A table ``.csv`` or ``.csv.gz`` (UTF-8, a header, at least the columns ``text`` and ``score``, optionally
        ``source`` and ``split``); a tab-separated ``.txt`` of id, rating and text without a header, as in the
        original; or a ``.tar.gz`` that holds the original's ``movieReviewSnippets_GroundTruth.txt``.
        Where there is no column ``split``, texts are shared out by a hash of their letters and digits, about 80 % to
        "train", 10 % to "val" and 10 % to "test".
    source : str
        Rows of a table to take: those of this ``source``, where it has that column.
    download : bool
    progress : bool or callable
        Of a download; see :func:`load_mnist`.

    Raises
    ------
    FileNotFoundError
        If no file is named, or there is nothing at the path.
    ValueError
        If the file is damaged, is no such table or holds nothing of that source.
    OSError
        If the download does not succeed.

    Notes
    -----
    The ratings' licence (MIT) does not speak about the rights in the texts themselves, so the package holds none.
    """
    named, by = (path, "path") if path is not None else (os.environ.get(VARIABLE) or None, VARIABLE)
    if named is None:
        if not download:
            raise FileNotFoundError(
                f"the rated sentences do not come with the package and {VARIABLE} names no file; name one there or as "
                "path=..., or call load_reviews(download=True) to fetch them from where they were published"
            )
        named, by = _fetched(progress), "download"
    file = Path(named).expanduser()
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file} ({by}); give the path of the rated sentences")
    rows, digest = read_rows(file, source)
    parts = [row.part or _part_of(row.text) for row in rows]
    if wrong := next((part for part in parts if part not in PARTS), None):
        raise ValueError(f"{file} has the split {wrong!r}; use {', '.join(PARTS)}, or leave that column out")
    return Reviews(
        texts=tuple(row.text for row in rows),
        scores=np.array([row.score for row in rows], dtype=np.float64),
        parts=np.array(parts),
        source=source,
        sha256=digest,
    )


def _fetched(progress: Progress | bool) -> Path:
    """The published file in the cache, downloaded unless it is there and intact."""
    cache = cache_folder()
    try:
        return _checked(cache)
    except (FileNotFoundError, ValueError):
        pass
    try:
        download({PUBLISHED: ADDRESS}, cache, _checked, progress)
    except OSError as error:
        raise OSError(
            f"the rated sentences could not be downloaded from {ADDRESS} ({error}); nothing was kept. Try again, or "
            f"name a file of yours: load_reviews(path=...) or the environment variable {VARIABLE}"
        ) from error
    return cache / PUBLISHED


def _checked(folder: Path) -> Path:
    path = folder / PUBLISHED
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise ValueError("it has another checksum")
    return path


def _part_of(text: str) -> str:
    """The part of a text, by a hash of its letters and digits: texts that differ in nothing else share it."""
    letters = "".join(character for character in text.lower() if character.isalnum())
    number = hashlib.sha256(letters.encode()).digest()[0]
    return "val" if number < 26 else "test" if number < 52 else "train"
