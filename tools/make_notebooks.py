"""Make the lessons' .ipynb files from the reviewable `notebooks/*.py` beside them.

    python tools/make_notebooks.py [target folder]

The pictures and tables that lessons show go along into another folder.
A notebook in which somebody has worked is never lost: if its lesson has changed since, the old file is kept
beside the new one as `NAME.mine-1.ipynb`; if it has not changed, the file is left as it is.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

import jupytext
import nbformat

LESSONS = Path(__file__).resolve().parents[1] / "notebooks"
BESIDE = ("images", "results")  # a lesson reads them by paths relative to itself
STAMP = "actspec_widgets_lesson"


def fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Identify what the cells say, whatever they have printed."""
    said = json.dumps([(cell.cell_type, cell.source) for cell in notebook.cells])
    return hashlib.sha256(said.encode()).hexdigest()


def set_aside(path: Path) -> Path:
    number = 1
    while (kept := path.with_suffix(f".mine-{number}.ipynb")).exists():
        number += 1
    return path.rename(kept)


def make(source: Path, target: Path) -> str:
    """Write one lesson; returns the sentence that says what happened."""
    lesson = jupytext.read(source)
    lesson.metadata.pop("jupytext", None)  # else JupyterLab would keep a pair and write back into the source
    lesson.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    lesson.metadata[STAMP] = fingerprint(lesson)
    said = f"{target}: made from {source.name}"
    if target.exists():
        present = nbformat.read(target, as_version=4)
        made_from = present.metadata.get(STAMP)
        if made_from == lesson.metadata[STAMP]:
            return f"{target}: up to date"
        if made_from != fingerprint(present):
            said += f"; what you had there is now {set_aside(target).name}"
    nbformat.write(lesson, target)
    return said


def make_all(folder: Path = LESSONS) -> list[str]:
    if folder.resolve() != LESSONS:
        for part in BESIDE:
            shutil.copytree(LESSONS / part, folder / part, dirs_exist_ok=True)
    return [make(source, folder / f"{source.stem}.ipynb") for source in sorted(LESSONS.glob("*.py"))]


if __name__ == "__main__":
    print("\n".join(make_all(*map(Path, sys.argv[1:]))))
