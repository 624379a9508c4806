"""Estimates how long a reader needs for each lesson; `python tools/lesson_times.py` prints them for the guide's table.

The pace is an assumption, said in the guide; the lessons' own running time is measured by the tests and `make pages`.
"""

from __future__ import annotations

import re
from pathlib import Path

import jupytext

LESSONS = Path(__file__).parents[1] / "notebooks"
WORDS_A_MINUTE = 180
MINUTES = {"code cells": 0.5, "predictions": 1, "exercises": 5, "plays": 3}


def contents(path: Path) -> dict[str, int]:
    """Words (folded hints and solutions aside), code cells, predictions, exercises and things to play with."""
    cells = jupytext.read(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    return {
        "words": len(re.findall(r"\w+", text)),
        "code cells": sum(cell.cell_type == "code" for cell in cells),
        "predictions": len(re.findall(r"\*\*Predict", text)),
        "exercises": sum("exercise" in cell.metadata.get("tags", []) for cell in cells),
        "plays": len(re.findall(r"\*\*play|## .*\bplay\b", text, re.IGNORECASE)),
    }


def minutes(path: Path) -> float:
    """At the pace above, without the time that the cells run."""
    counts = contents(path)
    return counts["words"] / WORDS_A_MINUTE + sum(each * counts[what] for what, each in MINUTES.items())


if __name__ == "__main__":
    for path in sorted(LESSONS.glob("[0-9]*.py")):
        counts = contents(path)
        row = [f"`{path.stem}`", f"{counts['words']:,}", counts["predictions"], counts["exercises"]]
        print("|", *(f"{entry} |" for entry in [*row, f"{5 * round(minutes(path) / 5)} min"]))
