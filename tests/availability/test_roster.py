"""The roster: who is alive, who has left, who was killed; with Redis, without it, and with one that forgets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import redis.asyncio

from boxoffice.availability import keys
from boxoffice.availability.roster import HEARD_MS_MAX, Roster
from boxoffice.availability.scripts import ROSTER_SCRIPTS, RosterScripts, Script
from tests.availability.processes import Process, process, without
from tests.availability.servers import Server
from tests.waiting import until

LONG_MS = 60_000
BEAT_SECONDS = 0.02
FUTURE_MS = 10**14


@dataclass(frozen=True, kw_only=True)
class Member:
    """A process with its roster; `heard` is what the roster told of."""

    roster: Roster
    process: Process
    heard: list[Sequence[str]]

    @property
    def name(self) -> str:
        return self.roster.process


@asynccontextmanager
async def member(
    url: str | None, *, heard_ms_max: int = HEARD_MS_MAX, scripts: RosterScripts = ROSTER_SCRIPTS
) -> AsyncIterator[Member]:
    """Open a process with a roster that has not beaten yet."""
    heard: list[Sequence[str]] = []
    async with process(url) as one:
        roster = Roster(
            shared=one.shared,
            on_change=heard.append,
            beat_seconds=BEAT_SECONDS,
            heard_ms_max=heard_ms_max,
            clock=one.clock,
            scripts=scripts,
        )
        yield Member(roster=roster, process=one, heard=heard)


async def test_two_see_each_other_until_one_leaves(url: str, raw: "redis.asyncio.Redis") -> None:
    async with member(url) as one, member(url) as other:
        both = sorted([one.name, other.name])
        assert await one.roster.beat() == [one.name]
        assert await other.roster.beat() == await one.roster.beat() == both
        await one.roster.leave()
        assert await raw.zrange(keys.PROCESSES, 0, -1) == [other.name.encode()]
        assert await other.roster.beat() == [other.name]
        assert (one.heard, other.heard) == ([both], [both, [other.name]])


async def test_one_that_is_killed_drops_out_within_the_bound(url: str, raw: "redis.asyncio.Redis") -> None:
    async with member(url, heard_ms_max=LONG_MS) as one, member(url, heard_ms_max=LONG_MS) as other:
        for _ in range(3):
            await one.roster.beat()
            await raw.zincrby(keys.PROCESSES, -LONG_MS * 2 / 3, one.name)  # so long ago has it beaten now
            assert one.name in await other.roster.beat(), "whoever beats stays"
        await raw.zincrby(keys.PROCESSES, -LONG_MS / 3, one.name)
        assert await other.roster.beat() == [other.name]


async def test_the_background_work_beats_again_and_again(url: str) -> None:
    async with member(url, heard_ms_max=LONG_MS) as one, member(url, heard_ms_max=LONG_MS) as other:
        beating = asyncio.create_task(one.roster.run_forever())
        await until(lambda: one.process.counters.redis_questions >= 3)
        await other.roster.beat()
        await until(lambda: one.roster.living == sorted([one.name, other.name]))
        beating.cancel()


async def test_a_flush_is_made_good_by_the_next_beats(url: str, raw: "redis.asyncio.Redis") -> None:
    async with member(url) as one, member(url) as other:
        await one.roster.beat()
        await raw.flushall()
        assert await other.roster.beat() == [other.name]
        assert await one.roster.beat() == await other.roster.beat() == sorted([one.name, other.name])


async def test_without_redis_the_last_roster_is_kept_for_its_bound(mortal: Server) -> None:
    async with member(mortal.url) as one, member(mortal.url) as other:
        both = sorted([one.name, other.name])
        await other.roster.beat()
        assert await one.roster.beat() == both
        mortal.kill()
        one.process.clock.advance(HEARD_MS_MAX - 100)
        assert await one.roster.beat() == both
        one.process.clock.advance(100)
        assert await one.roster.beat() == [one.name]
        await one.roster.leave()
        mortal.start()

        async def together() -> bool:
            return await one.roster.beat() == await other.roster.beat() == both

        await until(together)
        assert one.heard == [both, [one.name], both]


async def test_without_a_url_a_process_is_alone() -> None:
    async with member(None) as one:
        assert await one.roster.beat() == [one.name]
        await one.roster.leave()
        assert one.heard == []


async def test_something_else_under_the_roster_s_name_is_let_be(url: str, raw: "redis.asyncio.Redis") -> None:
    await raw.set(keys.PROCESSES, "no sorted set")
    async with member(url) as one:
        assert await one.roster.beat() == [one.name]
        assert one.process.shared.present


async def test_the_roster_has_an_end(url: str, raw: "redis.asyncio.Redis") -> None:
    async with member(url) as one:
        await one.roster.beat()
        assert 0 < await raw.pttl(keys.PROCESSES) <= HEARD_MS_MAX


@pytest.mark.parametrize(
    ("score", "guard"),
    [
        (0, "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])"),
        (FUTURE_MS, "redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 1, '+inf')"),
    ],
    ids=["long ago", "before the clock jumped back"],
)
async def test_who_was_noted_at_another_time_is_dropped_and_control(
    url: str, raw: "redis.asyncio.Redis", score: int, guard: str
) -> None:
    weakened = Script.of(without(ROSTER_SCRIPTS.beat.text, guard))
    async with member(url) as one, member(url, scripts=ROSTER_SCRIPTS._replace(beat=weakened)) as careless:
        await raw.zadd(keys.PROCESSES, {"ghost": score})
        assert "ghost" in await careless.roster.beat()
        assert "ghost" not in await one.roster.beat()
        assert one.name in one.roster.living
