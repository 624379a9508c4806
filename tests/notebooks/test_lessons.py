"""The solutions of every lesson agree, and change nothing else in it; `tests/browser` runs each from top to bottom."""

import ast
import builtins
import contextlib
import io

import pytest

from lesson_files import LESSONS, exercises, read_lesson

EVERY_LESSON = pytest.mark.parametrize("stem", [path.stem for path in LESSONS])


def imports(lesson):
    """The import statements of all cells."""
    cells = [ast.parse(cell.source) for cell in lesson.cells if cell.cell_type == "code"]
    return [s for cell in cells for s in cell.body if isinstance(s, ast.Import | ast.ImportFrom)]


def used(node, context):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def defined(cell):
    """The names that a cell gives a value."""
    tree = ast.parse(cell.source)
    return used(tree, ast.Store) | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}


@EVERY_LESSON
def test_each_exercise_agrees_with_its_solution_filled_in(stem):
    lesson = read_lesson(stem)
    found = list(exercises(lesson))
    assert len(found) >= 2
    names = {}
    exec(compile(ast.Module(imports(lesson), []), stem, "exec"), names)
    for cell, solution in found:
        assert solution, f"no solution below {cell.source}"
        with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
            exec(solution, names)
        assert said.getvalue().startswith("✓ agrees with the definition"), said.getvalue()
        assert said.getvalue().count("\n") == 1, said.getvalue()


@EVERY_LESSON
def test_no_other_cell_depends_on_how_an_exercise_went(stem):
    """So a lesson that runs untouched runs with its solutions, and each of these needs the imports only."""
    lesson = read_lesson(stem)
    found = list(exercises(lesson))
    given = {alias.asname or alias.name.partition(".")[0] for s in imports(lesson) for alias in s.names}
    cells = [cell for cell in lesson.cells if cell.cell_type == "code"]
    for exercise, solution in found:
        (function,) = defined(exercise) & {n.name for n in ast.parse(exercise.source).body if hasattr(n, "name")}
        others = [ast.parse(cell.source) for cell in cells if cell is not exercise]
        assert not any(function in used(tree, ast.Load) | used(tree, ast.Store) for tree in others)
        tree = ast.parse(solution)
        own = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)} | used(tree, ast.Store) | {function}
        assert used(tree, ast.Load) - own - set(dir(builtins)) <= given
    assert not any(defined(cell) & given for cell in cells)


@EVERY_LESSON
def test_no_sentence_stands_on_the_line_that_opens_a_cell_where_the_notebook_loses_it(stem):
    assert [cell.metadata["title"] for cell in read_lesson(stem).cells if "title" in cell.metadata] == []
