"""How faults are made and times are measured: each tool does what it says, and shows when it does not."""

import asyncio
import datetime as dt
import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from bench.errors import CannotRun
from tests.freezing import way_to
from tests.house import pages
from tests.house.tree import ROOT, page
from tests.torture.__main__ import read_report
from tests.torture.clock import Clock
from tests.torture.cutting import PLACES, Messages, Scissors
from tests.torture.faults import FAULTS
from tests.torture.recovery import longest_silence, rate, seconds_to_recovery
from tests.torture.showing import BEGIN, END, render_markdown
from tests.torture.small_disk import prefix_of_small_disk

STARTUP = b"\x00\x00\x00\x08\x00\x03\x00\x00"
ASKS_FOR_ENCRYPTION = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
SYNC = b"S\x00\x00\x00\x04"
QUERY = b"Q\x00\x00\x00\x0bCOMMIT\x00"
INSERT = "INSERT INTO ticket_type (name) VALUES ($1)"
HOURS = dt.timedelta(hours=5)
ON_A_SMALL_DISK = """
import errno, pathlib, sys
from tests.torture.small_disk import Ballast
disk = pathlib.Path(sys.argv[1])
ballast, more = Ballast(disk), disk / "more"
ballast.fill()
ballast.fill()
try:
    more.write_bytes(bytes(2**20))
    sys.exit("it fits")
except OSError as error:
    assert error.errno == errno.ENOSPC, error
ballast.drop()
more.write_bytes(bytes(2**20))
"""
TEN_A_SECOND = [number / 10 for number in range(100)]


@pytest.mark.parametrize("size", [1, 3, 5, 64])
def test_messages_are_read_however_they_are_cut(size: int) -> None:
    content, reader = ASKS_FOR_ENCRYPTION + STARTUP + SYNC + QUERY + SYNC, Messages()
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    found = [message for chunk in chunks for message in reader.read(chunk)]
    assert found == [(b"S", b""), (b"Q", b"COMMIT\x00"), (b"S", b"")]


async def test_a_commit_is_cut_in_every_place_and_nothing_else_is(database_url: str) -> None:
    scissors = Scissors(pause_seconds=0.0)
    async with way_to(database_url, scissors.watch) as way:
        for place in PLACES:
            scissors.open = False
            connection = await asyncpg.connect(way.url)
            async with connection.transaction():
                await connection.execute(INSERT, f"whole {place}")
            scissors.open = True
            await connection.execute(INSERT, f"uncut {place}")
            with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
                async with connection.transaction():
                    await connection.execute(INSERT, f"cut {place}")
    assert scissors.cuts == {("commit", place): 1 for place in PLACES}
    names = await _names(database_url)
    assert {f"{kind} {place}" for place in PLACES for kind in ("whole", "uncut")} <= names
    assert "cut before its answer" in names
    assert "cut before it arrived" not in names


async def _names(database_url: str) -> set[str]:
    connection = await asyncpg.connect(database_url)
    try:
        return {row["name"] for row in await connection.fetch("SELECT name FROM ticket_type")}
    finally:
        await connection.close()


async def test_answers_are_late_and_keep_their_order(database_url: str) -> None:
    async with way_to(database_url) as way:
        connection = await asyncpg.connect(way.url)
        way.late_seconds = 0.2
        began = asyncio.get_running_loop().time()
        assert await connection.fetchval("SELECT 1") == 1
        assert asyncio.get_running_loop().time() - began >= 0.2
        way.late_seconds = 0.0
        assert await connection.fetchval("SELECT 2") == 2
        connection.terminate()


def test_a_program_sees_a_clock_that_moves_while_it_runs(tmp_path: Path) -> None:
    try:
        clock = Clock(tmp_path)
    except CannotRun as error:
        pytest.skip(str(error))
    script = (
        "import sys, time, datetime\n"
        "for line in sys.stdin:\n"
        "    print(time.time(), datetime.datetime.now().timestamp(), time.monotonic(), flush=True)\n"
    )
    command = [sys.executable, "-c", script]
    environment = {**os.environ, **clock.environment}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for by in (dt.timedelta(), HOURS, -HOURS, dt.timedelta()):
            clock.move(by)
            program.stdin.write(b"now\n")
            program.stdin.flush()
            *wall, monotonic = map(float, program.stdout.readline().split())
            for shown in wall:
                assert shown - by.total_seconds() == pytest.approx(time.time(), abs=60)
            assert monotonic == pytest.approx(time.monotonic(), abs=60)
        program.stdin.close()


def test_a_small_disk_refuses_what_does_not_fit(tmp_path: Path) -> None:
    try:
        prefix = prefix_of_small_disk(tmp_path)
    except CannotRun as error:
        pytest.skip(str(error))
    command = [*prefix, sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert list(tmp_path.iterdir()) == []  # nobody else sees it


def test_rates_and_silence_are_counted_in_a_stretch() -> None:
    assert rate(TEN_A_SECOND, 2.0, 4.0) == pytest.approx(10)
    assert rate([], 2.0, 4.0) == 0
    assert longest_silence([1.0, 2.0, 5.0], 0.5, 6.0) == 3.0
    assert longest_silence([], 1.0, 4.0) == 3.0


def test_recovery_is_the_first_second_that_is_as_fast() -> None:
    broken = [moment for moment in TEN_A_SECOND if not 3.0 <= moment < 5.5]
    assert seconds_to_recovery(broken, 3.0, wanted=9) == pytest.approx(2.5)
    assert seconds_to_recovery(broken, 6.0, wanted=9) == 0.0
    assert seconds_to_recovery(broken, 3.0, wanted=11) is None
    assert seconds_to_recovery(broken, 9.5, wanted=9) is None, "a second that is not over says nothing"
    assert seconds_to_recovery([], 3.0, wanted=9) is None


def test_the_document_shows_the_results_that_are_committed() -> None:
    shown = page("docs/proof.md").partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == render_markdown(read_report(ROOT / "docs" / "proof" / "faults.json"))


def test_the_document_names_every_fault() -> None:
    documented = pages.rows(pages.section(page("docs/proof.md"), "The faults"))
    assert pages.disagreements(documented, [fault.name for fault in FAULTS]) == []
