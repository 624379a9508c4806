"""The bed on which browser tests and the latency benchmark lie: real servers, a real Chromium, a notebook in it.

It belongs to neither: tests must not know of benchmarks, nor benchmarks of tests.
"""

from .chromium import chromium_path, launched
from .contrast import faint_texts
from .lab import Lab
from .servers import LabServer, VoilaServer
from .session import lab_session

__all__ = ["Lab", "LabServer", "VoilaServer", "chromium_path", "faint_texts", "lab_session", "launched"]
