"""What clients see when Postgres or Redis is away, when too many come, and when the office closes."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import anyio
import asyncpg
import httpx
import msgspec
import redis

from boxoffice.app import open_office
from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.schema import migrate
from boxoffice.settings import Settings
from tests.api.scrape import counted, in_flight, scrape, until_shared
from tests.api.shop import DATE, TIME, Shop, assert_problem, client_of, lines, open_shop
from tests.waiting import until

HOLD = f"/events/1/{DATE}/{TIME}"


def assert_overloaded(answer: httpx.Response) -> None:
    assert_problem(answer, 503, "overloaded")
    assert int(answer.headers["retry-after"]) >= 1


async def test_without_postgres_every_answer_is_an_honest_503(settings: Settings, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    server.start()
    try:
        own = msgspec.structs.replace(settings, database_url=server.url, catalog_ms_max=1, availability_ms_max=1)
        await migrate(own)
        async with open_shop(own) as shop:
            await shop.add_types("Adult")
            event_id = await shop.add_event()
            name = await shop.held(event_id, {1: 1})
            server.stop()
            assert_overloaded(await shop.get("/health/ready"))
            assert (await shop.get("/health/live")).status_code == 200
            for answer in (
                await shop.get("/events"),
                await shop.get(f"/events/{event_id}"),
                await shop.hold(event_id, {1: 1}),
                await shop.get(f"/reservation/{name}"),
                await shop.post(f"/reservation/{name}", {"paymentReference": 1}),
                await shop.client.delete(f"/reservation/{name}"),
                await shop.admin("GET", "/ticket-types"),
                await shop.admin("POST", "/ticket-types", {"name": "Child"}),
                await shop.admin("PATCH", f"/events/{event_id}", {"maxTickets": 11}),
            ):
                assert_overloaded(answer)
            await until(lambda: says_that_nothing_changed(shop, event_id, name))
            server.start()

            async def ready() -> bool:
                return (await shop.get("/health/ready")).status_code == 200

            await until(ready)
            assert (await shop.hold(event_id, {1: 1})).status_code == 201
    finally:
        server.stop()


async def says_that_nothing_changed(shop: Shop, event_id: int, name: str) -> bool:
    """Tell whether a hold, a payment and a release say that they never reached the database."""
    answers = [
        await shop.hold(event_id, {1: 1}),
        await shop.post(f"/reservation/{name}", {"paymentReference": 1}),
        await shop.client.delete(f"/reservation/{name}"),
    ]
    for answer in answers:
        assert_overloaded(answer)
    return all("nothing has changed" in answer.json()["detail"] for answer in answers)


async def test_without_redis_selling_goes_on_and_each_limits_for_itself(settings: Settings, tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    try:
        own = msgspec.structs.replace(settings, redis_url=server.url, holds_per_minute_max=1)
        async with open_shop(own) as shop, open_shop(own) as beside:
            await shop.add_types("Adult")
            event_id = await shop.add_event()
            await shop.held(event_id, {1: 1})
            assert_problem(await shop.hold(event_id, {1: 1}), 429, "rate-limited")
            server.stop()
            assert (await shop.get("/health/ready")).status_code == 200
            assert_problem(await shop.hold(event_id, {1: 1}), 429, "rate-limited")
            await beside.held(event_id, {1: 1})
            assert_problem(await beside.hold(event_id, {1: 1}), 429, "rate-limited")
            assert (await shop.get("/events")).status_code == 200
    finally:
        server.stop()


async def test_a_client_has_so_many_holds_in_a_minute(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, holds_per_minute_max=3)) as shop:
        await until_shared(shop.client)
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        for _ in range(3):
            await shop.held(event_id, {1: 1})
        for _ in range(2):
            refused = await shop.hold(event_id, {1: 1})
            assert_problem(refused, 429, "rate-limited")
            assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert (await shop.get(f"/events/{event_id}")).json()["dates"][0]["available"] == 7
        with redis.Redis.from_url(settings.redis_url or "") as client:
            (key,) = client.keys("boxoffice:holds-by-client:*")
            assert 0 < client.pttl(key) <= 60_000
            client.pexpire(key, 5_000)
            assert_problem(await shop.hold(event_id, {1: 1}), 429, "rate-limited")
            assert client.pttl(key) <= 5_000  # a hold that is refused does not make the window longer


async def test_without_the_setting_there_is_no_limit(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(maxTickets=100)
    for _ in range(30):
        await shop.held(event_id, {1: 1})


async def test_a_process_that_stops_takes_no_holds_and_is_not_ready(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    shop.office.leaving = shop.office.draining = True
    assert_overloaded(await shop.hold(event_id, {1: 1}))
    assert_overloaded(await shop.get("/health/ready"))
    assert (await shop.get("/health/live")).status_code == 200


async def test_closing_an_office_answers_what_is_in_flight_and_refuses_the_rest(
    settings: Settings, pool: asyncpg.Pool
) -> None:
    closing = AsyncExitStack()
    office = await closing.enter_async_context(open_office(settings))
    async with client_of(office) as client:
        shop = Shop(client=client, office=office)
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            held = asyncio.create_task(shop.hold(event_id, {1: 1}))
            await until(lambda: in_flight(client))
            closed = asyncio.create_task(closing.aclose())
            await until(lambda: office.draining)
            assert_overloaded(await shop.hold(event_id, {1: 1}))
            assert not held.done()
        await closed
        assert (await held).status_code == 201


async def test_a_hold_that_waits_too_long_is_an_honest_503(settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(msgspec.structs.replace(settings, flight_wait_ms_max=50)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            held = asyncio.create_task(shop.hold(event_id, {1: 1}))
            await until(lambda: in_flight(shop.client))
            assert_overloaded(await shop.hold(event_id, {1: 1}))
            assert not held.done()
        assert (await held).status_code == 201
    assert await pool.fetchval("SELECT count(*) FROM reservation") == 1


async def test_what_is_overdue_is_swept_without_anybody_asking(settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(msgspec.structs.replace(settings, hold_seconds=1)) as shop:
        await shop.add_types("Adult")
        await shop.held(await shop.add_event(), {1: 1})

        async def swept() -> bool:
            return bool(await pool.fetchval("SELECT count(*) = 0 FROM reservation"))

        await until(swept)


async def test_a_client_that_left_before_its_flight_is_dropped(client: httpx.AsyncClient, pool: asyncpg.Pool) -> None:
    async def noticed() -> bool:
        return await counted(client, "boxoffice_http_clients_gone_total") == 1

    async def waits() -> bool:
        return await counted(client, "boxoffice_requests_waiting", kind="hold") == 1

    answers: list[httpx.Response] = []

    async def hold() -> None:
        answers.append(await client.post(HOLD, json=lines({1: 1})))

    async with anyio.create_task_group() as tasks, pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE consumption")
        tasks.start_soon(hold)
        await until(lambda: in_flight(client))
        async with anyio.create_task_group() as leaving:
            leaving.start_soon(hold)
            await until(waits)
            leaving.cancel_scope.cancel()
        await until(noticed)
    assert [answer.status_code for answer in answers] == [201]
    await until(lambda: empty(client))
    outcomes = (await scrape(client)).by("boxoffice_holds_total", "outcome")
    assert outcomes == {"held": 1, "client_left": 1}
    assert await pool.fetchval("SELECT count(*) FROM reservation") == 1


async def empty(client: httpx.AsyncClient) -> bool:
    return await counted(client, "boxoffice_requests_waiting", kind="hold") == 0
