"""A primary and its standby by streaming replication, each an embedded PostgreSQL, with ways to each that can go dark.

Modes: paired (the standby follows), cut (what the primary writes does not reach it any more), failed over (the primary
is gone, the standby takes writes).
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from boxoffice.embedded.postgres import EmbeddedPostgres, find_programs
from boxoffice.embedded.unprivileged import choose_identity
from boxoffice.schema import migrate
from boxoffice.settings import Settings
from tests.embedded.processes import descendants, is_running, kill_at_once
from tests.freezing import Way, way_to
from tests.waiting import until

FOR_REPLICATION = {"wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on", "wal_keep_size": "'1GB'"}
PROMOTION_SECONDS_MAX = 60.0
REPLICATED = """
    SELECT count(*) = 1 FROM pg_stat_replication
    WHERE state = 'streaming' AND flush_lsn = pg_current_wal_flush_lsn() AND ($1 OR sync_state = 'sync')
"""


class Pair:
    """The two servers in a folder.

    `url` names both, by ways that can go dark: the primary first, as it was in the beginning. `judge_url` names them
    the other way round and by no way, for whoever looks at what is there.
    """

    def __init__(
        self, folder: Path, primary: EmbeddedPostgres, standby: EmbeddedPostgres, ways: Sequence[Way], link: Way
    ) -> None:
        self._folder = folder
        self._primary = primary
        self._standby = standby
        self._ways = ways
        self._link = link
        self.url = _of_several([way.url for way in ways])
        self.judge_url = f"{_of_several([standby.url, primary.url])}?target_session_attrs=read-write"
        self.standby_url = standby.url

    def cut(self) -> None:
        """Let nothing that the primary writes reach the standby any more, without a word to either."""
        self._link.freeze()

    def go_dark(self) -> None:
        """Let the primary answer nobody any more, and refuse nobody: its machine has lost its power."""
        self.cut()
        self._ways[0].freeze()

    async def kill_primary(self) -> int:
        """Kill all processes of the primary at once; return how many."""
        assert self._primary.process_id is not None
        everything = [self._primary.process_id, *descendants(self._primary.process_id)]
        kill_at_once(everything)
        await until(lambda: not any(map(is_running, everything)), seconds_max=PROMOTION_SECONDS_MAX)
        return len(everything)

    async def promote(self) -> None:
        """Have the standby take over, as `pg_ctl promote` does; return when it takes writes."""
        await asyncio.to_thread(_run, "pg_ctl", "promote", "-w", "-D", str(self._folder / "standby" / "data"))

        async def takes_writes() -> bool:
            return not await _fetched(self._standby.url, "SELECT pg_is_in_recovery()")

        await until(takes_writes, seconds_max=PROMOTION_SECONDS_MAX)


@asynccontextmanager
async def open_pair(folder: Path, *, synchronous: bool) -> AsyncIterator[Pair]:
    """Start a migrated primary with a standby that has all of it; `synchronous`: each commit waits for the standby."""
    async with AsyncExitStack() as at_end:
        primary = EmbeddedPostgres(folder / "primary")
        at_end.callback(primary.stop)
        await asyncio.to_thread(primary.start)
        await _set(primary.url, FOR_REPLICATION)
        await asyncio.to_thread(primary.stop)
        await asyncio.to_thread(primary.start)
        await migrate(Settings(database_url=primary.url))
        link = await at_end.enter_async_context(way_to(primary.url))
        standby = await asyncio.to_thread(_copy, folder, link.url)
        at_end.callback(standby.stop)
        await asyncio.to_thread(standby.start)
        if synchronous:
            await _set(primary.url, {"synchronous_standby_names": "'FIRST 1 (standby)'"})

        async def has_all() -> bool:
            return bool(await _fetched(primary.url, REPLICATED, not synchronous))

        await until(has_all, seconds_max=PROMOTION_SECONDS_MAX)
        ways = [await at_end.enter_async_context(way_to(server.url)) for server in (primary, standby)]
        yield Pair(folder, primary, standby, ways, link)


def _of_several(urls: Sequence[str]) -> str:
    """Return the URL that names the hosts of all of these, which are alike but for that."""
    parts = [urlsplit(url) for url in urls]
    credentials = parts[0].netloc.rpartition("@")[0]
    hosts = ",".join(f"{each.hostname}:{each.port}" for each in parts)
    return f"postgresql://{credentials}@{hosts}{parts[0].path}"


def _copy(folder: Path, url: str) -> EmbeddedPostgres:
    """Copy a running primary into a standby's folder, which will follow it by this URL."""
    beside = folder / "standby"
    beside.mkdir(mode=0o700)
    shutil.copy(folder / "primary" / "password", beside / "password")
    choose_identity().own(beside)
    source = f"{url}?application_name=standby"
    _run("pg_basebackup", "-D", str(beside / "data"), "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")
    return EmbeddedPostgres(beside)


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as whom the servers run as."""
    identity = choose_identity()
    ended = subprocess.run(
        [*identity.prefix, str(find_programs() / program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        user=identity.user,
        group=identity.group,
    )
    assert ended.returncode == 0, ended.stderr


async def _set(url: str, settings: dict[str, str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for name, value in settings.items():
            await connection.execute(f"ALTER SYSTEM SET {name} = {value}")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


async def _fetched(url: str, query: str, *arguments: object) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()
