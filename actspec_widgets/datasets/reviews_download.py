"""Fetching the rated sentences from where they were published, once, into a cache that holds nothing unchecked."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from ..progress import Progress
from .mnist_download import CACHE_VARIABLE, _Bar, _quiet, _reason

NAME = "vaderSentiment-3.3.2.tar.gz"
ADDRESS = (
    f"https://files.pythonhosted.org/packages/77/8c/4a48c10a50f750ae565e341e697d74a38075a3e43ff0df6f1ab72e186902/{NAME}"
)
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"


def fetch(progress: Progress | bool) -> Path:
    """The source distribution of ``vaderSentiment`` in the cache, downloaded unless it is there.

    Raises
    ------
    OSError
        If it can not be fetched, or is not the file that it should be; nothing is kept then.
    """
    import pooch

    cache = Path(os.environ.get(CACHE_VARIABLE) or pooch.os_cache("actspec_widgets"))
    try:
        with _quiet(pooch.get_logger()), closing(_Bar(progress, NAME)) as bar:
            downloader = pooch.HTTPDownloader(progressbar=bar)
            return Path(pooch.retrieve(ADDRESS, f"sha256:{SHA256}", fname=NAME, path=cache, downloader=downloader))
    except (OSError, ValueError) as error:  # pooch raises ValueError where the checksum differs
        reason = "it has another checksum" if isinstance(error, ValueError) else _reason(error)
        raise OSError(
            f"the rated sentences could not be downloaded from {ADDRESS} ({reason}); nothing was kept. Try again, or "
            "name a file of yours: load_reviews(path=...) or the environment variable ACTSPEC_REVIEWS"
        ) from error
