"""Redis Cluster: every script stays within one hash tag, and messages reach everyone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
import redis

from boxoffice.availability import keys
from boxoffice.availability.roster import Roster
from boxoffice.availability.scripts import Script
from boxoffice.embedded.keepsakes import free_port
from boxoffice.values import DateKey, GivenBack
from tests.availability.catalogue import Catalogue
from tests.availability.processes import process, told
from tests.availability.servers import VALKEY, Server, server
from tests.availability.test_marks import LEFT, TOO_MANY, learn
from tests.waiting import until, until_now

MASTERS = 3
SLOTS = 16_384
PROBE_SECONDS_MAX = 0.5
DATES = [DateKey(event_id, dt.date(2030, 12, 1), dt.time(20)) for event_id in range(1, 13)]


@pytest.fixture(scope="module")
def cluster_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a cluster of three masters."""
    with ExitStack() as at_end:
        buses = [free_port() for _ in range(MASTERS)]
        masters = [at_end.enter_context(_master(bus, tmp_path_factory.mktemp("master"))) for bus in buses]
        for number, master in enumerate(masters):
            with redis.Redis(port=master.port) as client:
                first, behind = SLOTS * number // MASTERS, SLOTS * (number + 1) // MASTERS
                client.execute_command("CLUSTER ADDSLOTSRANGE", first, behind - 1)
                client.execute_command("CLUSTER MEET", "127.0.0.1", masters[0].port, buses[0])
        until_now(lambda: all(_is_whole(master) for master in masters))
        until_now(lambda: _hear_each_other(masters))
        yield masters[0].url.replace("redis://", "redis+cluster://")


def _master(bus: int, folder: Path) -> AbstractContextManager[Server]:
    """Start a master whose port for other masters, unlike its default, is none that connections get by themselves."""
    return server(VALKEY, folder, "--cluster-enabled", "yes", "--cluster-port", str(bus))


def _is_whole(master: Server) -> bool:
    with redis.Redis(port=master.port) as client:
        told_of = client.execute_command("CLUSTER INFO")
        return told_of["cluster_state"] == "ok" and int(told_of["cluster_size"]) == MASTERS


def _hear_each_other(masters: Sequence[Server]) -> bool:
    """Tell whether what is said to any master is heard at all: a young cluster loses messages while its links begin."""
    with ExitStack() as at_end:
        clients = [at_end.enter_context(redis.Redis(port=master.port)) for master in masters]
        heard = [at_end.enter_context(client.pubsub(ignore_subscribe_messages=True)) for client in clients]
        for subscription in heard:
            subscription.subscribe("probe")
            subscription.get_message(timeout=PROBE_SECONDS_MAX)  # its confirmation
        for client in clients:
            client.publish("probe", "")
        return all(subscription.get_message(timeout=PROBE_SECONDS_MAX) for subscription in heard for _ in masters)


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
