"""The services that `make stress-sabotage` storms are still programs, and spoilt in the places that are meant."""

import ast
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.stress.storms import fails_now_and_then, loses_holds, oversells

SPOILT: Mapping[str, tuple[Callable[[Path], Path], set[str]]] = {
    "oversells": (oversells, {"booking/sql/hold.sql", "migrations/versions/0001_tables.py"}),
    "loses holds": (loses_holds, {"booking/hold.py"}),
    "fails now and then": (partial(fails_now_and_then, one_in=10), {"api/front.py"}),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_service_differs_where_it_should_and_can_be_read(how: str, tmp_path: Path) -> None:
    spoil, expected = SPOILT[how]
    changed = set[str]()
    for file in (spoil(tmp_path) / "boxoffice").rglob("*.*"):
        name = str(file.relative_to(tmp_path / "src/boxoffice"))
        text = file.read_text(encoding="utf-8")
        if text != (ROOT / "src/boxoffice" / name).read_text(encoding="utf-8"):
            changed.add(name)
            assert " times in the statement: " not in text
            if file.suffix == ".py":
                ast.parse(text)
    assert changed == expected
