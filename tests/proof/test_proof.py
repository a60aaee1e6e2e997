"""What is said of the parts in the end: by parts of a line each, which hold, fail, tell nothing or are not there."""

import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from tests.house import pages
from tests.house.tree import ROOT, page
from tests.proof.__main__ import play_all
from tests.proof.parts import OF_PYTEST, PARTS, Part, chosen
from tests.proof.playing import Outcome, environment_of_parts
from tests.proof.summary import holds, in_words, render
from tests.torture.__main__ import read_report
from tests.torture.words import total_of


def python(name: str, script: str, counts: str = r"^(\d+ of \d+ found)") -> Part:
    return Part(name=name, command=(sys.executable, "-c", script), counts=counts)


GOOD = python("good", "print('1 of 3 found'); print('3 of 3 found, at last')")
FAILING = python("failing", "print('2 of 3 found'); raise SystemExit(2)")
SILENT = python("silent", "print('nothing was asked for')")
MISSING = Part(name="missing", command=("make", "--no-print-directory", "no-such-part"), counts="(.*)")
NO_PROGRAM = Part(name="no program", command=("./no-such-program",), counts="(.*)")


def played(folder: Path, *parts: Part) -> tuple[Mapping[str, Outcome], str]:
    """Play parts; return how they ended, and all that was shown meanwhile."""
    console = Console(file=io.StringIO(), width=120)
    outcomes: dict[str, Outcome] = {}
    play_all(parts, folder / "logs", console, outcomes)
    return outcomes, shown(console)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rows_of(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> list[list[str]]:
    """Return the table's lines: the cells that stand two spaces apart at least."""
    console = Console(file=io.StringIO(), width=400)
    console.print(render(parts, outcomes))
    lines = [line.strip() for line in shown(console).splitlines()]
    (headings_end,) = (number for number, line in enumerate(lines) if set(line) == {"─"})
    return [re.split(r" {2,}", line) for line in lines[headings_end + 1 :] if line]


def test_all_are_played_though_some_fail(tmp_path: Path) -> None:
    parts = (FAILING, MISSING, NO_PROGRAM, SILENT, GOOD)
    outcomes, said = played(tmp_path, *parts)
    assert {name: (outcome.fault, outcome.counts) for name, outcome in outcomes.items()} == {
        "failing": ("status 2", "2 of 3 found"),
        "missing": ("status 2", outcomes["missing"].counts),
        "no program": ("could not be begun", None),
        "silent": ("told no counts", None),
        "good": (None, "3 of 3 found"),
    }
    assert not holds(parts, outcomes)
    headings = [f"{number} of 5: {part.name} " for number, part in enumerate(parts, start=1)]
    assert [said.count(heading) for heading in headings] == [1] * 5
    assert "3 of 3 found, at last" in said
    assert "no-such-part" in said
    assert (tmp_path / "logs/good.log").read_text() == "1 of 3 found\n3 of 3 found, at last\n"


def test_each_one_that_fails_has_the_proof_fail(tmp_path: Path) -> None:
    for bad in (FAILING, MISSING, NO_PROGRAM, SILENT):
        outcomes, _ = played(tmp_path, GOOD, bad)
        assert holds([GOOD], outcomes)
        assert not holds([GOOD, bad], outcomes), bad.name


def test_the_table_tells_of_every_part_what_ran_what_it_came_to_and_how_it_ended() -> None:
    outcomes = {
        "good": Outcome(status=0, counts="3 of 3 found", seconds=61.2),
        "failing": Outcome(status=2, counts="2 of 3 found", seconds=7322.0),
        "silent": Outcome(status=0, counts=None, seconds=0.2),
    }
    parts = (GOOD, FAILING, SILENT, MISSING)
    ran = [" ".join(part.command).replace(" --no-print-directory", "") for part in parts]
    assert rows_of(parts, outcomes) == [
        ["good", ran[0], "3 of 3 found", "1 min 01 s", "holds"],
        ["failing", ran[1], "2 of 3 found", "2 h 02 min", "FAILS: status 2"],
        ["silent", ran[2], "-", "0 s", "FAILS: told no counts"],
        ["missing", "make no-such-part", "-", "-", "NOT RUN"],
    ]


def test_what_was_not_run_does_not_hold_nor_does_nothing_at_all() -> None:
    good = {"good": Outcome(status=0, counts="3 of 3 found", seconds=1.0)}
    assert holds([GOOD], good)
    assert not holds([GOOD, MISSING], good)
    assert not holds([], {})


def test_parts_hear_nothing_of_what_this_make_was_told(tmp_path: Path) -> None:
    told = {
        "MAKEFLAGS": r"w -j2 --jobserver-auth=3,4 -- ONLY=a\ b SEEDS=3",
        "MAKELEVEL": "1",
        "ONLY": "a b",
        "SEEDS": "3",
        "PATH": os.environ["PATH"],
    }
    assert environment_of_parts(told) == {"PATH": told["PATH"], "PYTHONUNBUFFERED": "1"}
    tells = python(
        "tells", "import os; print(*sorted({'ONLY', 'SEEDS', 'MAKEFLAGS', 'PATH'} & set(os.environ)))", "(.+)"
    )
    outcomes: dict[str, Outcome] = {}
    play_all([tells], tmp_path, Console(file=io.StringIO()), outcomes, {**os.environ, **told})
    assert outcomes["tells"].counts == "PATH"


def test_parts_are_chosen_by_name_and_played_in_the_order_of_the_table() -> None:
    parts = (GOOD, FAILING, SILENT)
    assert chosen([], parts) == list(parts)
    assert chosen(["silent", "good"], parts) == [GOOD, SILENT]
    with pytest.raises(KeyError, match="another"):
        chosen(["good", "another"], parts)


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (OF_PYTEST, "151 passed, 2 skipped in 233.10s (0:03:53)"),
        (OF_PYTEST, "3 passed in 61.03s"),
    ],
)
def test_the_counts_of_pytest_are_found(counts: str, line: str) -> None:
    assert Part(name="", command=(), counts=counts).counts_in(f"...\n{line}\n") == line.partition(" in ")[0]


