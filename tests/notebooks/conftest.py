"""What each lesson took, told when the tests are over."""

import pytest

RUNS = pytest.StashKey[list]()


@pytest.fixture(scope="session")
def lesson_runs(pytestconfig):
    """List of ``(lesson, how, seconds, MiB)``, printed at the end."""
    return pytestconfig.stash.setdefault(RUNS, [])


def pytest_terminal_summary(terminalreporter, config):
    if runs := config.stash.get(RUNS, []):
        terminalreporter.section("lessons: time and peak memory of the kernel")
        for lesson, how, seconds, peak in sorted(runs):
            terminalreporter.line(f"{lesson:<32} {how:<15} {seconds:6.1f} s {peak:7.0f} MiB")
