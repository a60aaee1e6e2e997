"""Storms of a few seconds, run as people run them, against the service as it is or as it was spoilt on purpose."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stress.artillery import ARTILLERY
from stress.files import PAGE, read_result
from stress.values import Result
from tests.concurrency.weakened import replaced
from tests.house.tree import ROOT

STORM_SECONDS_MAX = 300
SHORT = (
    *("seconds.warm_up=1", "seconds.ramp=1", "seconds.rush=2", "seconds.plateau=0", "seconds.sold_out=1"),
    *("rates.warm_up=10", "rates.rush=60", "rates.sold_out=60", "many_events=2", "many_dates=1", "think_ms=[50,200]"),
    # A machine that does other things besides is slow; that says nothing about the service.
    *(
        "latency_ms_max.p95=60000",
        "latency_ms_max.p99=60000",
        "timeout_seconds=60",
        "ceiling.seconds=2",
        "ceiling.rate=200",
    ),
)
"""The settings of a short storm."""
BOOKS = "row = await connection.fetchrow(statement, event_id, hold_seconds, *columns_of(plan, numbers))"
"""The line of booking/hold.py that books."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What a run has left: its exit status, what it printed, its result and its page."""

    status: int
    printed: str
    result: Result
    page: str

    def broken(self) -> set[str]:
        """Return the names of the checks that were not kept."""
        return {check.name for check in self.result.checks if not check.kept}

    def found(self, name: str) -> str:
        """Return what a check found."""
        return next(check.found for check in self.result.checks if check.name == name)


def storm(folder: Path, *arguments: str, changes: Sequence[str] = (), sources: Path | None = None) -> Storm:
    """Run `python -m stress` to its end; `sources` holds the package of the service, where it is not the project's."""
    assert ARTILLERY.exists(), "Artillery is not installed: make load/node_modules/.installed"
    command = [sys.executable, "-m", "stress", "--quick", "--hold-seconds=3", f"--folder={folder}", "--name=storm"]
    settings = [f"--set={change}" for change in (*SHORT, *changes)]
    environment = {**os.environ, **({"PYTHONPATH": str(sources)} if sources else {})}
    ended = subprocess.run(
        [*command, *settings, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=STORM_SECONDS_MAX,
        check=False,
    )
    printed = ended.stdout + ended.stderr
    assert ended.returncode in (0, 1), printed
    place = folder / "storm"
    return Storm(
        status=ended.returncode,
        printed=printed,
        result=read_result(place),
        page=(place / PAGE).read_text(encoding="utf-8"),
    )


def spoilt(folder: Path, changes: Sequence[tuple[str, str, str]]) -> Path:
    """Copy the service's package and change it: in each file, the part that stands there exactly once."""
    sources = folder / "src"
    leave_out = shutil.ignore_patterns("__pycache__", "page")
    shutil.copytree(ROOT / "src/boxoffice", sources / "boxoffice", ignore=leave_out)
    for name, part, instead in changes:
        file = sources / "boxoffice" / name
        file.write_text(replaced(file.read_text(encoding="utf-8"), part, instead), encoding="utf-8")
    return sources


def oversells(folder: Path) -> Path:
    """Return a service without the guard on a date's total: neither the condition, nor the CHECK behind it."""
    return spoilt(
        folder,
        [
            ("booking/sql/hold.sql", "        AND c.shard_current + w.quantity <= c.shard_max\n", ""),
            (
                "booking/sql/hold.sql",
                "RETURNING c.date, c.start_time, c.shard_id, c.shard_max - c.shard_current AS room",
                "RETURNING c.date, c.start_time, c.shard_id, c.shard_max AS room",
            ),
            (
                "migrations/versions/0001_tables.py",
                '"shard_current >= 0 AND shard_current <= shard_max"',
                '"shard_current >= 0"',
            ),
        ],
    )


def loses_holds(folder: Path) -> Path:
    """Return a service that answers for every fourth flight of holds before it is sure of them, and then rolls back."""
    return spoilt(
        folder,
        [
            (
                "booking/hold.py",
                "from typing import Protocol",
                "from itertools import count\nfrom typing import Protocol",
            ),
            (
                "booking/hold.py",
                "class PlanDoesNotHold(",
                "FLIGHTS = count(1)\n\n\nclass PlanDoesNotHold(",
            ),
            (
                "booking/hold.py",
                f"        {BOOKS}\n",
                "        async with connection.acquire() as one:\n"
                "            doubtful = one.transaction()\n"
                "            await doubtful.start()\n"
                f"            {BOOKS.replace('connection', 'one')}\n"
                "            await (doubtful.rollback() if next(FLIGHTS) % 4 == 0 else doubtful.commit())\n",
            ),
        ],
    )


def fails_now_and_then(folder: Path, one_in: int) -> Path:
    """Return a service that answers 500 to one in so many requests."""
    return spoilt(
        folder,
        [
            (
                "api/front.py",
                "from typing import Generic, TypeVar",
                "from itertools import count\nfrom typing import Generic, TypeVar",
            ),
            ("api/front.py", 'Standing = TypeVar("Standing")', 'Standing = TypeVar("Standing")\nASKED = count(1)'),
            (
                "api/front.py",
                "        resource, segments = self._paths.find(request.path)\n",
                f"        if next(ASKED) % {one_in} == 0:\n            return _fail(request)\n"
                "        resource, segments = self._paths.find(request.path)\n",
            ),
            (
                "api/front.py",
                "class Paths(Generic[Standing]):",
                "async def _fail(request: Request) -> None:\n"
                '    request.respond(500, [], b"")\n\n\nclass Paths(Generic[Standing]):',
            ),
        ],
    )
