"""Which Chromium the browser tests use: one that is named, one that is installed, or one that root may install."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.debian import ROOT_USER, install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


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
    """Install Debian's Chromium, as root. Return its path, None where it cannot be had."""
    install(["chromium"], lock, lambda: find_chromium() is not None)
    return find_chromium()
