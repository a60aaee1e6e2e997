"""Processes begin on rows of their own, and share the rows out anew when one of them is killed or leaves."""

import signal
from collections.abc import Sequence

import asyncpg
import httpx
import redis

from boxoffice.availability import keys
from tests.clients import client_to
from tests.concurrency.buyers import body_of, path_of
from tests.conftest import Service, StartServices
from tests.waiting import until
from tests.world import Type, put_event

SIZES = (3, 4, 5, 6)


async def test_processes_begin_on_different_shards(services: StartServices, pool: asyncpg.Pool, redis_url: str) -> None:
    living = list(await services(count=3))
    await until_all_know(living)
    await assert_rows_of_their_own(living, pool)
    living.pop().kill()
    await until_all_know(living)
    await assert_rows_of_their_own(living, pool)
    living.append(*await services())
    await until_all_know(living)
    await assert_rows_of_their_own(living, pool)
    leaving = living.pop(0)
    leaving.process.send_signal(signal.SIGTERM)
    assert leaving.process.wait() == 0
    with redis.Redis.from_url(redis_url) as client:
        assert client.zcard(keys.PROCESSES) == len(living), "who leaves in order is struck off at once"
    await until_all_know(living)
    await assert_rows_of_their_own(living, pool)


async def assert_rows_of_their_own(services: Sequence[Service], pool: asyncpg.Pool) -> None:
    """Hold one ticket of a new date at each service; all come from different rows, whatever the number of shards."""
    for shards in SIZES:
        date_key = await put_event(pool, max_tickets=60, shards=shards, types=[Type(limit=60, shards=shards)])
        for service in services:
            async with client_to(service.url) as client:
                answer = await client.post(path_of(date_key), json=body_of({1: 1}))
                assert answer.status_code == 201, answer.text
        rows = await pool.fetch("SELECT shard_id, tt_shard_id FROM tickets WHERE event_id = $1", date_key.event_id)
        assert len(rows) == len({row["shard_id"] for row in rows}) == len({row["tt_shard_id"] for row in rows})
        assert len(rows) == len(services)


async def until_all_know(services: Sequence[Service]) -> None:
    """Return when each of these processes counts as many alive as there are."""
    for service in services:
        async with client_to(service.url) as client:

            async def knows(client: httpx.AsyncClient = client) -> bool:
                return await alive(client) == len(services)

            await until(knows)


async def alive(client: httpx.AsyncClient) -> int:
    """Return how many processes this one believes to be alive."""
    lines = (await client.get("/metrics")).text.splitlines()
    (found,) = (line for line in lines if line.startswith("boxoffice_processes_alive"))
    return int(float(found.rpartition(" ")[2]))
