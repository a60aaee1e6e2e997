"""The page in a real Chromium, against real services on a real PostgreSQL and Valkey.

The stories are told in `web/tests/*.spec.ts`, and played by Playwright's runner; each file is one test here. A single
one: `.venv/bin/pytest tests/browser -k booking`. What a story has measured it says in lines that begin with
`measured: `; they are printed at the end.
"""

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import WEB, Play
from tests.conftest import MEASURED

SPECS = sorted(path.name for path in (WEB / "tests").glob("*.spec.ts"))
# They measure how quick the page is, and are asked once no other test is running.
MEASURING = {"lighthouse.spec.ts", "smooth.spec.ts"}


def measurements(told: str) -> list[str]:
    """Return what a story says that it has measured."""
    return re.findall(r"^measured: (.+)$", told, re.M)


def test_there_are_stories() -> None:
    assert {"booking.spec.ts", "event.spec.ts", "events.spec.ts", "guard.spec.ts", *MEASURING} <= set(SPECS)


@pytest.mark.parametrize(
    "spec", [pytest.param(spec, marks=[pytest.mark.alone] if spec in MEASURING else []) for spec in SPECS]
)
def test_story(spec: str, play: Play, record_property: Callable[[str, object], None]) -> None:
    for measured in measurements(play(f"tests/{spec}")):
        record_property(MEASURED, measured)


def test_control_a_measurement_is_found_among_other_lines() -> None:
    told = "Running 1 test using 1 worker\n\nmeasured: 3 of 4 in 5 ms\n  ok 1 a story (1.2s)\n"
    assert measurements(told) == ["3 of 4 in 5 ms"]
