"""What buyers hear when a service is told to stop: their tickets, or honestly that nobody knows; and it does end."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import ClassVar, Protocol, TypeAlias

import asyncpg
import httpx
import pytest

from boxoffice import app, selling, service_process, serving
from boxoffice.booking import flights
from tests.api.scrape import counted, in_flight
from tests.api.shop import DATE, TIME, assert_problem, lines, open_sale
from tests.clients import client_to
from tests.conftest import Service, StartServices
from tests.embedded.processes import refuses
from tests.emptying import empty
from tests.freezing import way_to
from tests.http.raw import Held, served
from tests.waiting import until

HOLD = f"/events/1/{DATE}/{TIME}"
UNKNOWN = "the outcome is unknown"
NOTHING = "nothing is booked"
ATTEMPTS_MAX = 4

Story: TypeAlias = Callable[[Service, httpx.AsyncClient], Awaitable[None]]


class InTime(Protocol):
    """Has a story of a stop go as told, of a service that sells on this database, the tests' own unless given."""

    async def __call__(self, story: Story, **settings: object) -> None: ...


@pytest.fixture
def in_time(services: StartServices, database_url: str) -> InTime:
    """One of a few attempts is enough: a stop has seconds for its parts, in which a busy machine may stand still."""

    async def attempt(story: Story, **settings: object) -> None:
        service = await open_sale(services, **settings)
        try:
            async with client_to(service.url) as client:
                await story(service, client)
        finally:
            if service.process.poll() is None:
                service.kill()

    async def play(story: Story, **settings: object) -> None:
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return await attempt(story, **settings)
            except (AssertionError, httpx.TransportError):
                await empty(database_url)
        return await attempt(story, **settings)

    return play


def hold(client: httpx.AsyncClient) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(client.post(HOLD, json=lines({1: 1})))


async def one_waits(client: httpx.AsyncClient) -> bool:
    return await counted(client, "boxoffice_requests_waiting", kind="hold") == 1


async def until_stopped(service: Service) -> None:
    """Wait until the service has ended in order: what takes longer than STOP_SECONDS_MAX would have been killed."""
    await until(lambda: service.process.poll() is not None)
    assert service.process.returncode == 0
    assert "worker_killed" not in service.log.read_text()


def tell(service: Service) -> None:
    """Tell it to stop."""
    service.process.send_signal(signal.SIGTERM)


def test_the_parts_of_a_stop_fit_into_it() -> None:
    answered = selling.DRAIN_SECONDS_MAX + 2 * flights.CANCEL_SECONDS_MAX
    closed = app.WORK_STOP_SECONDS_MAX + app.DATABASE_CLOSE_SECONDS_MAX
    assert answered < serving.ANSWER_SECONDS_MAX
    assert serving.ANSWER_SECONDS_MAX + closed < serving.STOP_SECONDS_MAX < service_process.STOP_SECONDS_MAX


async def test_what_is_in_flight_is_answered(in_time: InTime, pool: asyncpg.Pool) -> None:
    async def story(service: Service, client: httpx.AsyncClient) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            held = hold(client)
            await until(lambda: in_flight(client))
            tell(service)
            await until(lambda: refuses(f"{service.url}/health/live"))
        assert (await held).status_code == 201
        await until_stopped(service)
        assert await pool.fetchval("SELECT count(*) FROM reservation") == 1

    await in_time(story)


async def test_a_service_that_leaves_says_so_and_sells_on(services: StartServices) -> None:
    service = await open_sale(services, leave_seconds=600)
    tell(service)
    for _ in range(2):  # a new connection each time, as balancers make them
        async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=20) as newcomer:

            async def not_ready(client: httpx.AsyncClient = newcomer) -> bool:
                return (await client.get("/health/ready")).status_code == 503

            await until(not_ready)
            assert (await newcomer.get("/health/live")).status_code == 200
            held = await hold(newcomer)
            assert held.status_code == 201
            assert "connection" not in held.headers
    service.kill()


async def test_leaving_closes_the_door_in_the_middle_and_drains_last() -> None:
    class Leaving(Held):
        doors: ClassVar[list[bool]] = []

        def leave(self) -> None:
            self.doors.append(server.stopping)

        async def drain(self) -> None:
            raise AssertionError("that comes after leaving")

    application = Leaving()
    async with served(application) as (server, _):
        await serving.leave(application, server, 0.02)
        assert [*application.doors, server.stopping] == [False, True]


async def test_what_a_slow_database_does_not_answer_in_time_is_an_honest_503(
    in_time: InTime, pool: asyncpg.Pool
) -> None:
    async def story(service: Service, client: httpx.AsyncClient) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            aboard = hold(client)
            await until(lambda: in_flight(client))
            behind = hold(client)
            await until(lambda: one_waits(client))
            tell(service)
            for asked, said in ((aboard, UNKNOWN), (behind, NOTHING)):
                answer = await asked
                assert_problem(answer, 503, "overloaded")
                assert said in answer.json()["detail"]
            await until_stopped(service)
        assert await pool.fetchval("SELECT count(*) FROM reservation") == 0

    await in_time(story)


async def test_what_a_database_that_hangs_does_not_answer_is_an_honest_503(
    in_time: InTime, pool: asyncpg.Pool, database_url: str
) -> None:
    async with way_to(database_url) as way:

        async def story(service: Service, client: httpx.AsyncClient) -> None:
            async with AsyncExitStack() as at_end:
                connection = await at_end.enter_async_context(pool.acquire())
                await at_end.enter_async_context(connection.transaction())
                at_end.callback(way.thaw)
                await connection.execute("LOCK TABLE consumption")
                held = hold(client)
                await until(lambda: in_flight(client))
                way.freeze()
                tell(service)
                answer = await held
                assert_problem(answer, 503, "overloaded")
                assert UNKNOWN in answer.json()["detail"]
                await until_stopped(service)

        await in_time(story, database_url=way.url)
