"""A set with sentinels: whoever they name is asked, also when the one that was asked before is dead or hangs."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from boxoffice.availability.scripts import Script
from tests.availability.processes import SETTINGS, process, told
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


@pytest.mark.parametrize("end", [Server.kill, Server.freeze], ids=["killed", "hangs"])
async def test_the_next_master_is_asked(tmp_path: Path, end: Callable[[Server], None]) -> None:
    with sentinels(tmp_path) as servers:
        async with process(servers.url, settings=IMPATIENT) as one, process(servers.url, settings=IMPATIENT) as other:
            await learn(one)
            assert await other.marks.ask(DATE, *TOO_MANY) == LEFT
            end(servers.masters[0])

            async def is_back() -> bool:
                return await one.shared.ask(ECHO, ["{a}"], ["hello"]) == [b"hello"]

            await until(lambda: not one.listening and not other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            await until(is_back, seconds_max=FAILOVER_SECONDS_MAX)
            await until(lambda: one.listening and other.listening, seconds_max=FAILOVER_SECONDS_MAX)
            for each in (one, other):
                each.clock.advance(100)
            await learn(one)
            await until(lambda: other.shared.present, seconds_max=FAILOVER_SECONDS_MAX)
            heard = other.counters.messages_heard
            one.marks.opened(GIVEN)
            await told(one)
            await until(lambda: other.counters.messages_heard > heard, seconds_max=FAILOVER_SECONDS_MAX)
