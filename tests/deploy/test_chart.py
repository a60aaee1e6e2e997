"""The chart, rendered by Helm's own library, judged by Kubernetes's schemas; and what this house wants besides."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, cast

import pytest
import yaml

from boxoffice.settings import Settings, environment_name, load_settings
from tests.deploy.conftest import tool
from tests.house.tree import ROOT

CHART = ROOT / "deploy" / "chart"
KUBERNETES = ("1.27", "1.37")
TRIAL: dict[str, object] = {
    "secret": {"create": True, "databaseUrl": "postgresql://x", "redisUrl": "redis://x", "adminToken": "x" * 24}
}
VALUES: dict[str, dict[str, object]] = {
    "as it comes": {},
    "for a trial": {**TRIAL, "autoscaling": {"enabled": False}, "networkPolicy": {"enabled": False}},
    "with all that can be said": {
        "trustedProxies": "10.0.0.0/8",
        "settings": {"BOXOFFICE_HOLD_SECONDS": "120"},
        "image": {"pullSecrets": [{"name": "registry"}]},
        "nodeSelector": {"pool": "web"},
        "tolerations": [{"key": "web", "operator": "Exists"}],
        "podAnnotations": {"prometheus.io/scrape": "true"},
        "networkPolicy": {"from": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    },
}
WRONG: dict[str, dict[str, object]] = {
    "an unknown value": {"replica": 3},
    "a word for a number": {"replicas": "three"},
    "a setting that is none": {"settings": {"BOXOFFICE_HOLD_SECOND": "3"}},
    "a secret in plain sight": {"settings": {"BOXOFFICE_ADMIN_TOKEN": "x" * 24}},
    "a setting that has a value of its own": {"settings": {"BOXOFFICE_LEAVE_SECONDS": "3"}},
    "no name of a secret": {"database": {"secretName": "", "secretKey": "uri"}},
}


class Chart(Protocol):
    """What is used of Helm's library."""

    def render(self, values: dict[str, object], *, name: str, namespace: str) -> dict[str, str]: ...


def load(folder: Path) -> Chart:
    module = importlib.import_module(tool("helm_python"))
    return cast("Chart", module.Chart.load(folder))


def rendered(values: dict[str, object], folder: Path = CHART) -> list[dict[str, object]]:
    """Return the objects that the chart makes of values."""
    with load(folder) as chart:  # type: ignore[attr-defined]  # closes what the library holds
        texts = chart.render(values, name="sale", namespace="tickets")
    return [each for text in texts.values() for each in yaml.safe_load_all(text) if each]


def files_and_values() -> Iterator[tuple[str, dict[str, object]]]:
    yield from VALUES.items()
    for file in sorted(CHART.glob("values-*.yaml")):
        yield file.name, yaml.safe_load(file.read_text(encoding="utf-8"))


EVERY = dict(files_and_values())


def judge(manifest: dict[str, object], version: str) -> None:
    """Hold an object to Kubernetes's own schema, where nothing unknown may stand. Raises ValidationError."""
    validator = importlib.import_module(tool("kubernetes_validate"))
    validator.validate(manifest, version, strict=True)


def one(objects: list[dict[str, object]], kind: str) -> dict[str, object]:
    (found,) = (each for each in objects if each["kind"] == kind)
    return found


def at(tree: object, *path: str | int) -> object:
    """Return what stands at a path of an object."""
    for step in path:
        tree = cast("dict[str | int, object]", tree)[step]
    return tree


