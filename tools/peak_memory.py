"""The most memory that a kernel has held, asked in the kernel itself."""

PEAK_MIB = """
import re, resource, sys
if sys.platform == "linux":  # getrusage there begins with what the process that started this one held
    print("peak MiB", int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024)
else:
    print("peak MiB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20))
"""
"""Code to run in a kernel; it prints ``peak MiB`` and a number."""
