"""The examination from the command line: ``python -m actspec_widgets.doctor [--json] [WHAT ...]``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict

from . import LOOKS, examine


def main(arguments: list[str] | None = None) -> int:
    """Examine and print; the exit status is 0 when there is no problem (warnings do not count), else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m actspec_widgets.doctor",
        description="Is this machine ready for the lessons? Says what is wrong and how to mend it.",
        epilog="The exit status is 0 when there is no problem; warnings do not count.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for a list of many machines")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"look at these only: {', '.join(LOOKS)}")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.what if name not in LOOKS]:
        parser.error(f"there is nothing called {unknown[0]!r} to look at; there are {', '.join(LOOKS)}")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 is a warning, not a crash
    checks = []
    for check in examine(*options.what):
        checks.append(check)
        if not options.json:
            mend = f"\n         -> {check.mend}" if check.mend else ""
            print(f"{check.status:8} {check.name}: {check.said}{mend}", flush=True)
    counts = {status: [check.status for check in checks].count(status) for status in ("problem", "warning")}
    if options.json:
        worst = next((status for status, count in counts.items() if count), "ok")
        about = {"machine": platform.node(), "platform": platform.platform(), "status": worst}
        print(json.dumps({**about, "checks": [asdict(check) for check in checks]}, indent=1))
    elif any(counts.values()):
        print(f"\n{counts['problem']} problem(s), {counts['warning']} warning(s); each -> says how to mend it.")
    else:
        print("\nThis machine is ready.")
    return 1 if counts["problem"] else 0


if __name__ == "__main__":
    sys.exit(main())
