"""What one look at a machine found: a sentence, and how to mend it where something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
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
    status: Status
    said: str
    mend: str = ""


Check = Callable[[], Iterable[Finding]]


def guarded(name: str, check: Check) -> Iterator[Finding]:
    """The findings of a check; one that cannot be carried out is itself a finding, not a crash."""
    try:
        yield from check()
    except ModuleNotFoundError as error:
        yield Finding(
            name, "problem", f"cannot be looked at: the module {error.name} is missing", "mend the packages first"
        )
    except Exception as error:
        yield Finding(
            name,
            "problem",
            f"cannot be looked at ({type(error).__name__}: {error})",
            "if mending the lines above does not help, please report this line",
        )
