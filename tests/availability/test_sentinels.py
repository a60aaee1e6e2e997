"""A set with sentinels: whoever they name is asked, also when the one that was asked before is dead or hangs."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import pytest

from boxoffice.availability.scripts import Script
from tests.availability.processes import SETTINGS, Process, process, told
from tests.availability.servers import Server
from tests.availability.sets import sentinels
from tests.availability.test_marks import DATE, GIVEN, LEFT, TOO_MANY, learn
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    os.environ.get("REDIS_SETS") != "all", reason="it waits for failovers: make redis-cluster"
)

FAILOVER_SECONDS_MAX = 60.0
ECHO = Script.of("return {ARGV[1]}")
IMPATIENT = msgspec.structs.replace(SETTINGS, redis_ms_max=200)


async def answers(one: Process) -> bool:
    """Tell whether a process hears what Redis answers."""
    return await one.shared.ask(ECHO, ["{a}"], ["hello"]) == [b"hello"]


async def test_a_master_that_lives_is_found_by_the_last_sentinel(tmp_path: Path) -> None:
    with sentinels(tmp_path) as servers:
        for watcher in servers.watchers[:2]:
            watcher.kill()
        async with process(servers.url) as one, process(servers.url) as other:
            await learn(one)
            assert await other.marks.ask(DATE, *TOO_MANY) == LEFT


async def test_without_a_quorum_nobody_follows_a_master_until_there_is_one_again(tmp_path: Path) -> None:
    with sentinels(tmp_path) as servers:
        async with process(servers.url, settings=IMPATIENT) as one, process(servers.url, settings=IMPATIENT) as other:
            for victim in (*servers.watchers[:2], servers.masters[0]):
                victim.kill()
            await until(lambda: not one.listening and not other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            assert await one.shared.ask(ECHO, ["{a}"], ["hello"]) is None
            assert await other.marks.ask(DATE, *TOO_MANY) is None
            servers.watchers[0].start()
            await until(partial(answers, one), seconds_max=FAILOVER_SECONDS_MAX)
            await until(lambda: one.listening and other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            for each in (one, other):
                each.clock.advance(60_000)
            await learn(one)
            assert await other.marks.ask(DATE, *TOO_MANY) == LEFT


@pytest.mark.parametrize("end", [Server.kill, Server.freeze], ids=["killed", "hangs"])
async def test_the_next_master_is_asked(tmp_path: Path, end: Callable[[Server], None]) -> None:
    with sentinels(tmp_path) as servers:
        async with process(servers.url, settings=IMPATIENT) as one, process(servers.url, settings=IMPATIENT) as other:
            await learn(one)
            assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
            end(servers.masters[0])

            await until(lambda: not one.listening and not other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            await until(partial(answers, one), seconds_max=FAILOVER_SECONDS_MAX)
            await until(lambda: one.listening and other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            for each in (one, other):
                each.clock.advance(100)
            await learn(one)
            await until(lambda: other.shared.present, seconds_max=FAILOVER_SECONDS_MAX)
            heard = other.counters.messages_heard
            one.marks.opened(GIVEN)
            await told(one)
            await until(lambda: other.counters.messages_heard > heard, seconds_max=FAILOVER_SECONDS_MAX)
