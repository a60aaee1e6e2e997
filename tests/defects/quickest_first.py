"""A plugin of pytest for mutmut: the quickest tests come first, by the times that it measured when it began.

mutmut asks for the tests of a function in no order. Nearly every change is noticed by a test that takes a moment, while
drawn examples take seconds: with them at the end, all changes are tried in a fraction of the time.
"""

import json
from pathlib import Path

import pytest

MEASURED = Path("mutmut-stats.json")
"""Written by mutmut into the folder in which it runs the tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests by the time that each took; one that was not measured comes first."""
    if MEASURED.exists():
        seconds: dict[str, float] = json.loads(MEASURED.read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
