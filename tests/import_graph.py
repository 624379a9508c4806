"""Which module of the package imports which, and the circles among them: ``python tests/import_graph.py [folder]``.

Imports count wherever they stand, inside functions too: one has to know all modules of a circle to follow any of
them. Those under ``TYPE_CHECKING``, which are made for hints alone, count as well, and are left out in a second count.
The script prints the circles room by room and fails where one is not in ``LEFT``.
"""

import ast
import sys
from pathlib import Path

NAME = "actspec_widgets"
PACKAGE = Path(__file__).parents[1] / NAME
# Circles that are still there, each with the modules in it, for hints alone. This list only ever gets shorter.
LEFT = {
    ("results.measures", "results.spectrum", "results.spectrum_file", "results.summary"),
}


def imports(source, parts, hints=True):
    """Dotted names of everything that a module imports, anywhere in it; `parts` is its own package's name, split."""
    for node in _nodes(ast.parse(source), hints):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level + 1]) + "." if node.level else ""
            stem = f"{base}{node.module or ''}".rstrip(".")
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def _nodes(node, hints):
    for child in ast.iter_child_nodes(node):
        if hints or not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from _nodes(child, hints)


def package_of(path, package=PACKAGE):
    """The package in which a file's relative imports start, split."""
    return (NAME, *path.relative_to(package).parent.parts)


def import_graph(package=PACKAGE, hints=True):
    """Each module of the package, its name without the package's, and the set of those that it imports."""
    files = {}
    for path in package.rglob("*.py"):
        name = (*package_of(path, package), *([] if path.stem == "__init__" else [path.stem]))
        files[".".join(name)] = path
    graph = {}
    for module, path in files.items():
        named = imports(path.read_text(encoding="utf-8"), package_of(path, package), hints)
        found = {_module(name, files) for name in named}
        graph[module.removeprefix(f"{NAME}.")] = {name.removeprefix(f"{NAME}.") for name in found - {"", module}}
    return graph


def _module(name, modules):
    """The module that an imported name is, or comes from; empty where it is another package's."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def circles(graph):
    """Groups of two or more modules of which each imports every other, directly or through others, as sorted tuples."""
    reached = {module: _reached(module, graph) for module in graph}
    groups = {
        tuple(sorted(other for other in reached[module] if module in reached[other]))
        for module in graph
        if module in reached[module]
    }
    return groups


def _reached(start, graph):
    """All modules that one imports, directly or through others; itself only where it is in a circle."""
    found, ahead = set(), [start]
    while ahead:
        new = graph[ahead.pop()] - found
        found |= new
        ahead.extend(new)
    return found


def main(package=PACKAGE):
    found = sorted(circles(import_graph(package)))
    print(f"{len(found)} circles of imports, {sum(map(len, found))} modules in them")
    print(f"{len(circles(import_graph(package, hints=False)))} without the imports for hints alone")
    for circle in found:
        print(f"  {circle[0].partition('.')[0]}: {', '.join(circle)}{'' if circle in LEFT else '  NEW'}")
    return bool(set(found) - LEFT)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
