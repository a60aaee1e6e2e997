"""Redis Cluster: every script stays within one hash tag, messages reach everyone, and a dead master costs its share.

With REDIS_SETS=all the other tests of this folder run on a cluster too.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator

import msgspec
import pytest
import redis

from boxoffice.availability import keys
from boxoffice.availability.roster import Roster
from boxoffice.availability.scripts import Script
from boxoffice.values import DateKey, GivenBack
from tests.availability.catalogue import Catalogue
from tests.availability.processes import SETTINGS, process, told
from tests.availability.servers import Server
from tests.availability.sets import NODE_MS, STEADY_MS, RedisSet, cluster
from tests.availability.test_marks import LEFT, TOO_MANY, learn
from tests.waiting import until, until_now

DATES = [DateKey(event_id, dt.date(2030, 12, 1), dt.time(20)) for event_id in range(1, 13)]
FAILOVER_SECONDS_MAX = 60.0
WITH_FAILOVERS = os.environ.get("REDIS_SETS") == "all"
IMPATIENT = msgspec.structs.replace(SETTINGS, redis_ms_max=1_000)
"""A master that hangs is given up before its replica takes over."""
EXISTS = Script.of("return {redis.call('EXISTS', KEYS[1])}")


@pytest.fixture(scope="module")
def redis_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisSet]:
    """A cluster of three masters with a replica each; the last test of this file kills one of them."""
    with cluster(tmp_path_factory.mktemp("cluster"), node_ms=NODE_MS if WITH_FAILOVERS else STEADY_MS) as started:
        yield started


@pytest.fixture
def cluster_url(redis_cluster: RedisSet) -> str:
    """The URL of the cluster."""
    return redis_cluster.url


async def test_marks_work_on_every_node(cluster_url: str) -> None:
    async with process(cluster_url) as one, process(cluster_url) as other:
        for date_key in DATES:
            await learn(one, date_key)
            assert await other.marks.ask(date_key, *TOO_MANY) == LEFT
            assert await other.marks.exhausted_shards(date_key) == ({0: 2, 1: 3}, {(1, 0): 1, (1, 1): 2})
            one.marks.opened(GivenBack(date_key=date_key, total={0: 1}, types={(1, 0): 1}))
            await told(one)
            assert await other.marks.exhausted_shards(date_key) == ({1: 3}, {(1, 1): 2})
        await until(lambda: {given.date_key for given in other.notes.given_back} == set(DATES))
        one.marks.opened_event(1)
        await until(lambda: other.notes.forgotten_events == [1])


async def test_memory_works_on_every_node(cluster_url: str) -> None:
    events = range(1, 13)
    catalogue, unread = Catalogue(*events), Catalogue(*events)
    async with process(cluster_url, catalogue=catalogue) as one, process(cluster_url, catalogue=unread) as other:
        for event_id in events:
            described = await one.memory.event_description(event_id)
            page = (await one.memory.dates_page(event_id, None, None, 10, None)).value
            await told(one)
            other.clock.advance(100)
            assert await other.memory.event_description(event_id) == described
            assert (await other.memory.dates_page(event_id, None, None, 10, None)).value == page
            one.memory.catalog_changed(event_id)
        assert unread.readings == 0
        await until(lambda: other.counters.messages_heard == len(events))


async def test_the_roster_works_on_its_node(cluster_url: str) -> None:
    async with process(cluster_url) as one, process(cluster_url) as other:
        rosters = [Roster(shared=each.shared, on_change=lambda _: None) for each in (one, other)]
        both = sorted(roster.process for roster in rosters)
        await rosters[0].beat()
        assert await rosters[1].beat() == await rosters[0].beat() == both
        await rosters[0].leave()
        assert await rosters[1].beat() == [rosters[1].process]


async def test_control_keys_of_two_tags_are_refused(cluster_url: str) -> None:
    both = Script.of("return {redis.call('EXISTS', KEYS[1], KEYS[2])}")
    async with process(cluster_url) as one:
        tags = [keys.date_tag(date_key) for date_key in DATES]
        assert await one.shared.ask(both, [keys.epoch_of(tags[0]), keys.shards_of(tags[0])], []) is not None
        assert await one.shared.ask(both, [keys.epoch_of(tags[0]), keys.shards_of(tags[1])], []) is None


def test_a_replica_ends_a_key_at_the_moment_at_which_its_master_does(redis_cluster: RedisSet) -> None:
    """A replica that takes over counts the rest of a life from where it began, not anew."""
    key = keys.mark_of(keys.date_tag(DATES[0]), 10_000)
    master = redis_cluster.master_of(key)
    replica = redis_cluster.replicas[redis_cluster.masters.index(master)]
    with master.client() as written, replica.client() as copied:
        written.set(key, "", px=60_000)
        assert written.wait(1, 20_000) == 1
        copied.readonly()
        assert copied.pexpiretime(key) == written.pexpiretime(key) > 0


@pytest.mark.skipif(not WITH_FAILOVERS, reason="it waits for the cluster: make redis-cluster")
async def test_a_slot_that_nobody_has_is_done_without_until_somebody_has_it(redis_cluster: RedisSet) -> None:
    key = keys.epoch_of(keys.date_tag(DATES[0]))
    master = redis_cluster.master_of(key)
    async with process(redis_cluster.url) as one:

        async def is_answered() -> bool:
            return await one.shared.ask(EXISTS, [key], []) is not None

        async def is_not() -> bool:
            return not await is_answered()

        assert await is_answered()
        with master.client() as client:
            slot = client.execute_command("CLUSTER", "KEYSLOT", key)
            client.execute_command("CLUSTER", "DELSLOTS", slot)
            try:
                await until(is_not, seconds_max=FAILOVER_SECONDS_MAX)
                await learn(one, DATES[0])
            finally:
                client.execute_command("CLUSTER", "ADDSLOTS", slot)
        await until(is_answered, seconds_max=FAILOVER_SECONDS_MAX)


@pytest.mark.skipif(not WITH_FAILOVERS, reason="it waits for a failover: make redis-cluster")
@pytest.mark.parametrize("end", [Server.kill, Server.freeze], ids=["killed", "hangs"])
async def test_a_dead_master_costs_its_own_keys_alone_until_its_replica_has_taken_over(
    redis_cluster: RedisSet, end: Callable[[Server], None]
) -> None:
    tags = [keys.date_tag(date_key) for date_key in DATES]
    url = redis_cluster.url
    async with process(url, settings=IMPATIENT) as one, process(url, settings=IMPATIENT) as other:
        places = {tag: redis_cluster.master_of(keys.epoch_of(tag)) for tag in tags}
        assert len(set(places.values())) > 1
        victim = places[tags[0]]
        lost = {tag for tag, place in places.items() if place is victim}
        assert lost < set(tags)
        end(victim)
        answered = {tag for tag in tags if await one.shared.ask(EXISTS, [keys.epoch_of(tag)], []) is not None}
        assert answered == set(tags) - lost
        assert one.shared.present
        assert one.counters.redis_losses == 1

        async def is_back() -> bool:
            return await one.shared.ask(EXISTS, [keys.epoch_of(tags[0])], []) is not None

        await until(is_back, seconds_max=FAILOVER_SECONDS_MAX)
        assert redis_cluster.master_of(keys.epoch_of(tags[0])) is not victim
        for date_key in DATES:
            one.clock.advance(100)
            await learn(one, date_key)
        await until(lambda: one.listening and other.listening, seconds_max=FAILOVER_SECONDS_MAX)
        heard = other.counters.messages_heard
        one.marks.opened(GivenBack(date_key=DATES[0], total={0: 1}, types={(1, 0): 1}))
        await told(one)
        await until(lambda: other.counters.messages_heard > heard, seconds_max=FAILOVER_SECONDS_MAX)
    victim.thaw() if end is Server.freeze else victim.start()
    until_now(lambda: _is_replica(victim.client()), seconds_max=FAILOVER_SECONDS_MAX)


def _is_replica(client: "redis.Redis") -> bool:
    with client:
        return "slave" in client.role()
