"""Reading rated sentences: a table with a header, or the tab-separated original, plain or inside an archive."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import math
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ORIGINAL = "movieReviewSnippets_GroundTruth.txt"
INNER = "hutto_ICWSM_2014.tar.gz"  # the archive inside the source distribution
COLUMNS = ("text", "score")
_NEXT = "copy the file again, or name another"


class Row(NamedTuple):
    text: str
    score: float
    part: str | None


def read_rows(path: Path, source: str) -> tuple[list[Row], str]:
    """The rows of a file and its SHA-256.

    Raises
    ------
    ValueError
        If the file is damaged, is no such table, or holds nothing of that source.
    """
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    content, name = _unpacked(raw, path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8 text (byte {error.start:,} is {content[error.start]:#04x}); save it as UTF-8"
        ) from error
    if not text.strip():
        raise ValueError(f"{path} is empty; {_NEXT}")
    rows = list(_original(text, path) if name.endswith(".txt") else _table(text, path, source))
    if not rows:
        raise ValueError(f"{path} holds a header and no sentence; {_NEXT}")
    return rows, digest


def _unpacked(raw: bytes, path: Path) -> tuple[bytes, str]:
    """The unpacked content, and the name whose ending tells its form."""
    name = path.name.lower()
    try:
        if name.endswith((".tar.gz", ".tgz")):
            return _member(raw, path), ORIGINAL
        if raw[:2] == b"\x1f\x8b":
            return gzip.decompress(raw), name.removesuffix(".gz")
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ValueError(f"{path} cannot be unpacked ({type(error).__name__}): it is damaged; {_NEXT}") from error
    if name.endswith(".gz"):
        raise ValueError(f"{path} is called .gz and is not compressed; {_NEXT}")
    return raw, name


def _member(raw: bytes, path: Path) -> bytes:
    """The original file inside an archive, or inside an archive in it."""
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
        inner = None
        for entry in archive:
            base = PurePosixPath(entry.name).name
            if entry.isfile() and base in (ORIGINAL, INNER):
                file = archive.extractfile(entry)
                assert file is not None  # it is a plain file
                if base == ORIGINAL:
                    return file.read()
                inner = file.read()
    if inner is None:
        raise ValueError(
            f"{path} holds no {ORIGINAL}; give the source distribution of vaderSentiment 3.3.2, or a table"
        )
    return _member(inner, path)


def _table(text: str, path: Path, source: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found = list(reader.fieldnames or ())
    if missing := [name for name in COLUMNS if name not in found]:
        shown = ", ".join(repr(name[:40]) for name in found[:10])
        raise ValueError(f"{path} has no column {' and no '.join(missing)}, its header has {shown}; name them so")
    others: dict[str, None] = {}
    taken = 0
    try:
        for row in reader:
            if "source" in found and row["source"] != source:
                others[str(row["source"])] = None
                continue
            taken += 1
            yield _row(row["text"], row["score"], row.get("split") or None, path, reader.line_num)
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV table at line {reader.line_num} ({error}); {_NEXT}") from error
    if others and not taken:
        raise ValueError(f"{path} has no rows with source {source!r}; it has {', '.join(list(others)[:10])}")


def _original(text: str, path: Path) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = line.split("\t", 2)
        if len(cells) < 3:
            raise ValueError(f"{path} has {len(cells)} tab-separated cells in line {number}; it needs id, rating, text")
        yield _row(cells[2], cells[1], None, path, number)


def _row(text: str | None, score: str | None, part: str | None, path: Path, line: int) -> Row:
    try:
        number = float(score or "")
    except ValueError:
        number = math.nan
    if not -4 <= number <= 4:
        raise ValueError(f"{path} has the rating {score!r} in line {line}; ratings are numbers from -4 to 4")
    if not text or not text.strip():
        raise ValueError(f"{path} has no text in line {line}; remove the line, or {_NEXT}")
    return Row(text.strip(), number, part)
