"""What went wrong, as a sentence in the page; and the guard that brings every callback's error there."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import TraitError

from .words import capital, tidy


class Banner(widgets.HTML):
    """Empty until :meth:`say`; read aloud by screen readers when it appears."""

    def __init__(self) -> None:
        super().__init__()
        self.add_class("actspec-banner")
        self.add_class("actspec-hidden")
        self.text = ""

    def say(self, text: str) -> None:
        starts_with_a_word = text.partition(" ")[0].isalpha()  # not with a name like layer='fc9'
        self.text = tidy(capital(text) if starts_with_a_word else text, 600)
        self.value = f'<div role="alert">{html.escape(self.text)}</div>'
        self.remove_class("actspec-hidden")

    def clear(self) -> None:
        if self.text:
            self.text = self.value = ""
            self.add_class("actspec-hidden")


def sentence(error: BaseException) -> str:
    """An exception for people: its own words where they are sentences of ours, else with its kind."""
    text = str(error)
    return (
        text if isinstance(error, (ValueError, TraitError)) and text else f"{type(error).__name__}: {text}".rstrip(": ")
    )


def guarded(method: Callable[..., Any]) -> Callable[..., None]:
    """Make a method safe as a widget's callback: JupyterLab would hide its exception in the log.

    The method's object shows the error in its ``banner``.
    """

    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as error:
            self.banner.say(sentence(error))

    return call
