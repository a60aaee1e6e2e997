"""One database behind two addresses, as the nodes of a distributed one are: either of them may go, and comes back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import httpx
import pytest

from boxoffice.data_nodes import DataNodes
from tests.api.shop import BEARER, DATE, TIME, lines, new_event
from tests.conftest import Service, StartServices
from tests.freezing import Way, way_to
from tests.waiting import until

SECONDS_MAX = 30.0
HOLD = f"/events/1/{DATE}/{TIME}"


@asynccontextmanager
async def two_ways(url: str) -> AsyncIterator[tuple[Way, Way]]:
    async with AsyncExitStack() as at_end:
        one, other = [await at_end.enter_async_context(way_to(url)) for _ in range(2)]
        yield one, other


async def test_connections_are_spread_over_the_nodes_that_answer(database_url: str) -> None:
    async with two_ways(database_url) as (one, other):
        nodes = DataNodes([one.url, other.url], pause_seconds=0.05)
        opened = [await nodes.connect() for _ in range(6)]
        assert (one.connections, other.connections) == (3, 3)
        await one.close()
        opened += [await nodes.connect() for _ in range(3)]
        assert (one.connections, other.connections) == (0, 6)
        assert nodes.resting == {one.url}
        spread_anew = asyncio.Event()

        async def back() -> None:
            spread_anew.set()

        nodes.on_return(back)
        await nodes.look()
        assert nodes.resting == {one.url}
        assert not spread_anew.is_set()
        await one.reopen()
        watching = asyncio.create_task(nodes.watch_forever())
        await asyncio.wait_for(spread_anew.wait(), SECONDS_MAX)
        watching.cancel()
        assert nodes.resting == frozenset()
        opened += [await nodes.connect() for _ in range(2)]
        for connection in opened:
            connection.terminate()


async def test_a_node_that_hangs_is_not_waited_for(database_url: str) -> None:
    async with two_ways(database_url) as (one, other):
        nodes = DataNodes([one.url, other.url])
        opened = [await nodes.connect_for_pool() for _ in range(2)]
        one.freeze()
        opened += [await nodes.connect() for _ in range(2)]
        assert nodes.resting == {one.url}
        assert sorted(connection.is_closed() for connection in opened) == [False, False, False, True]
        for connection in opened:
            connection.terminate()


async def test_the_only_node_is_never_left_out(database_url: str) -> None:
    async with way_to(database_url) as only:
        nodes = DataNodes([only.url])
        await only.close()
        with pytest.raises(OSError):
            await nodes.connect()
        assert nodes.resting == frozenset()
        await asyncio.wait_for(nodes.watch_forever(), SECONDS_MAX)  # there is nothing to watch
        await only.reopen()
        (await nodes.connect()).terminate()


async def test_without_any_node_the_error_is_the_drivers_own(database_url: str) -> None:
    async with two_ways(database_url) as (one, other):
        nodes = DataNodes([one.url, other.url])
        await one.close()
        await other.close()
        with pytest.raises((OSError, asyncpg.PostgresError)):
            await nodes.connect()


async def test_selling_goes_on_when_one_of_two_nodes_is_cut_off(services: StartServices, database_url: str) -> None:
    async with two_ways(database_url) as (one, other):
        (service,) = await services(data_urls=f"{one.url} {other.url}", hold_seconds=3_600)
        async with _client(service) as client:
            await _sell(client, 20)
            await until(lambda: one.connections > 0 and other.connections > 0)
            for cut, left in ((one, other), (other, one)):
                await cut.close()
                await until(lambda: _sells(client), seconds_max=SECONDS_MAX)
                await _sell(client, 20)
                assert (await client.get("/health/ready")).status_code == 200
                assert (await client.get("/events")).json()["events"]
                assert left.connections > 0
                await cut.reopen()
                await until(lambda: _comes_back(client, cut), seconds_max=SECONDS_MAX)  # noqa: B023 - it is awaited here


def _client(service: Service) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=SECONDS_MAX, headers=BEARER)


async def _sell(client: httpx.AsyncClient, count: int) -> None:
    if (await client.get("/admin/ticket-types")).json()["ticketTypes"] == []:
        assert (await client.post("/admin/ticket-types", json={"name": "Adult"})).status_code == 201
        assert (await client.post("/admin/events", json=new_event(maxTickets=100_000))).status_code == 201
    answers = await asyncio.gather(*(client.post(HOLD, json=lines({1: 1})) for _ in range(count)))
    assert {answer.status_code for answer in answers} == {201}


async def _sells(client: httpx.AsyncClient) -> bool:
    """Hold a few at once, and look for what nobody has looked for: connections that were cut are noticed and replaced.

    Bookings and readings have connections of their own, and two that are made one after the other go to both nodes.
    """
    looked = await client.get("/events", params={"q": uuid.uuid4().hex})
    answers = await asyncio.gather(*(client.post(HOLD, json=lines({1: 1})) for _ in range(12)))
    statuses = {looked.status_code, *(answer.status_code for answer in answers)}
    assert statuses <= {200, 201, 503}
    return statuses == {200, 201}


async def _comes_back(client: httpx.AsyncClient, way: Way) -> bool:
    return await _sells(client) and way.connections > 0
