"""The Compose files: Docker Compose itself reads them, without an engine; and what this house wants of them besides."""

import json
import os
import subprocess
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import cast

import pytest

from boxoffice.proxies import Proxies, read_networks
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
HOST = "172.30.77.1"
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
        ("{inside: {ipv4_address: 172.30.77.11}}", "{inside: {ipv4_adress: 172.30.77.11}}"),
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
    shipped = (DEPLOY / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8")
    assert all(f'"${{{name}}}"' in shipped for name in environment_of(found["haproxy"]))


def environment_of(service: Values) -> dict[str, str]:
    return cast("dict[str, str]", service["environment"])


def address(service: Values) -> str:
    """Return the address that a service always has, also when its container is made anew."""
    networks = cast("dict[str, dict[str, str] | None]", service["networks"])
    return (networks["inside"] or {}).get("ipv4_address", "")


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_the_balancer_finds_a_service_that_was_made_anew(files: list[str]) -> None:
    found = services(files)
    told = environment_of(found["haproxy"])
    ours = [found[name] for name in ("web-1", "web-2")]
    assert [told["WEB_1"], told["WEB_2"]] == [f"{address(each)}:8000" for each in ours]
    given = ip_network("172.30.77.128/25")
    always = {ip_address(address(each)) for each in [*ours, found["haproxy"]]}
    assert len(always) == 3
    assert not [each for each in always if each in given]
    assert str(given) in (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def test_nobody_but_the_balancer_is_believed_about_clients() -> None:
    """By the gateway, which is the host itself, clients come whom the balancer tells of by that address."""
    found = services(FILES["single"])
    balancer, forged = address(found["haproxy"]), "203.0.113.9"
    believed = Proxies(read_networks(environment_of(found["web-1"])["BOXOFFICE_TRUSTED_PROXIES"]))
    assert believed.client_of(balancer, [f"{forged}, {HOST}"]) == HOST
    assert believed.client_of(address(found["web-2"]), [forged]) == address(found["web-2"])
    with_its_network = Proxies(read_networks("172.30.77.0/24"))  # control: then the test would fail
    assert with_its_network.client_of(balancer, [f"{forged}, {HOST}"]) == forged
