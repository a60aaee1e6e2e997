"""The stress test's page and its scenarios, settings, classes and variables in load/ agree."""

import json
import re
from collections.abc import Iterator

from tests.house import form, pages
from tests.house.tree import files_below, page

DOCUMENT = "docs/stress-test.md"
BY_HAND = "With plain artillery, on any number of machines"
SCENARIO = re.compile(r"^  - name: (\w+)$", re.M)
WEIGHT = re.compile(r'^    weight: "\{\{ weights\.(\w+) \}\}"$', re.M)
VARIABLE = re.compile(r"\b(?:environment|process\.env)\.([A-Z_]+)")


def figures(group: dict[str, object], prefix: str = "") -> Iterator[str]:
    """Yield the path of each figure of a set of settings."""
    for name, value in group.items():
        if isinstance(value, dict):
            yield from figures(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def outcomes(source: str) -> list[str]:
    """Return the classes that answers.js tells."""
    (told,) = re.findall(r"OUTCOMES = .*?\(\[(.*?)\]\)", source, re.S)
    return re.findall(r"'(\w+)'", told)


def test_every_scenario_is_documented_and_has_its_weight() -> None:
    storm = page("load/storm.yml")
    scenarios = SCENARIO.findall(storm)
    assert pages.disagreements(pages.rows(pages.section(page(DOCUMENT), "Scenarios")), scenarios) == []
    assert WEIGHT.findall(storm) == scenarios
    settings = json.loads(page("load/settings.json"))
    assert list(settings["default"]["weights"]) == scenarios


def test_every_setting_of_the_storm_is_documented() -> None:
    sets = json.loads(page("load/settings.json"))
    documented = pages.rows(pages.section(page(DOCUMENT), "Settings"))
    assert pages.disagreements(documented, figures(sets["default"])) == []
    assert set(figures(sets["quick"])) <= set(figures(sets["default"]))


def test_every_class_of_answers_is_documented() -> None:
    existing = outcomes(page("load/answers.js"))
    assert existing
    assert pages.disagreements(pages.rows(pages.section(page(DOCUMENT), "Outcome classes")), existing) == []


def test_every_variable_that_a_storm_reads_is_documented() -> None:
    sources = [file.text for file in files_below("load", ending=".js") if not file.path.startswith("load/tests/")]
    read = {name for source in sources for name in VARIABLE.findall(source)}
    assert pages.disagreements(pages.rows(pages.section(page(DOCUMENT), BY_HAND)), read) == []


def test_the_storm_is_written_in_small_files() -> None:
    files = files_below("load", ending=".js")
    assert [f"{file.path}: {found}" for file in files for found in form.long_file(file.text)] == []


def test_artillery_is_pinned() -> None:
    wanted = json.loads(page("load/package.json"))["dependencies"]
    locked = json.loads(page("load/package-lock.json"))["packages"]
    assert wanted == {"artillery": locked["node_modules/artillery"]["version"]}
    assert [path for path, package in locked.items() if path and not package.get("integrity")] == []


def test_control_figures_are_named_by_their_path() -> None:
    assert list(figures({"a": 1, "b": {"c": [2, 3], "d": {"e": 4}}})) == ["a", "b.c", "b.d.e"]


def test_control_names_are_read_from_sources() -> None:
    assert SCENARIO.findall("scenarios:\n  - name: rush\n    flow:\n      - post:\n          name: hold\n") == ["rush"]
    assert outcomes("const OUTCOMES = /** x */ ([\n  'held',\n  'paid',\n])") == ["held", "paid"]
    assert VARIABLE.findall("environment.TARGET || process.env.STRESS_SET") == ["TARGET", "STRESS_SET"]
