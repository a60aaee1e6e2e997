"""The import contracts of pyproject.toml hold, and each of them breaks when one file imports what it forbids."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
TRESPASSES = [
    ("booking", "booking/hold.py", "import boxoffice.availability"),
    ("booking", "booking/sweeper.py", "import redis"),
    ("catalog", "catalog/describe.py", "import boxoffice.booking.hold"),
    ("availability", "availability/keys.py", "import boxoffice.catalog.describe"),
    ("availability", "availability/keys.py", "import boxoffice.booking.values"),
    ("api", "api/holds.py", "import boxoffice.booking.hold"),
    ("api", "api/holds.py", "import asyncpg"),
    ("layers", "selling.py", "import boxoffice.cli"),
    ("layers", "errors.py", "import boxoffice.settings"),
    ("layers", "unplaced.py", "import json"),
    ("pure", "booking/allocation.py", "import asyncio"),
    ("pure", "catalog/spread.py", "import sqlalchemy"),
    ("pure", "values.py", "import boxoffice.database"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the project in `folder` against its own sources."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = [str(LINT_IMPORTS), "--no-cache", "--no-logo", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_contracts_hold() -> None:
    checked = lint(ROOT)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_contract_has_its_control() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in TRESPASSES}


@pytest.mark.parametrize(("contract", "file", "trespass"), TRESPASSES)
def test_control_a_contract_breaks(contract: str, file: str, trespass: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "page"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "src/boxoffice" / file).open("a") as source:
        source.write(f"\n{trespass}\n")
    checked = lint(tmp_path, "--contract", contract)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "1 broken" in checked.stdout, checked.stdout + checked.stderr
