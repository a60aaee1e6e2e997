"""The locked requirements hold what pyproject.toml asks for, with hashes, and name no package index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
ASKED = {
    "requirements-uv.txt": GROUPS["installer"],
    "requirements-k6.txt": GROUPS["generator"],
    "requirements-mutation.txt": GROUPS["mutation"],
    "requirements-deploy.txt": GROUPS["deploy"],
    "deploy/requirements-build.txt": GROUPS["build"],
    "requirements-node.txt": GROUPS["page"],
    "requirements.txt": PROJECT["project"]["dependencies"] + GROUPS["build"],
    "requirements-dev.txt": PROJECT["project"]["dependencies"] + GROUPS["build"] + GROUPS["dev"],
}


def pinned(file: str) -> dict[str, str]:
    """Return the version of each package that a file pins."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / file).read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", ASKED)
def test_what_is_asked_for_is_pinned(file: str) -> None:
    versions = pinned(file)
    asked = [Requirement(each) for each in ASKED[file]]
    assert asked
    missing = [each.name for each in asked if versions.get(canonicalize_name(each.name), "") not in each.specifier]
    assert missing == [], "run `make lock`"


@pytest.mark.parametrize("file", ASKED)
def test_every_pin_has_hashes_and_no_index_is_named(file: str) -> None:
    text = (ROOT / file).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?:|file:|--\w*index|--find-links", text) == []


def test_the_tests_run_on_what_is_run() -> None:
    run, tested = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert {name: tested.get(name) for name in run} == run
