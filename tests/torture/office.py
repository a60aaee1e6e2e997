"""The box office that is tortured: `boxoffice run`, as anybody starts it, in a folder and on ports of its own.

Usually it starts its own servers and restarts what dies. Where something is to happen on the way to the servers, or to
the service alone, the servers run beside it and `boxoffice run` is given their URLs, which lead over ways of ours.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from boxoffice.embedded.folder import DataFolder
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.process import with_parent
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import ADMIN_TOKEN
from tests.embedded.processes import Running, boxoffice, children, descendants, named, program_of, tell
from tests.freezing import Way, way_to
from tests.ports import free_port
from tests.torture.clock import Clock
from tests.torture.cutting import Scissors
from tests.torture.small_disk import prefix_of_small_disk, seen_by

SERVERS = {"postgres", "valkey-server"}
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Servers beside the office, the ways to them, and the clock of the office's own processes."""

    database: Way
    redis: Way
    scissors: Scissors
    clock: Clock | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A running office. Its URLs lead to the servers themselves, by no way of ours."""

    running: Running
    url: str
    data: Path
    database_url: str
    redis_url: str
    beside: Beside | None = None

    def postgres(self) -> list[int]:
        """Return the processes of its own PostgreSQL, the first one first."""
        (first,) = named("postgres", children(self.running.process.pid))
        return [first, *descendants(first)]

    def valkey(self) -> int:
        """Return the process of its own Valkey."""
        (found,) = named("valkey-server", children(self.running.process.pid))
        return found

    def service(self) -> int:
        """Return the process that keeps the workers."""
        (found,) = [each for each in children(self.running.process.pid) if program_of(each) not in {"", *SERVERS}]
        return found

    def workers(self) -> list[int]:
        """Return the processes that serve."""
        return children(self.service())


async def differences(database_url: str) -> list[str]:
    """Return what `boxoffice audit` finds, which should be nothing; notes count too, and that there was nothing."""
    ended = await asyncio.to_thread(boxoffice, "audit", "--json", told={"DATABASE_URL": database_url})
    if not ended.stdout:
        return [f"the audit did not end: {ended.stderr.strip()}"]
    report = json.loads(ended.stdout)
    found = [f"audit: {each}" for each in (*report["differences"], *report["notes"])]
    found += [] if report["tickets"] else ["audit: there was nothing to look at"]
    return found if found or ended.returncode == 0 else [f"the audit ended with {ended.returncode}"]


@asynccontextmanager
async def open_office(
    folder: Path,
    *,
    hold_seconds: int,
    beside: bool = False,
    moves_clock: bool = False,
    small_disk: bool = False,
    urls: Mapping[str, str] | None = None,
) -> AsyncIterator[Office]:
    """Run an office within, until it is ready; leave nothing of it but its folder. Raises CannotRun.

    `urls` are those of servers beside it that run already; the office is given them, or ways to them.
    """
    async with AsyncExitStack() as at_end:
        data = folder / "data"
        data.mkdir(mode=0o711)
        told = {"BOXOFFICE_DATA_DIR": str(data), "BOXOFFICE_DEMO": "0", "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN}
        told |= {"WORKERS": str(WORKERS), "BOXOFFICE_HOLD_SECONDS": str(hold_seconds)}
        told |= urls or {}
        servers = None
        if beside:
            clock = Clock(folder) if moves_clock else None
            urls = urls or _start_beside(folder, at_end)
            servers = await _ways_to(urls, clock, at_end)
            told |= {"DATABASE_URL": servers.database.url, "REDIS_URL": servers.redis.url}
            told |= clock.environment if clock else {}
        prefix = prefix_of_small_disk(data) if small_disk else []
        running = _run([*prefix, *with_parent("TERM")], told, folder / "log")
        at_end.push_async_callback(asyncio.to_thread, _end, running)
        await asyncio.to_thread(running.until_ready)
        seen = seen_by(running.process.pid, data) if small_disk else data
        urls = urls or DataFolder(seen).read_urls()
        yield Office(
            running=running,
            url=f"http://127.0.0.1:{running.port}",
            data=seen,
            database_url=urls["DATABASE_URL"],
            redis_url=urls["REDIS_URL"],
            beside=servers,
        )


def _start_beside(folder: Path, at_end: AsyncExitStack) -> Mapping[str, str]:
    postgres, valkey = EmbeddedPostgres(folder / "postgres"), EmbeddedValkey(folder / "valkey")
    for server in (postgres, valkey):
        at_end.callback(server.stop)
        server.start()
    return {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}


async def _ways_to(urls: Mapping[str, str], clock: Clock | None, at_end: AsyncExitStack) -> Beside:
    scissors = Scissors()
    database = await at_end.enter_async_context(way_to(urls["DATABASE_URL"], scissors.watch))
    redis = await at_end.enter_async_context(way_to(urls["REDIS_URL"]))
    return Beside(database=database, redis=redis, scissors=scissors, clock=clock)


def _run(prefix: Sequence[str], told: Mapping[str, str], log: Path) -> Running:
    port = free_port()
    command = [*prefix, sys.executable, "-m", "boxoffice", "run", "--port", str(port)]
    return Running(command, port=port, told=told, log=log)


def _end(running: Running) -> None:
    """Stop it in order; whatever a fault left stopped goes on first, so that it hears."""
    tell(descendants(running.process.pid), signal.SIGCONT)
    running.clean_up()
