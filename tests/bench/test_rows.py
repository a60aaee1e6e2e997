"""The rows: each is named, chosen by name or group, documented, and fails alone."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import pytest

from bench.errors import BenchError, CannotRun, Untrue
from bench.measuring import measure, put_into
from bench.options import Options
from bench.pgbench import TRANSACTIONS
from bench.rows import CURVES, GROUPS, OTHERS, SHOWS, all_rows, chosen, group_of
from bench.servers import Servers
from bench.stage import Stage
from bench.values import Comparison, Measured, Pair, Report
from tests.bench.results import curve, report, row
from tests.house.tree import ROOT


def test_every_name_is_there_once() -> None:
    names = [each.name for each in all_rows()]
    assert len(names) == len(set(names))
    assert not set(names) & set(GROUPS)


def test_rows_are_chosen_by_name_and_by_group() -> None:
    assert chosen([]) == [*SHOWS, *OTHERS, *CURVES]
    assert chosen(["curves"]) == list(CURVES)
    assert [each.name for each in chosen(["sweep", "hot-date"])] == ["hot-date", "sweep"]
    assert {group_of(each) for each in all_rows()} == set(GROUPS)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="hot-dat"):
        chosen(["hot-dat"])


def test_every_row_is_documented() -> None:
    documented = re.findall(r"^\| `([a-z0-9-]+)` \|", (ROOT / "docs/benchmark.md").read_text(encoding="utf-8"), re.M)
    assert documented == [each.name for each in all_rows()]


def test_the_command_names_the_rows() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bench", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [each.name for each in all_rows() if each.name not in told.stdout] == []


def test_the_command_refuses_a_name_that_is_none() -> None:
    command = [sys.executable, "-m", "bench", "--only", "no-such-row"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "no-such-row" in told.stdout


@pytest.fixture
def servers(tmp_path: Path) -> Servers:
    """Servers that are never started: the rows of these tests need none."""
    return Servers(tmp_path)


def unheard(_line: str) -> None:
    """Listen to nobody."""


def fail_with(error: BenchError, _stage: Stage) -> Measured:
    """Measure nothing."""
    raise error


@pytest.mark.parametrize(
    ("error", "untrue", "not_run"),
    [(Untrue("a ticket too many"), "a ticket too many", None), (CannotRun("no disk"), None, "no disk")],
)
def test_a_row_that_fails_is_a_result(
    servers: Servers, error: BenchError, untrue: str | None, not_run: str | None
) -> None:
    failing = replace(SHOWS[0], measure=partial(fail_with, error), needs=())
    result = measure(failing, Options(), servers, unheard)
    assert isinstance(result, Comparison)
    assert (result.measured, result.untrue, result.not_run) == (None, untrue, not_run)


def test_a_row_without_its_program_says_what_to_install(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = measure(replace(SHOWS[0], needs=("h2load",)), Options(), servers, unheard)
    assert result.not_run == "h2load is not installed: apt-get install nghttp2-client"


def test_pairs_alternate(servers: Servers) -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    stage = Stage(options=Options(pairs=3), servers=servers, say=unheard)
    pairs = stage.pairs(partial(run, "yardstick"), partial(run, "service"))
    assert order == ["yardstick", "service"] * 3
    assert pairs == [Pair(yardstick=1, service=2), Pair(yardstick=3, service=4), Pair(yardstick=5, service=6)]


def test_a_new_result_takes_the_place_of_the_old_one() -> None:
    known = report(row([1.0], name="sweep"), row([1.0]), curves=[curve()])
    order = ["hot-date", "sweep", "curve-shards"]
    put_into(known, row([2.0], name="sweep"), order)
    put_into(known, curve(not_run="no wrk"), order)
    assert [(each.name, (each.measured or Measured(pairs=[])).pairs[0].service) for each in known.comparisons] == [
        ("hot-date", 2.0),
        ("sweep", 4.0),
    ]
    assert [each.not_run for each in known.curves] == ["no wrk"]


def test_a_report_survives_its_file() -> None:
    known = report(row([1.0, 2.0]), row([], name="sweep", untrue="gone"), curves=[curve()])
    assert msgspec.json.decode(msgspec.json.encode(known), type=Report) == known
    assert json.loads(msgspec.json.encode(known))["comparisons"][1]["untrue"] == "gone"


def test_every_transaction_is_used() -> None:
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bench").glob("*.py"))
    assert [file.stem for file in TRANSACTIONS.glob("*.pgbench") if f'"{file.stem}"' not in sources] == []
