"""The chart's values: each does something, all settings of the service can be told, and what is made of them fits."""

import json
from collections.abc import Iterator
from typing import TypeAlias, cast

import pytest
import yaml

from boxoffice.api.operations import OPERATIONS
from boxoffice.settings import Settings, environment_name
from tests.deploy.test_chart import CHART, TRIAL, at, one, rendered

Path: TypeAlias = tuple[str, ...]
BY_OTHER_VALUES = {
    "BOXOFFICE_ADMIN_TOKEN",
    "BOXOFFICE_DATA_URLS",
    "BOXOFFICE_LEAVE_SECONDS",
    "BOXOFFICE_TRUSTED_PROXIES",
}
OF_THE_IMAGE = {"BOXOFFICE_HOST", "BOXOFFICE_DATA_DIR", "BOXOFFICE_WEB_DIR", "BOXOFFICE_DEMO"}
"""What has no meaning in a pod: it listens everywhere, keeps no data, and sends the page that it came with."""
ONLY_WITH = {"replicas": {"autoscaling": {"enabled": False}}, "secret": TRIAL}
"""Values that do something beside others alone."""
OTHERS: dict[Path, object] = {
    ("image", "pullPolicy"): "Always",
    ("image", "pullSecrets"): [{"name": "registry"}],
    ("disruptionBudget", "maxUnavailable"): "30%",
    ("settings",): {"BOXOFFICE_HOLD_SECONDS": "120"},
    ("service", "type"): "NodePort",
    ("networkPolicy", "redisPorts"): [26379],
    ("tolerations",): [{"key": "web", "operator": "Exists"}],
    ("dataUrls", "secretKey"): "urls",
}
POD = ("spec", "template", "spec")
PEERS: list[object] = [{"ipBlock": {"cidr": "192.0.2.0/24"}}]


def settings_of_the_schema() -> set[str]:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    return set(schema["properties"]["settings"]["propertyNames"]["enum"])


def test_every_setting_can_be_told_and_nothing_that_is_none() -> None:
    known = {environment_name(field) for field in Settings.__struct_fields__}
    assert known >= BY_OTHER_VALUES | OF_THE_IMAGE
    ours = {name for name in known if name.startswith("BOXOFFICE_")}
    assert settings_of_the_schema() == ours - BY_OTHER_VALUES - OF_THE_IMAGE


def leaves(values: dict[str, object], above: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value of values.yaml with its path; an empty object is one."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


LEAVES = dict(leaves(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))))


def another(path: Path, value: object) -> object:
    """Return another value of the same kind."""
    if path in OTHERS:
        return OTHERS[path]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value}1"
    return PEERS if isinstance(value, list) else {"pool": "web"}


def with_value(values: dict[str, object], path: Path, value: object) -> dict[str, object]:
    """Return values of which one is another."""
    name, *below = path
    inside = cast("dict[str, object]", values.get(name, {}))
    return {**values, name: with_value(inside, tuple(below), value) if below else value}


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_every_value_changes_something(path: Path) -> None:
    base = cast("dict[str, object]", ONLY_WITH.get(path[0], {}))
    if path == ("dataUrls", "secretKey"):
        base = {"dataUrls": {"secretName": "nodes"}}
    changed = with_value(base, path, another(path, LEAVES[path]))
    without = rendered({} if path == ("secret", "create") else base)
    assert rendered(base if path == ("secret", "create") else changed) != without


def ports(rules: object) -> list[object]:
    """Return the ports of each rule of a policy."""
    return [each["port"] for rule in cast("list[dict[str, list[dict[str, object]]]]", rules) for each in rule["ports"]]


def test_the_policy_lets_through_what_is_needed_and_no_more() -> None:
    objects = rendered({"networkPolicy": {"redisPorts": [6379, 26379], "databasePort": 6432}})
    policy = at(one(objects, "NetworkPolicy"), "spec")
    named = cast("list[dict[str, object]]", at(one(objects, "Deployment"), *POD, "containers", 0, "ports"))
    assert ports(at(policy, "ingress")) == [each["name"] for each in named] == ["http"]
    assert ports(at(policy, "egress")) == [53, 53, 6432, 6379, 26379]
    wanted = cast("dict[str, str]", at(policy, "podSelector", "matchLabels")).items()
    for kind in ("Deployment", "Job"):
        assert wanted <= cast("dict[str, str]", at(one(objects, kind), *POD[:2], "metadata", "labels")).items()


def test_probes_ask_what_the_service_answers_and_a_database_that_is_away_restarts_nobody() -> None:
    container = at(one(rendered({}), "Deployment"), *POD, "containers", 0)
    asked = {
        name: str(at(container, f"{name}Probe", "httpGet", "path")) for name in ("startup", "readiness", "liveness")
    }
    routes = {each.path: each for each in OPERATIONS if each.method == "GET"}
    assert routes[asked["readiness"]].name == "getReady"
    assert not routes[asked["liveness"]].asks_database
    assert asked["startup"] == asked["liveness"]


def test_the_autoscaler_scales_the_pods_and_nobody_else_counts_them() -> None:
    objects = rendered({"autoscaling": {"min": 2, "max": 9}})
    target = at(one(objects, "HorizontalPodAutoscaler"), "spec", "scaleTargetRef", "name")
    deployment = one(objects, "Deployment")
    assert target == at(deployment, "metadata", "name")
    assert "replicas" not in cast("dict[str, object]", deployment["spec"])
    assert at(deployment, *POD, "containers", 0, "resources", "requests", "cpu")


def test_nodes_of_a_distributed_database_come_from_a_secret() -> None:
    objects = rendered({"dataUrls": {"secretName": "nodes", "secretKey": "urls"}})
    for kind in ("Deployment", "Job"):
        told = cast("list[dict[str, object]]", at(one(objects, kind), *POD, "containers", 0, "env"))
        (found,) = (each for each in told if each["name"] == "BOXOFFICE_DATA_URLS")
        assert at(found, "valueFrom", "secretKeyRef") == {"name": "nodes", "key": "urls"}
