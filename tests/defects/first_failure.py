"""A plugin of pytest: stop at the first test that fails, and write down which and why.

Controls are left out: they show what a guard is for by a version of their own without it, and say nothing of the one
that is there.
"""

import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest

import boxoffice

FAILURE = "FIRST_FAILURE_FILE"
"""The environment variable that names the file to write to: the test's id, then why, or nothing while it runs."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to run on any other code than that of the copy; be stopped by SIGINT, also behind a shell that is not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not Path(boxoffice.__file__).is_relative_to(session.config.rootpath):
        raise pytest.UsageError(f"{boxoffice.__file__} is not in {session.config.rootpath}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the controls out."""
    items[:] = [item for item in items if "control" not in item.name]


def pytest_runtest_logstart(nodeid: str) -> None:
    """Note the test that runs, in case it never ends."""
    Path(os.environ[FAILURE]).write_text(f"{nodeid}\n", encoding="utf-8")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the first test that fails, and end the session."""
    report = yield
    if report.failed and not item.session.shouldstop:
        lines = str(getattr(report.longrepr, "reprcrash", report.longrepr)).splitlines()
        Path(os.environ[FAILURE]).write_text("\n".join([item.nodeid, *lines]), encoding="utf-8")
        item.session.shouldstop = "a test has failed"
    return report
