"""The rooms of the package and which may know of which."""

import subprocess
import sys
from pathlib import Path

import pytest

from actspec_widgets.compute.kernels import SOURCES
from import_graph import LEFT, PACKAGE, circles, import_graph, imports, package_of

# Each room, and the rooms it may import from.
ARROWS = {
    "progress": set(),
    "files": {"progress"},
    "patterns": {"files", "progress"},
    "results": {"patterns", "files", "progress"},
    "compute": {"results", "patterns", "files", "progress"},
    "datasets": {"patterns", "files", "progress"},
    "networks": {"datasets", "compute", "results", "patterns", "files", "progress"},
    "lessons": {"results", "patterns"},
    "studies": {"datasets", "networks", "compute", "results", "patterns", "files", "progress"},
    "views": {"studies", "datasets", "networks", "compute", "results", "patterns", "files", "progress"},
    "doctor": {"views", "datasets", "compute", "patterns", "files", "progress"},
}
# The same among the rooms of `views`.
VIEW_ARROWS = {
    "kit": set(),
    "parts": {"kit"},
    "explorer": {"kit", "parts"},
    "labs": {"kit", "parts"},
    "pages": {"kit"},
}
# Libraries that only some rooms, or single files, may import at all, inside functions included.
OWNERS = {
    "numba": {"compute", "doctor"},  # compiled code is kept for one version of `compute` and what it imports
    "torch": {"networks", "compute/device.py"},
    "ipywidgets": {"views"},
    "bqplot": {"views"},
    "IPython": {"views"},
}
HEAVY = ["torch", "ipywidgets", "bqplot", "pandas", "scipy", "pooch", "IPython", "tqdm", "matplotlib"]

FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def broken_arrows(source, path):
    room = room_of(path)
    for name in imports(source, package_of(path)):
        first, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if first == "actspec_widgets" and target != room and target not in ARROWS[room]:
            yield f"{room} -> {target or 'the top level'} ({name})"
        if first in OWNERS and not {room, path.relative_to(PACKAGE).as_posix()} & OWNERS[first]:
            yield f"{room} imports {first}"


def broken_view_arrows(source, path):
    room = path.relative_to(PACKAGE).parts[1]
    for name in imports(source, package_of(path)):
        parts = name.split(".")
        if parts[:2] == ["actspec_widgets", "views"] and len(parts) > 2:
            target = parts[2]
            if target != room and target not in VIEW_ARROWS[room]:
                yield f"{room} -> {target} ({name})"


def test_reader_of_imports_resolves_every_form():
    source = "import a.b\nfrom c import d\ndef f():\n    from . import e\n    from ..g.h import i\n"
    found = set(imports(source, ("top", "room")))
    assert found == {"a.b", "c.d", "top.room.e", "top.g.h.i"}


def test_a_wrong_arrow_is_found():
    path = PACKAGE / "compute" / "scan.py"
    source = "from ..results import Estimates\nfrom ..views import theme\nimport torch.nn\n"
    found = list(broken_arrows(source, path))
    assert found == ["compute -> views (actspec_widgets.views.theme)", "compute imports torch"]


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if p != PACKAGE / "__init__.py"],
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_imports_follow_the_arrows(path):
    assert list(broken_arrows(path.read_text(), path)) == []


def test_compiled_kernels_are_kept_for_one_version_of_all_rooms_that_they_can_be_made_from():
    assert {Path(source).parts[0].removesuffix(".py") for source in SOURCES} == ARROWS["compute"] | {"compute"}


@pytest.mark.parametrize(
    "path",
    sorted((PACKAGE / "views").glob("*/*.py")),
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_views_follow_their_own_arrows(path):
    assert list(broken_view_arrows(path.read_text(), path)) == []


def test_a_wrong_arrow_among_views_is_found():
    path = PACKAGE / "views" / "parts" / "degree.py"
    source = "from ..kit.theme import INK\nfrom ..labs.noise_lab import NoiseLab\n"
    assert list(broken_view_arrows(source, path)) == ["parts -> labs (actspec_widgets.views.labs.noise_lab.NoiseLab)"]


def test_circles_of_imports_are_those_left_and_no_new_one():
    found = circles(import_graph())
    assert found - LEFT == set(), "new circles: let one of the modules do without the others"
    assert LEFT - found == set(), "circles that are gone, or smaller: take them from LEFT in import_graph.py"
    assert circles(import_graph(hints=False)) == set(), "those left are for type hints alone"


def test_circles_are_found_through_other_modules_too():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set(), "f": {"g", "a"}, "g": {"f"}}
    assert circles(graph) == {("a", "b", "c"), ("f", "g")}


def test_import_graph_reads_packages_and_names_inside_functions(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "__init__.py").write_text("from .one import f\n")
    (tmp_path / "room" / "one.py").write_text("import numpy\ndef f():\n    from .. import room\n")
    (tmp_path / "two.py").write_text("if TYPE_CHECKING:\n    from .room import one\n")
    assert import_graph(tmp_path)["room.one"] == {"room"}
    assert circles(import_graph(tmp_path)) == {("room", "room.one")}
    assert (import_graph(tmp_path)["two"], import_graph(tmp_path, hints=False)["two"]) == ({"room.one"}, set())


def loaded_after(statement):
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split()).intersection(HEAVY)


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_after("import actspec_widgets") == set()


def test_using_the_method_loads_neither_torch_nor_widgets():
    names = "Patterns, activation_spectroscopy, character_means, scan, walsh_hadamard, Spectrum"
    loaded = loaded_after(f"from actspec_widgets import {names}")
    assert not loaded & {"torch", "ipywidgets", "bqplot", "pandas", "pooch"}
