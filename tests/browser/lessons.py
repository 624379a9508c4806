"""A lesson open in the browser, and exercises filled in there as a learner does it."""

from __future__ import annotations

from lesson_files import MOST_MIB, exercises, read_lesson
from tools.peak_memory import PEAK_MIB

PRINTED = """() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells.flatMap(
  cell => (cell.outputs ?? []).map(output => output.text ?? '').flat()).join('')"""


class OpenLesson:
    """The lesson, run from top to bottom."""

    def __init__(self, lab, stem: str):
        self.lab, self.page = lab, lab.page
        self.notebook = read_lesson(stem)
        lab.open(f"{stem}.ipynb")
        self._check_that_untouched_it_asks()

    def _check_that_untouched_it_asks(self):
        """Each exercise says that nothing was tried, learners are asked to predict, and Binder's memory is enough."""
        printed = self.page.evaluate(PRINTED)
        assert printed.count("not attempted yet") == len(list(exercises(self.notebook)))
        assert printed.count("no guess yet") >= 2
        assert float(self.lab.python(PEAK_MIB).removeprefix("peak MiB")) < MOST_MIB

    def try_out(self, function: str, returns: str) -> str:
        """Put ``return ...`` right or wrong into an exercise, run it, and return what the check says."""
        cell = self._exercise(function)[0]
        return self._type_and_run(function, cell.source.replace("return ...", f"return {returns}"))

    def solve(self, function: str) -> str:
        """Put the folded solution into an exercise, run it, and return what the check says."""
        return self._type_and_run(function, self._exercise(function)[1])

    def _exercise(self, function):
        return next(found for found in exercises(self.notebook) if f"def {function}(" in found[0].source)

    def _type_and_run(self, function, source):
        cell = self.page.locator(".jp-CodeCell", has_text=f"def {function}(")
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source.strip())
        self.page.keyboard.press("Control+Enter")
        self.lab.wait_idle()
        self.lab.check()
        return cell.locator(".jp-OutputArea-output").inner_text()
