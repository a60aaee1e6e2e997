"""The clock of a service, moved while it runs: a library of our own is preloaded into its processes, and into no other.

It shifts what the C library tells as the time of day (tests/torture/clock.c), so that the interpreter, its extensions
and their libraries all see it; nothing in the service knows of it.
"""

import asyncio
import datetime as dt
import mmap
import shutil
import struct
import subprocess
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path

from bench.errors import CannotRun
from tests.concurrency.rush_line import Line, Lost, closing
from tests.waiting import until

SOURCE = Path(__file__).with_name("clock.c")
SHIFT = struct.Struct("=q")
ASKED = 16
SEEN_SECONDS_MAX = 30.0
NEARLY_SECONDS = 60.0


class Clock:
    """The clock of all processes that are started with `environment`. Raises CannotRun without a C compiler."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise CannotRun("moving a clock needs a C compiler: apt-get install gcc libc6-dev")
        library, shift = folder / "clock.so", folder / "clock-shift"
        command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            raise CannotRun(f"the library that moves clocks cannot be compiled: {made.stderr.strip()}")
        shift.write_bytes(SHIFT.pack(0))
        with shift.open("r+b") as file:
            self._shift = mmap.mmap(file.fileno(), SHIFT.size)
        self.environment: Mapping[str, str] = {"LD_PRELOAD": str(library), "BOXOFFICE_TORTURE_CLOCK": str(shift)}

    def move(self, by: dt.timedelta) -> None:
        """Have the clock show the true time and this more, from now on."""
        SHIFT.pack_into(self._shift, 0, int(by.total_seconds()))

    async def until_seen(self, url: str, by: dt.timedelta) -> None:
        """Return once every process behind `url` dates its answers so; fail when that does not happen."""

        async def seen() -> bool:
            shown = await asyncio.gather(*(_date_of(url) for _ in range(ASKED)), return_exceptions=True)
            dates = [date for date in shown if isinstance(date, dt.datetime)]
            true = dt.datetime.now(tz=dt.UTC)
            return bool(dates) and all(abs((date - true - by).total_seconds()) < NEARLY_SECONDS for date in dates)

        await until(seen, seconds_max=SEEN_SECONDS_MAX)


async def _date_of(url: str) -> dt.datetime:
    """Return the date on an answer to a new connection. Raises Lost."""
    line = Line(url)
    async with closing([line]):
        answer = await line.ask("GET", "/health/live")
        if "date" not in answer.headers:
            raise Lost("an answer without a date")
        return parsedate_to_datetime(answer.headers["date"])
