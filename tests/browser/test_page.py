"""The page in a real Chromium, against real services on a real PostgreSQL and Valkey.

The stories are told in `web/tests/*.spec.ts`, and played by Playwright's runner, some files by one runner: starting it,
a browser and services takes as long as a few stories. Those that are played with one of them:
`.venv/bin/pytest tests/browser -k booking`. What a story has measured it says in lines that begin with `measured: `;
they are printed at the end.
"""

import re
from collections.abc import Callable, Sequence

import pytest

from tests.browser.conftest import WEB, Play
from tests.conftest import MEASURED

SPECS = sorted(path.name for path in (WEB / "tests").glob("*.spec.ts"))
# They measure how quick the page is, and are asked once no other test is running.
MEASURING = ("lighthouse", "smooth")
TOGETHER = (
    ("admin-access", "access", "weight"),
    ("rush", "events", "event"),
    ("manage", "shards", "guard"),
    ("booking", "trouble"),
)
"""The longest come first, and each takes about as long as the others."""


def measurements(told: str) -> list[str]:
    """Return what a story says that it has measured."""
    return re.findall(r"^measured: (.+)$", told, re.M)


def test_every_story_is_played_once() -> None:
    played = [*MEASURING, *(name for names in TOGETHER for name in names)]
    assert sorted(f"{name}.spec.ts" for name in played) == SPECS


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_stories(names: Sequence[str], play: Play, record_property: Callable[[str, object], None]) -> None:
    for measured in measurements(play(*(f"tests/{name}.spec.ts" for name in names))):
        record_property(MEASURED, measured)


@pytest.mark.alone
@pytest.mark.parametrize("name", MEASURING)
def test_story_that_measures(name: str, play: Play, record_property: Callable[[str, object], None]) -> None:
    for measured in measurements(play(f"tests/{name}.spec.ts")):
        record_property(MEASURED, measured)


def test_control_a_measurement_is_found_among_other_lines() -> None:
    told = "Running 1 test using 1 worker\n\nmeasured: 3 of 4 in 5 ms\n  ok 1 a story (1.2s)\n"
    assert measurements(told) == ["3 of 4 in 5 ms"]
