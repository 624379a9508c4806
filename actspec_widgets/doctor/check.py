"""What one look at a machine gives: a sentence, and how to mend what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """One line of the examination.

    Attributes
    ----------
    name : str
        What was looked at.
    status : {"ok", "warning", "problem"}
        A problem keeps some lesson from running as written; a warning does not.
    said : str
        What was found.
    mend : str
        What to do; empty where there is nothing to do.
    """

    name: str
    status: Literal["ok", "warning", "problem"]
    said: str
    mend: str = ""


Look = Callable[[], Iterable[Check]]


def guarded(name: str, look: Look) -> Iterator[Check]:
    """The checks of one look; where it cannot be carried out, that is a problem and not a crash."""
    try:
        yield from look()
    except ModuleNotFoundError as error:
        yield Check(name, "problem", f"cannot be looked at: {error.name} is missing", "mend the packages first")
    except Exception as error:
        said = f"cannot be looked at ({type(error).__name__}: {error})"
        yield Check(name, "problem", said, "if mending the lines above does not help, please report this line")
