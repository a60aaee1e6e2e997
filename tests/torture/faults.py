"""The faults: what each of them breaks, by name.

Each returns when it is over, and says what it did: a fault that did not happen proves nothing.
"""

import datetime as dt
import random
import re
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
import redis.asyncio

from tests.embedded.processes import is_running, kill_at_once, tell
from tests.torture.cutting import PLACES
from tests.torture.office import Beside, Office
from tests.torture.small_disk import Ballast
from tests.waiting import pass_time, until

HOLD_SECONDS = 40
SHORT_HOLD_SECONDS = 5
LONGER_THAN_A_HOLD = 1.6
SLOW_SECONDS = (0.03, 0.3)
"""Answers of a slow Redis: within the bound of a question to it, and beyond."""
FLUSHES = 10
CUTS_SECONDS_MAX = 30.0
HOURS = dt.timedelta(hours=5)
FULL_SECONDS_MAX = 60.0
SEGMENT_SECONDS = 0.5
FULL = "No space left on device"
LOG_IS_FULL = ("PANIC", "FATAL")


class DidNotHappen(Exception):  # noqa: N818 - a finding about the fault, named as such
    """The fault did not break what it should have broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Where a fault happens, and for how long, where it takes time."""

    office: Office
    seconds: float
    chance: random.Random

    @property
    def beside(self) -> Beside:
        """The servers beside the office."""
        if self.office.beside is None:
            raise AssertionError("this fault needs servers beside the office")
        return self.office.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `lasts`: it takes time, so that it can be said what was sold meanwhile."""

    name: str
    what: str
    happen: Callable[[Scene], Awaitable[str]]
    lasts: bool = True
    hold_seconds: int = HOLD_SECONDS
    beside: bool = False
    moves_clock: bool = False
    small_disk: bool = False


async def _kill(victims: Sequence[int]) -> None:
    kill_at_once(victims)
    await until(lambda: not any(map(is_running, victims)))


async def worker_killed(scene: Scene) -> str:
    workers = scene.office.workers()
    await _kill([scene.chance.choice(workers)])
    return f"1 of {len(workers)} service processes killed"


async def service_killed(scene: Scene) -> str:
    service = [scene.office.service(), *scene.office.workers()]
    await _kill(service)
    return f"all {len(service)} processes of the service killed"


async def postgres_killed(scene: Scene) -> str:
    server = scene.office.postgres()
    await _kill(server)
    return f"{len(server)} processes of PostgreSQL killed"


async def backend_killed(scene: Scene) -> str:
    connection = await asyncpg.connect(scene.office.database_url)
    try:
        rows = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = 'boxoffice'")
    finally:
        await connection.close()
    await _kill([scene.chance.choice(rows)["pid"]])
    return f"1 of {len(rows)} connections' processes killed; PostgreSQL then ends all"


async def _stopped(scene: Scene, victims: Sequence[int], seconds: float) -> None:
    tell(victims, signal.SIGSTOP)
    try:
        await pass_time(seconds)
        if not all(map(_is_stopped, victims)):
            raise DidNotHappen("what was stopped went on, or ended")
    finally:
        tell(victims, signal.SIGCONT)


def _is_stopped(process_id: int) -> bool:
    return "State:\tT" in Path(f"/proc/{process_id}/status").read_text()


async def postgres_stopped(scene: Scene) -> str:
    server = scene.office.postgres()
    await _stopped(scene, server, scene.seconds)
    return f"{len(server)} processes stopped for {scene.seconds:g} s"


async def process_stopped(scene: Scene) -> str:
    seconds = LONGER_THAN_A_HOLD * SHORT_HOLD_SECONDS
    await _stopped(scene, [scene.chance.choice(scene.office.workers())], seconds)
    return f"stopped for {seconds:g} s, holds live for {SHORT_HOLD_SECONDS} s"


async def commits_cut(scene: Scene) -> str:
    scissors = scene.beside.scissors
    scissors.open = True
    await pass_time(scene.seconds)
    await until(lambda: all(scissors.cuts["hold", place] for place in PLACES), seconds_max=CUTS_SECONDS_MAX)
    scissors.open = False
    by_place = {place: sum(n for (_, there), n in scissors.cuts.items() if there == place) for place in PLACES}
    return f"{scissors.cuts.total()} cut: " + ", ".join(f"{n} {place}" for place, n in by_place.items())


async def redis_killed(scene: Scene) -> str:
    await _kill([scene.office.valkey()])
    return "killed"


async def redis_stopped(scene: Scene) -> str:
    await _stopped(scene, [scene.office.valkey()], scene.seconds)
    return f"stopped for {scene.seconds:g} s"


async def redis_flushed(scene: Scene) -> str:
    async with redis.asyncio.Redis.from_url(scene.office.redis_url) as client:
        keys = 0
        for _ in range(FLUSHES):
            keys += await client.dbsize()
            await client.flushall()
            await client.script_flush()
            await pass_time(scene.seconds / FLUSHES)
    if not keys:
        raise DidNotHappen("there was nothing to flush")
    return f"flushed {FLUSHES} times, {keys} keys"


async def redis_slow(scene: Scene) -> str:
    way = scene.beside.redis
    for late in SLOW_SECONDS:
        way.late_seconds = late
        await pass_time(scene.seconds / len(SLOW_SECONDS))
    way.late_seconds = 0.0
    return "answers late by " + ", then ".join(f"{late * 1000:g} ms" for late in SLOW_SECONDS)


async def clock_moved(scene: Scene, by: dt.timedelta) -> str:
    clock = scene.beside.clock
    if clock is None:
        raise AssertionError("this fault needs a clock")
    clock.move(by)
    try:
        await clock.until_seen(scene.office.url, by)
        await pass_time(scene.seconds)
    finally:
        clock.move(dt.timedelta())
    await clock.until_seen(scene.office.url, dt.timedelta())
    direction = "forward" if by > dt.timedelta() else "back"
    return f"{abs(by) / dt.timedelta(hours=1):g} hours {direction}, and put right again"


async def disk_full(scene: Scene) -> str:
    """Fill the disk until first the tables and then the log of changes have met its end; then give the room back.

    The log begins a new segment just before, whose room is taken already: so the tables come first.
    """
    ballast, log = Ballast(scene.office.data), scene.office.data / "postgres" / "log"

    def refused(*kinds: str) -> int:
        return len(re.findall(rf"(?:{'|'.join(kinds)}): .*{FULL}$", log.read_text(errors="replace"), re.MULTILINE))

    async def log_refused() -> bool:
        ballast.fill()
        await _end_segment(scene.office.database_url)
        return refused(*LOG_IS_FULL) > 0

    await _end_segment(scene.office.database_url)
    await pass_time(SEGMENT_SECONDS)
    try:
        ballast.fill()
        await until(lambda: refused("ERROR") > 0, seconds_max=FULL_SECONDS_MAX)
        await pass_time(scene.seconds / 2)
        tables = refused("ERROR")
        await until(log_refused, seconds_max=FULL_SECONDS_MAX)
        await pass_time(scene.seconds / 2)
    finally:
        ballast.drop()
    return f"{FULL}: {tables} x for tables, then {refused(*LOG_IS_FULL)} x for the log, which ends PostgreSQL"


async def _end_segment(url: str) -> None:
    """Have PostgreSQL begin another segment of its log now, not only when this one is full."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):  # then it has met the end of the disk
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SELECT pg_switch_wal()")
        finally:
            await connection.close()


