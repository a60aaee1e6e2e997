"""Which Chromium the browser tests use: one that is named, one that is installed, or one that root may install."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = ("apt-get install --yes --no-install-recommends chromium", "apt-get update")
INSTALL_SECONDS_MAX = 600
ROOT_USER = 0


def find_chromium(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of a Chromium, None where there is none. $CHROMIUM is taken at its word."""
    named = environment.get("CHROMIUM")
    if named:
        return named
    return next((found for name in NAMES if (found := shutil.which(name, path=environment.get("PATH", "")))), None)


def must_have_chromium(environment: Mapping[str, str], *, user: int) -> bool:
    """Tell whether the browser tests may not be left out: in CI, and where one may install what is missing."""
    return environment.get("CI") == "true" or user == ROOT_USER


def install_chromium(lock: Path) -> str | None:
    """Install Debian's Chromium, as root; one test process at a time. Return its path, None where it cannot be had."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if shutil.which("apt-get") and not find_chromium():
            install, update = (command.split() for command in INSTALL)
            for command in (update, install):
                subprocess.run(command, timeout=INSTALL_SECONDS_MAX, capture_output=True, check=False)
    return find_chromium()
