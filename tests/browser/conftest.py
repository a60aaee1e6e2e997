"""A Chromium, and Playwright's runner on a database and a Redis of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

from tests.browser.chromium import find_chromium, install_chromium, must_have_chromium
from tests.debian import ROOT_USER
from tests.house.tree import ROOT

WEB = ROOT / "web"
RUNNER = WEB / "node_modules" / "@playwright" / "test" / "cli.js"
NODE = Path(sys.executable).parent / "node"
STORIES_SECONDS_MAX = 1_800


class Play(Protocol):
    """Runs Playwright's runner with these arguments; returns what it printed. Fails with it when a story fails."""

    def __call__(self, *arguments: str) -> str: ...


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """The path of a Chromium; None where there is none, and none is needed."""
    if found := find_chromium():
        return found
    if os.geteuid() == ROOT_USER:
        found = install_chromium(tmp_path_factory.getbasetemp().parent / "chromium.lock")
    needed = must_have_chromium(os.environ, user=os.geteuid())
    assert found or not needed, "There is no Chromium: name one by CHROMIUM, or let apt-get install it."
    return found


@pytest.fixture
def play(
    chromium: str | None, database_url: str, redis_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Play:
    """Play stories of `web/tests` on an empty database; where there is no Chromium, the test is left out, loudly."""
    if chromium is None:
        pytest.skip(f"NOT RUN IN A BROWSER: {request.node.name}, for want of Chromium. Name one by CHROMIUM.")
    assert RUNNER.exists(), "The page's tools are not installed: make test-web"
    assert (WEB / "dist" / "index.html").exists(), "The page is not built: make web"
    environment = {
        **os.environ,
        "CHROMIUM": chromium,
        "PYTHON": sys.executable,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "BOXOFFICE_DATA_DIR": str(tmp_path / "data"),
        "PLAYWRIGHT_OUTPUT": str(tmp_path / "output"),
    }

    def run(*arguments: str) -> str:
        command = [str(NODE), str(RUNNER), "test", *arguments]
        told = subprocess.run(
            command, cwd=WEB, env=environment, timeout=STORIES_SECONDS_MAX, capture_output=True, text=True, check=False
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    return run
