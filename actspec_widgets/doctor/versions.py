"""Python and the installed packages, against what the project asks for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata

from .findings import Finding

PROJECT = "actspec_widgets"
OLDEST_PYTHON = (3, 11)
INSTALL = 'python -m pip install -c constraints.txt -e ".[lab]" in a clone (or "make lab")'


def project_version() -> str:
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:
        return "(not installed by pip)"


def python() -> Iterator[Finding]:
    version = "{}.{}.{}".format(*sys.version_info)
    if sys.version_info < OLDEST_PYTHON:
        oldest = "{}.{}".format(*OLDEST_PYTHON)
        yield Finding("Python", "problem", f"{version}, at {sys.executable}", f"install Python {oldest} or newer")
    else:
        yield Finding("Python", "ok", f"{version}, at {sys.executable}")


def packages(project: str = PROJECT, extras: tuple[str, ...] = ("", "lab")) -> Iterator[Finding]:
    """One line for all packages that fit, one more for each that is missing or does not."""
    from packaging.requirements import Requirement

    try:
        asked = metadata.requires(project) or []
    except metadata.PackageNotFoundError:
        yield Finding("packages", "warning", f"pip knows no {project} here, so versions were not compared", INSTALL)
        return
    fitting = []
    for requirement in map(Requirement, asked):
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            yield Finding(requirement.name, "problem", f"is missing; {requirement} is needed", INSTALL)
            continue
        if requirement.specifier.contains(version, prereleases=True):
            fitting.append(f"{requirement.name} {version}")
        else:
            yield Finding(requirement.name, "problem", f"is {version}; {requirement} is needed", INSTALL)
    if fitting:
        yield Finding("packages", "ok", f"{len(fitting)} fit what is asked for: {', '.join(fitting)}")
