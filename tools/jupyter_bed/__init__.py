"""What browser tests and benchmarks share: real servers, a real Chromium, and a notebook in it.

It lies here so that tests import nothing from benchmarks, nor benchmarks from tests.
"""

from .chromium import chromium_path, launched
from .contrast import faint_texts
from .lab import PATIENCE, Lab
from .servers import LabServer, VoilaServer
from .session import lab_session

__all__ = ["PATIENCE", "Lab", "LabServer", "VoilaServer", "chromium_path", "faint_texts", "lab_session", "launched"]
