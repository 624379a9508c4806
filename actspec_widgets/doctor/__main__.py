"""The examination from the command line: ``python -m actspec_widgets.doctor [--json] [WHAT ...]``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict

from . import CHECKS, Finding, examine
from .versions import PROJECT, project_version

_WORST_FIRST = ("problem", "warning", "ok")


def main(arguments: list[str] | None = None) -> int:
    """Examine and print; the exit status is 0 when there is no problem (warnings do not count), else 1."""
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is a finding, not a crash
    findings = examine({name: check for name, check in CHECKS.items() if not options.what or name in options.what})
    seen = _as_json(findings) if options.json else _as_text(findings)
    return 1 if "problem" in seen else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m actspec_widgets.doctor",
        description="Is this machine ready for the lessons? Says what is wrong and how to mend it.",
        epilog="The exit status is 0 when there is no problem; warnings do not count.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for a list of many machines")
    parser.add_argument("what", nargs="*", type=_check, help=f"look at these only: {', '.join(CHECKS)}")
    return parser


def _check(name: str) -> str:
    if name not in CHECKS:
        raise argparse.ArgumentTypeError(f"there is nothing called {name!r} to look at; there are {', '.join(CHECKS)}")
    return name


def _as_text(findings: Iterable[Finding]) -> list[str]:
    print(f"{PROJECT} {project_version()} on {platform.platform()}\n", flush=True)
    seen: list[str] = []
    for finding in findings:
        print(f"{finding.status:8} {finding.name}: {finding.said}", flush=True)
        if finding.mend:
            print(f"         -> {finding.mend}", flush=True)
        seen.append(finding.status)
    problems, warnings = seen.count("problem"), seen.count("warning")
    if problems or warnings:
        print(f"\n{_count(problems, 'problem')}, {_count(warnings, 'warning')}; each -> says how to mend it.")
    else:
        print("\nThis machine is ready.")
    return seen


def _as_json(findings: Iterable[Finding]) -> list[str]:
    found = list(findings)
    seen: list[str] = [finding.status for finding in found]
    report = {
        "machine": platform.node(),
        "platform": platform.platform(),
        "version": project_version(),
        "status": next((status for status in _WORST_FIRST if status in seen), "ok"),
        "findings": [asdict(finding) for finding in found],
    }
    print(json.dumps(report, indent=1))
    return seen


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main())