FAULTS: Sequence[Fault] = (
    Fault(name="worker-killed", what="kill -9 of one service process", happen=worker_killed, lasts=False),
    Fault(name="service-killed", what="kill -9 of the whole service", happen=service_killed, lasts=False),
    Fault(name="postgres-killed", what="kill -9 of all of PostgreSQL", happen=postgres_killed, lasts=False),
    Fault(name="backend-killed", what="kill -9 of one connection's process", happen=backend_killed, lasts=False),
    Fault(name="postgres-stopped", what="PostgreSQL stands still (SIGSTOP)", happen=postgres_stopped),
    Fault(name="commits-cut", what="connections cut in the middle of commits", happen=commits_cut, beside=True),
    Fault(name="disk-full", what="PostgreSQL's disk is full", happen=disk_full, small_disk=True),
    Fault(name="redis-killed", what="kill -9 of Redis", happen=redis_killed, lasts=False),
    Fault(name="redis-stopped", what="Redis stands still (SIGSTOP)", happen=redis_stopped),
    Fault(name="redis-flushed", what="Redis forgets everything (FLUSHALL)", happen=redis_flushed),
    Fault(name="redis-slow", what="Redis answers slowly", happen=redis_slow, beside=True),
    Fault(
        name="clock-forward",
        what="the service's clock jumps forward",
        happen=partial(clock_moved, by=HOURS),
        beside=True,
        moves_clock=True,
    ),
    Fault(
        name="clock-back",
        what="the service's clock jumps back",
        happen=partial(clock_moved, by=-HOURS),
        beside=True,
        moves_clock=True,
    ),
    Fault(
        name="process-stopped",
        what="a service process stands still for longer than a hold lives",
        happen=process_stopped,
        hold_seconds=SHORT_HOLD_SECONDS,
    ),
)
