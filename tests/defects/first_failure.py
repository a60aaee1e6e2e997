"""A plugin of pytest: stop at the first test that fails, and write down which and why."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

import boxoffice

FAILURE = "FIRST_FAILURE_FILE"
"""The environment variable that names the file to write to: the test's id, then why, or nothing while it runs."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to run on any other code than that of the copy."""
    if not Path(boxoffice.__file__).is_relative_to(session.config.rootpath):
        raise pytest.UsageError(f"{boxoffice.__file__} is not in {session.config.rootpath}")


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
