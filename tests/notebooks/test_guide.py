"""The teacher's guide: its times are those of the lessons as they are now, and its plans add up."""

import re
from pathlib import Path

import pytest

from tools.lesson_times import contents, minutes

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
GUIDE = (NOTEBOOKS / "GUIDE.md").read_text(encoding="utf-8")
LESSONS = sorted(NOTEBOOKS.glob("[0-9]*.py"))
ROWS = {
    name: (int(words.replace(",", "")), int(predictions), int(exercises), int(reader), int(seconds))
    for name, words, predictions, exercises, reader, seconds in re.findall(
        r"^\| `(\d\d-[\w-]+)` \| ([\d,]+) \| (\d+) \| (\d+) \| (\d+) min \| (\d+) s \|$", GUIDE, re.MULTILINE
    )
}


def test_every_lesson_has_its_row():
    assert list(ROWS) == [path.stem for path in LESSONS]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_times_are_those_of_the_lesson(path):
    words, predictions, exercises, reader, seconds = ROWS[path.stem]
    counts = contents(path)
    assert words == pytest.approx(counts["words"], rel=0.1)
    assert (predictions, exercises) == (counts["predictions"], counts["exercises"])
    assert abs(reader - minutes(path)) <= 5
    assert seconds <= 60  # untouched, "about a minute"


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_the_lesson_itself_names_the_guides_minutes(path):
    promised = re.search(r"(\d+) minutes; the cells as they stand run in some seconds", as_one_line(path))
    assert promised and int(promised.group(1)) == ROWS[path.stem][3]


def test_the_first_lesson_takes_five_minutes_and_the_rest_of_the_guides():
    assert "**After five minutes" in (text := as_one_line(LESSONS[0])) and "**After twenty more" in text
    assert ROWS[LESSONS[0].stem][3] == 25


def as_one_line(path):
    return re.sub(r"\n# ", " ", path.read_text(encoding="utf-8"))


def test_plans_add_up():
    plan = re.findall(r"^\| (\d+)(?: to (\d+))? \|([^|]*)\|([^|]*)\|([^|]*)\|$", GUIDE, re.MULTILINE)
    for column, length in enumerate((45, 90, 180)):
        steps = [(int(least), int(most or least)) for least, most, *cells in plan if cells[column].strip()]
        assert sum(least for least, _ in steps) <= length <= sum(most for _, most in steps), length
