"""The Compose files: Docker Compose itself reads them, without an engine; and what this house wants of them besides."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from boxoffice.proxies import read_networks
from boxoffice.settings import Settings, environment_name, load_settings
from tests.deploy.conftest import tool
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
SECRETS = {
    name: f"a-secret-of-the-tests-{name}" for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "BOXOFFICE_ADMIN_TOKEN")
}
FILES = {"single": ["compose.yaml"], "citus": ["compose.yaml", "compose.citus.yaml"]}
OURS = ("migrate", "web-1", "web-2")
STOP_SECONDS = 3
Values = Mapping[str, object]


def config(files: list[Path], told: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Have Compose read files and print what they come to; this build of it says nothing by its status."""
    named = [word for file in files for word in ("--file", str(file))]
    command = [tool("docker-compose"), *named, "config", "--format", "json"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **told}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def services(files: list[str]) -> dict[str, dict[str, object]]:
    read = config([DEPLOY / file for file in files], SECRETS)
    assert read.stdout, read.stderr
    found: dict[str, dict[str, object]] = json.loads(read.stdout)["services"]
    return found


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_compose_reads_them(files: list[str]) -> None:
    assert set(OURS) < set(services(files))


@pytest.mark.parametrize("missing", SECRETS)
def test_without_a_secret_nothing_starts(missing: str) -> None:
    told = {name: value for name, value in SECRETS.items() if name != missing}
    read = config([DEPLOY / "compose.yaml"], told)
    assert not read.stdout
    assert missing in read.stderr


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("read_only: true", "readonly: true"),
        ("restart: unless-stopped", "restart: [unless-stopped]"),
        (
            "migrate: {condition: service_completed_successfully}",
            "migrant: {condition: service_completed_successfully}",
        ),
        ("networks: [inside]", "networks: [outside]"),
    ],
)
def test_control_a_broken_file_is_found(good: str, bad: str, tmp_path: Path) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert good in text
    broken = tmp_path / "compose.yaml"
    broken.write_text(text.replace(good, bad), encoding="utf-8")
    assert not config([broken], SECRETS).stdout


@pytest.mark.parametrize("name", OURS)
def test_ours_may_do_nothing_that_they_need_not(name: str) -> None:
    ours = services(FILES["single"])[name]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in ours


@pytest.mark.parametrize("name", OURS)
def test_what_they_are_told_are_settings(name: str) -> None:
    told = services(FILES["single"])[name]["environment"]
    assert isinstance(told, dict)
    assert set(told) <= {environment_name(field) for field in Settings.__struct_fields__}
    settings = load_settings(told)
    assert settings.trusted_proxies is not None
    assert read_networks(settings.trusted_proxies)
    grace = services(FILES["single"])["web-1"]["stop_grace_period"]
    assert grace == "20s"
    assert settings.leave_seconds + STOP_SECONDS < 20


def test_only_the_balancer_is_reached_from_outside() -> None:
    found = services(FILES["citus"])
    assert [name for name, service in found.items() if "ports" in service] == ["haproxy"]
    told = found["haproxy"]["environment"]
    assert isinstance(told, dict)
    assert {told["WEB_1"], told["WEB_2"]} == {"web-1:8000", "web-2:8000"}
    with (DEPLOY / "haproxy" / "haproxy.cfg").open(encoding="utf-8") as shipped:
        assert '"${WEB_2}"' in shipped.read()
