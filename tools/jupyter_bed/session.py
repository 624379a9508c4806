"""A JupyterLab and its page inside a ``with`` statement, for scripts; tests have fixtures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from .chromium import launched
from .lab import Lab
from .servers import LabServer


@contextlib.contextmanager
def lab_session(width: int = 1280, height: int = 1000) -> Iterator[Lab]:
    """A page of that size on a JupyterLab whose folder of notebooks, ``lab.server.root``, is empty."""
    with TemporaryDirectory() as folder:
        notebooks, private = Path(folder, "notebooks"), Path(folder, "private")
        notebooks.mkdir()
        private.mkdir()
        server = LabServer(notebooks, private)
        try:
            with launched() as browser:
                page = browser.new_page(viewport={"width": width, "height": height})
                yield Lab(page, server)
        finally:
            server.stop()
