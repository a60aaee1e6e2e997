"""A refusal for load is counted by its reason: each reason made to happen, and nothing else counted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from boxoffice.settings import Settings
from tests.api.scrape import scrape
from tests.api.shop import Shop, open_shop
from tests.waiting import until


async def reasons(shop: Shop) -> Mapping[str, float]:
    """The reasons of all refusals; fails when they are not as many as the holds that ended overloaded."""
    count = await scrape(shop.client)
    assert count("boxoffice_overloads_total") == count("boxoffice_holds_total", outcome="overloaded")
    return count.by("boxoffice_overloads_total", "reason", kind="hold")


@asynccontextmanager
async def stuck_shop(settings: Settings, pool: asyncpg.Pool, **changed: int) -> AsyncIterator[Shop]:
    """A shop whose first hold is in the air and does not land within the block."""
    async with open_shop(msgspec.structs.replace(settings, **changed)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()

        async def flying() -> bool:
            return (await scrape(shop.client))("boxoffice_flights_in_air", kind="hold") == 1

        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            first = asyncio.create_task(shop.hold(event_id, {1: 1}))
            await until(flying)
            yield shop
        await first


async def test_a_queue_that_is_full(settings: Settings, pool: asyncpg.Pool) -> None:
    async with stuck_shop(settings, pool, queue_requests_max=1, flight_wait_ms_max=30_000) as shop:
        second = asyncio.create_task(shop.hold(1, {1: 1}))

        async def waits() -> bool:
            return (await scrape(shop.client))("boxoffice_requests_waiting", kind="hold") == 1

        await until(waits)
        assert (await shop.hold(1, {1: 1})).status_code == 503
        assert await reasons(shop) == {"queue_full": 1}
        second.cancel()


async def test_a_request_that_waited_too_long(settings: Settings, pool: asyncpg.Pool) -> None:
    async with stuck_shop(settings, pool, flight_wait_ms_max=20) as shop:
        assert (await shop.hold(1, {1: 1})).status_code == 503
        assert await reasons(shop) == {"waited_too_long": 1}


async def test_a_process_that_stops(settings: Settings) -> None:
    async with open_shop(settings) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        await shop.office.selling.drain()
        assert (await shop.hold(event_id, {1: 1})).status_code == 503
        assert await reasons(shop) == {"stopping": 1}


async def test_a_database_that_cuts_the_connection(settings: Settings, pool: asyncpg.Pool) -> None:
    async with stuck_shop(settings, pool) as shop:

        async def cut() -> bool:
            """Cut it once it waits there: it is said to be in the air before the database has heard of it."""
            return bool(
                await pool.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'boxoffice' AND wait_event_type = 'Lock'"
                )
            )

        await until(cut)

        async def told() -> bool:
            return await reasons(shop) == {"database_away": 1}

        await until(told)


async def test_plans_that_fail_until_the_attempts_are_spent(settings: Settings) -> None:
    async with open_shop(settings) as other:
        await other.add_types("Adult")
        event_id = await other.add_event()
        for _ in range(2):  # one unit is left in each of the two shards
            await other.held(event_id, {1: 4})
    async with open_shop(msgspec.structs.replace(settings, flight_attempts_max=1)) as shop:
        assert (await shop.hold(event_id, {1: 2})).status_code == 503
        assert await reasons(shop) == {"attempts_spent": 1}
        count = await scrape(shop.client)
        assert count("boxoffice_plans_failed_total") == 1
        assert count("boxoffice_full_passes_total") == 1