@pytest.mark.parametrize("values", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_would_take_all_of_it(values: dict[str, object], version: str) -> None:
    objects = rendered(values)
    assert {"Deployment", "Service", "PodDisruptionBudget", "Job"} <= {str(each["kind"]) for each in objects}
    for each in objects:
        judge(each, version)


def test_helm_lint_has_nothing_to_say() -> None:
    module = importlib.import_module(tool("helm_python"))
    report = module.lint(CHART, strict=True)
    assert [each for each in report["messages"] if each["severity"] > 1] == []
    assert report["errors"] == []


@pytest.mark.parametrize("values", WRONG.values(), ids=WRONG)
def test_wrong_values_are_refused(values: dict[str, object]) -> None:
    module = importlib.import_module(tool("helm_python"))
    chart = module.Chart.load(CHART)
    with pytest.raises(module.HelmError):
        chart.validate_schema(chart.merge_values(values))


@pytest.mark.parametrize(
    ("file", "good", "bad"),
    [
        ("deployment.yaml", "containerPort: 8000", "containerPort: http"),
        ("deployment.yaml", "readinessProbe:", "readynessProbe:"),
        ("autoscaler.yaml", "minReplicas:", "minimumReplicas:"),
        ("disruption-budget.yaml", "selector:", "select:"),
        ("network-policy.yaml", "policyTypes:", "policies:"),
        ("migration.yaml", "restartPolicy: Never", "restartPolicy: [Never]"),
    ],
)
def test_control_a_broken_manifest_is_found(file: str, good: str, bad: str, tmp_path: Path) -> None:
    copy = tmp_path / "chart"
    for source in CHART.rglob("*"):
        if source.is_file():
            target = copy / source.relative_to(CHART)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = source.read_text(encoding="utf-8")
            if source.name == file:
                assert good in text
                text = text.replace(good, bad)
            target.write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=r"."):
        for each in rendered({}, copy):
            judge(each, KUBERNETES[-1])


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_pods_may_do_nothing_that_they_need_not(kind: str) -> None:
    pod = at(one(rendered({}), kind), "spec", "template", "spec")
    assert at(pod, "automountServiceAccountToken") is False
    assert at(pod, "securityContext", "runAsNonRoot") is True
    assert at(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault"
    assert at(pod, "containers", 0, "securityContext") == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_secret_is_in_no_manifest_but_its_own() -> None:
    for each in rendered(TRIAL):
        assert (each["kind"] == "Secret") == ("postgresql://x" in str(each))


def test_a_pod_has_the_time_that_it_takes_to_leave() -> None:
    objects = rendered(
        {"leaveSeconds": 45, "settings": {"BOXOFFICE_HOLD_SECONDS": "120"}, "trustedProxies": "10.0.0.0/8"}
    )
    pod = at(one(objects, "Deployment"), "spec", "template", "spec")
    variables = cast("list[dict[str, str]]", at(pod, "containers", 0, "env"))
    secret = {"DATABASE_URL": "postgresql://database/boxoffice", "REDIS_URL": "redis://cache"}
    told = {each["name"]: each.get("value", secret.get(each["name"], "x" * 24)) for each in variables}
    assert set(told) <= {environment_name(field) for field in Settings.__struct_fields__}
    settings = load_settings(told)
    assert (settings.leave_seconds, settings.hold_seconds, settings.trusted_proxies) == (45, 120, "10.0.0.0/8")
    assert cast("int", at(pod, "terminationGracePeriodSeconds")) > settings.leave_seconds + 3


def test_requests_and_the_budget_find_the_web_pods_and_no_others() -> None:
    objects = rendered({})
    web = cast("dict[str, str]", at(one(objects, "Deployment"), "spec", "template", "metadata", "labels"))
    migration = cast("dict[str, str]", at(one(objects, "Job"), "spec", "template", "metadata", "labels"))
    for selector in (
        at(one(objects, "Service"), "spec", "selector"),
        at(one(objects, "PodDisruptionBudget"), "spec", "selector", "matchLabels"),
        at(one(objects, "Deployment"), "spec", "selector", "matchLabels"),
    ):
        wanted = cast("dict[str, str]", selector).items()
        assert wanted <= web.items()
        assert not wanted <= migration.items()


def test_the_migration_comes_before_the_pods() -> None:
    hooks = at(one(rendered(TRIAL), "Job"), "metadata", "annotations")
    secret = at(one(rendered(TRIAL), "Secret"), "metadata", "annotations")
    assert at(hooks, "helm.sh/hook") == at(secret, "helm.sh/hook") == "pre-install,pre-upgrade"
    assert int(str(at(secret, "helm.sh/hook-weight"))) < int(str(at(hooks, "helm.sh/hook-weight")))