@pytest.mark.parametrize("line", ["1 failed, 150 passed in 233.10s", "no tests ran in 0.10s"])
def test_control_pytest_that_failed_or_found_nothing_counts_nothing(line: str) -> None:
    assert Part(name="", command=(), counts=OF_PYTEST).counts_in(f"{line}\n") is None


def test_a_row_of_the_benchmark_counts_only_when_its_target_is_reached() -> None:
    (row,) = chosen(["open-loop-without-redis"])
    for verdict in ("reached", "reached, and the wanted"):
        assert row.counts_in(f"open-loop-without-redis: 0.93 x, {verdict}\n") == f"0.93 x, {verdict}"
    for verdict in ("missed", "not decided", "UNTRUE", "not run"):
        assert row.counts_in(f"open-loop-without-redis: 0.93 x, {verdict}\n") is None


def test_what_torture_tells_is_read() -> None:
    (part,) = chosen(["torture"])
    line = total_of(read_report(ROOT / "docs/proof/faults.json"))
    assert line.endswith(" 0 untrue")
    assert part.counts_in(f"{line}\n") == line


def test_every_part_is_a_target_and_is_told_on_the_page() -> None:
    targets = re.findall(r"^([a-z-]+):", page("Makefile"), re.M)
    assert [part.name for part in PARTS if part.command[2] not in targets] == []
    documented = pages.rows(pages.section(page("docs/proof.md"), "All of it"))
    assert pages.disagreements(documented, [part.name for part in PARTS]) == []


def test_times_are_told_with_their_two_largest_units() -> None:
    assert [in_words(seconds) for seconds in (0.4, 59.4, 59.6, 3599.7, 3600, 36_061)] == [
        "0 s",
        "59 s",
        "1 min 00 s",
        "1 h 00 min",
        "1 h 00 min",
        "10 h 01 min",
    ]
