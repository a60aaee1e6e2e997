"""Which generator sends the load, and that every report says which one it was."""

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from bench import documentation
from bench.generators import choose, programs_of, sends_load
from bench.measuring import measure
from bench.options import Generator, Options
from bench.page import render_page
from bench.rows import SHOWS
from bench.servers import Servers
from bench.stage import Stage
from bench.terminal import render
from bench.values import Comparison, Measured, Pair
from bench.words import BY_K6, notes_of, verdict_of
from tests.bench.results import curve, report, row
from tests.house.tree import ROOT

BOTH = ("pgbench", "wrk", "h2load")
BY_WRK = msgspec.structs.replace(row([3.5]), generator="wrk")
BY_K6_ROW = msgspec.structs.replace(row([3.5]), generator="k6")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for; it is empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, *names: str) -> None:
    """Put programs into a folder."""
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
        assert shutil.which(name)


@pytest.mark.parametrize(
    ("there", "needs", "expected"),
    [
        (("wrk", "h2load"), BOTH, "wrk"),
        (("wrk",), BOTH, "k6"),
        (("wrk",), ("pgbench", "wrk"), "wrk"),
        (("h2load",), ("wrk",), "k6"),
        ((), BOTH, "k6"),
        ((), ("pgbench",), "wrk"),
    ],
)
def test_k6_is_taken_when_a_program_is_missing(
    programs: Path, there: tuple[str, ...], needs: tuple[str, ...], expected: Generator
) -> None:
    put(programs, *there)
    assert choose(None, needs) == expected


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("wanted", ["wrk", "k6"])
def test_the_generator_that_is_wanted_is_taken(wanted: Generator) -> None:
    assert choose(wanted, BOTH) == wanted


@pytest.mark.parametrize(
    ("generator", "needs", "expected"),
    [
        ("wrk", BOTH, ["pgbench", "wrk", "h2load"]),
        ("k6", BOTH, ["pgbench", "k6"]),
        ("k6", ("wrk",), ["k6"]),
        ("k6", ("pgbench",), ["pgbench"]),
        ("k6", (), []),
    ],
)
def test_a_row_needs_the_programs_of_its_generator(
    generator: Generator, needs: tuple[str, ...], expected: list[str]
) -> None:
    assert programs_of(generator, needs) == expected


def one_pair(_stage: Stage) -> Measured:
    """Measure what needs nothing."""
    return Measured(pairs=[Pair(yardstick=1, service=1)])


@pytest.mark.parametrize(("needs", "expected"), [((), None), (("pgbench",), None)])
def test_a_row_without_load_has_no_generator(tmp_path: Path, needs: tuple[str, ...], expected: str | None) -> None:
    quiet = replace(SHOWS[0], measure=one_pair, needs=needs)
    result = measure(quiet, Options(generator="k6"), Servers(tmp_path), print)
    assert isinstance(result, Comparison)
    assert (result.generator, sends_load(needs)) == (expected, False)


@pytest.mark.usefixtures("programs")
def test_a_row_is_of_the_generator_that_was_to_send_its_load(tmp_path: Path) -> None:
    loaded = replace(SHOWS[0], measure=one_pair, needs=("wrk",))
    result = measure(loaded, Options(generator="wrk"), Servers(tmp_path), print)
    assert (result.generator, result.not_run) == ("wrk", "wrk is not installed: apt-get install wrk")


def test_the_verdict_says_that_k6_sent_the_load() -> None:
    assert verdict_of(BY_K6_ROW) == "reached (by k6)"
    assert verdict_of(msgspec.structs.replace(BY_K6_ROW, options=Options(pairs=1))) == "reached (short, by k6)"
    assert verdict_of(BY_WRK) == "reached"
    assert verdict_of(row([3.5])) == "reached"


def test_every_report_says_what_that_means() -> None:
    known = report(BY_WRK, BY_K6_ROW)
    assert notes_of(known) == [BY_K6]
    assert notes_of(report(curves=[msgspec.structs.replace(curve(), generator="k6")])) == [BY_K6]
    not_run = msgspec.structs.replace(row([], not_run="no k6"), generator="k6")
    assert notes_of(report(BY_WRK, not_run, curves=[curve()])) == []
    console = Console(width=400, file=io.StringIO(), record=True)
    console.print(render(known))
    assert BY_K6 in console.export_text()
    assert "reached (by k6)" in render_page(known)
    assert BY_K6 in render_page(known)
    assert "load by k6, measured" in render_page(known)
    assert "load by wrk, measured" in render_page(known)
    assert BY_K6.removeprefix("load") in documentation.render_tables(known)
    assert msgspec.json.decode(msgspec.json.encode(known))["comparisons"][1]["generator"] == "k6"


def test_rows_leave_the_choice_to_the_stage() -> None:
    """A row that called a generator itself would ignore the choice."""
    own = {"generators.py", "h2load.py", "k6_loads.py", "wrk.py"}
    calls = re.compile(r"\b(start_wrk|start_k6|run_h2load|run_k6_timetable)\(")
    sources = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "bench").glob("*.py")}
    assert {name for name, text in sources.items() if calls.search(text)} == own
