"""The distribution's own Chromium, headless; Playwright drives it and downloads nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # Chromium refuses to run as root with it
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",  # this and the next three: no calls to the internet
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)
NONE_FOUND = "no Chromium found: install it (Debian: apt-get install chromium) or name one in CHROMIUM"


def chromium_path() -> str | None:
    """The browser on this machine, or the one named by the variable CHROMIUM."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def launched() -> Iterator[Any]:
    """Playwright's browser.

    Raises
    ------
    RuntimeError
        If there is no Chromium.
    """
    if (path := chromium_path()) is None:
        raise RuntimeError(NONE_FOUND)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
