"""The tools that look at deploy/: `make deploy` installs them and asks for all; else what needs them is left out."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

PROGRAMS = ("hadolint", "docker-compose")
MODULES = ("helm_python", "kubernetes_validate")
LEFT_OUT = "NOT RUN: `make deploy` runs it."


def asked_for_all() -> None:
    """Leave the test out unless all was asked for, by DEPLOY=all."""
    if os.environ.get("DEPLOY") != "all":
        pytest.skip(LEFT_OUT)


def tool(name: str) -> str:
    """Return the path of a program of this environment, or the name of a module of it, where all was asked for."""
    asked_for_all()
    there = shutil.which(name, path=str(Path(sys.executable).parent)) if name in PROGRAMS else _module(name)
    assert there, f"there is no {name}: `make deploy` installs it"
    return there


def _module(name: str) -> str | None:
    assert name in MODULES
    return name if importlib.util.find_spec(name) else None
