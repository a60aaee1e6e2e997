"""A Redis Cluster and a set with sentinels whose masters are killed in the middle of the sale, again and again.

Selling goes on, no refusal is older than the bound, and what is shared is shared again once a replica has taken over.
It takes minutes: `make redis-cluster` runs it.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import asyncpg
import httpx
import pytest

from boxoffice.availability import keys
from boxoffice.values import DateKey
from tests.api.scrape import counted
from tests.availability.servers import Server
from tests.availability.sets import RedisSet, all_names, cluster, follows, raw_client, sentinels
from tests.concurrency.buyers import body_of, path_of, rush
from tests.concurrency.refusal_judge import Judge
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_line import Line
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_clean, assert_sold_exactly, put_rush
from tests.concurrency.test_refusals import CAPACITY, HOLD_SECONDS, MEASURING_SECONDS, SHARDS
from tests.concurrency.test_refusals import LIMITS as LIMITS_OF_TIDES
from tests.concurrency.tides import Records, Sea, tides
from tests.conftest import MEASURED, Service, StartServices
from tests.waiting import until, until_now
from tests.world import Type, put_event, sums_of

pytestmark = pytest.mark.skipif(os.environ.get("REDIS_SETS") != "all", reason="it takes minutes: make redis-cluster")

FAILOVER_SECONDS_MAX = 60.0
FAILOVERS = 3
BOUND_MS = 250
AT_TICKETS_HELD = 300


@pytest.fixture(params=[cluster, sentinels], ids=["cluster", "sentinels"])
def redis_set(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisSet]:
    """A set of its own for each test."""
    start: Callable[[Path], AbstractContextManager[RedisSet]] = request.param
    with start(tmp_path) as started:
        yield started


class Killer:
    """Kills the master of a date, waits until another has taken over, and starts it again as a replica."""

    def __init__(self, redis_set: RedisSet, date_key: DateKey) -> None:
        self._redis_set = redis_set
        self._key = keys.epoch_of(keys.date_tag(date_key))
        self.failovers = 0

    async def run(self, times: int) -> None:
        for _ in range(times):
            await asyncio.to_thread(self._once)
            self.failovers += 1

    def kill(self) -> Server:
        """Kill the master, and return it."""
        victim = self._redis_set.master_of(self._key)
        victim.kill()
        return victim

    def _once(self) -> None:
        victim = self.kill()
        until_now(lambda: self._redis_set.has_master(self._key), seconds_max=FAILOVER_SECONDS_MAX)
        victim.start()
        until_now(lambda: follows(victim), seconds_max=FAILOVER_SECONDS_MAX)


async def test_a_rush_whose_master_is_killed(
    services: StartServices, redis_set: RedisSet, pool: asyncpg.Pool, database_url: str
) -> None:
    started = await services(count=4, redis_url=redis_set.url)
    date_key = await put_rush(pool)
    victims: list[Server] = []
    killer = Killer(redis_set, date_key)
    ledger = Ledger(TICKETS, LIMITS, [(AT_TICKETS_HELD, lambda: victims.append(killer.kill()))])
    await rush(started, date_key, ledger, seed=0)
    assert len(victims) == 1
    await assert_sold_exactly(pool, database_url, date_key, ledger)


async def test_tides_while_masters_are_killed(
    services: StartServices,
    redis_set: RedisSet,
    pool: asyncpg.Pool,
    database_url: str,
    record_property: Callable[[str, object], None],
) -> None:
    started = await services(count=3, redis_url=redis_set.url, exhausted_ms_max=BOUND_MS, hold_seconds=HOLD_SECONDS)
    types = [Type(limit=limit, shards=3) for limit in LIMITS_OF_TIDES.values()]
    date_key = await put_event(pool, max_tickets=CAPACITY, shards=SHARDS, types=types)
    killer = Killer(redis_set, date_key)
    killing = asyncio.create_task(killer.run(FAILOVERS))
    records, seed = Records(), 0
    while not killing.done():
        sea = Sea(sellers=started, leavers=started, date_key=date_key, bound_seconds=BOUND_MS / 1000)
        more = await tides(sea, seed=seed)
        records.stays += more.stays
        records.refusals += more.refusals
        seed += 1
    await killing
    ages = _ages_of(records)
    assert [age for age in ages if age > BOUND_MS / 1000 + MEASURING_SECONDS] == []
    sums = await sums_of(pool, date_key.event_id)
    assert (sums.tickets, sums.reservations, sum(sums.total.values())) == (0, 0, 0)
    await assert_clean(database_url, date_key.event_id)
    told = f"{killer.failovers} masters killed, {len(records.stays)} holds, {len(ages)} refusals, the oldest look"
    record_property(MEASURED, f"{told} {1000 * max(ages):.0f} ms old")
    await _all_is_shared_again(started, redis_set, date_key)


def _ages_of(records: Records) -> list[float]:
    judge = Judge(CAPACITY, LIMITS_OF_TIDES, records.stays)
    assert [stay for stay in records.stays if judge.is_too_much(stay)] == []
    assert len(records.refusals) > 100
    return [judge.age_at_least(refusal) for refusal in records.refusals]


async def _is_present(service: Service) -> bool:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        return await counted(client, "boxoffice_redis_present") == 1


async def _all_is_shared_again(started: Sequence[Service], redis_set: RedisSet, date_key: DateKey) -> None:
    """Fill the date at one service, and see its mark and its description in what all share."""

    async def everybody_is_present() -> bool:
        return all([await _is_present(service) for service in started])

    await until(everybody_is_present, seconds_max=FAILOVER_SECONDS_MAX)
    line = Line(started[0].url)
    async with raw_client(redis_set.url) as client:

        async def is_shared() -> bool:
            answer = await line.ask("POST", path_of(date_key), body_of({1: 5}))
            assert answer.status in {201, 409}
            async with httpx.AsyncClient(trust_env=False) as reader:
                assert (await reader.get(f"{started[0].url}/events/{date_key.event_id}")).status_code == 200
            marks = await client.exists(keys.mark_of(keys.date_tag(date_key), BOUND_MS))
            pages = await all_names(client, f"{keys.event_tag(date_key.event_id)}:dates:*")
            return bool(marks and pages)

        await until(is_shared, seconds_max=FAILOVER_SECONDS_MAX)
    line.cut()
