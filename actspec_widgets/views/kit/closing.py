"""Closing an instrument with everything that it alone uses: ipywidgets closes the outermost box only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import ipywidgets as widgets
from ipywidgets.widgets.widget import _instances

from .job import Job

_LARGE = 2000  # bytes or entries of a value that is emptied


def close_tree(root: widgets.Widget) -> int:
    """Stop what runs in a widget, and close it with all that it reaches, but nothing that a widget outside still uses.

    Large values are emptied first: JupyterLab keeps the model of a closed widget until its kernel goes.

    Returns
    -------
    int
        How many widgets were closed.
    """
    mine = _reached(root)
    others = [w for w in list(_instances.values()) if id(w) not in mine]
    links = [w for w in others if isinstance(w, widgets.widget_link.Link) and any(id(r) in mine for r in used_by(w))]
    gone = {id(link) for link in links}
    waiting = [r for w in others if id(w) not in gone for r in used_by(w) if id(r) in mine and r is not root]
    while waiting:  # it stays, with all that it uses itself
        kept = waiting.pop()
        if mine.pop(id(kept), None) is not None:
            waiting.extend(r for r in used_by(kept) if id(r) in mine and r is not root)
    closed = [*links, *mine.values()]
    for widget in closed:
        if isinstance(widget, Job):
            widget.cancel()
    for widget in closed:  # the root first: its view goes, and nothing is drawn again
        widget.unobserve_all()
        if widget is not root:
            _empty(widget)
        widgets.Widget.close(widget)  # past a close() of its own, which may be what called this
    return len(closed)


def _reached(root) -> dict[int, widgets.Widget]:
    found: dict[int, widgets.Widget] = {}
    waiting = [root]
    while waiting:
        widget = waiting.pop()
        if id(widget) not in found:
            found[id(widget)] = widget
            waiting.extend(used_by(widget))
    return found


def used_by(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """Widgets among a widget's values, as they are: asking for a trait would make its default.

    Of this package's widgets the plain attributes too: panels that are not shown at the moment.
    """
    yield from _inside(widget._trait_values.values())
    if type(widget).__module__.startswith(__package__.partition(".")[0]):
        yield from _inside(value for name, value in vars(widget).items() if name != "_trait_values")


def _inside(values: Iterable[Any]) -> Iterator[widgets.Widget]:
    for value in list(values):
        if isinstance(value, widgets.Widget):
            yield value
        elif isinstance(value, dict):
            yield from _inside(value.values())
        elif isinstance(value, (list, tuple)) and not isinstance(value, str):
            yield from _inside(value)


def _empty(widget):
    """Give large values their defaults, and send one more message: the browser keeps what the last one replaced."""
    emptied = False
    for name in widget.keys:
        value = widget._trait_values.get(name)
        size = len(value) if isinstance(value, (str, bytes, list, tuple, dict)) else getattr(value, "nbytes", 0)
        if size > _LARGE and not name.startswith("_"):
            with contextlib.suppress(Exception):  # a trait that refuses its own default keeps its value
                setattr(widget, name, widget.traits()[name].default(widget))
                emptied = True
    if emptied:
        widget.send_state("_model_name")
