"""What is read to be acknowledged is read by a transaction whose commit waits for what must be durable before it.

That no repeat acknowledges what a failover loses is shown on a pair of servers, by `make failover`.
"""

import asyncpg
import pytest

from boxoffice.booking.find import find, find_by_keys
from boxoffice.booking.hold import book
from tests.world import plan_of, put_event

HAS_TO_COMMIT = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"


@pytest.mark.parametrize(("key", "waits"), [("mine", True), ("nobody's", False)])
async def test_a_key_that_is_held_is_read_with_a_commit_to_wait_for(pool: asyncpg.Pool, key: str, waits: bool) -> None:
    date_key = await put_event(pool, max_tickets=5)
    planned = plan_of(date_key, [(1, 2)], key="mine")
    await book(pool, date_key.event_id, [planned], 60)
    async with pool.acquire() as connection, connection.transaction():
        found = await find_by_keys(connection, date_key.event_id, [key])
        assert [held.reservation.id for held in found.values()] == [planned.reservation_id] * waits
        assert await connection.fetchval(HAS_TO_COMMIT) is waits


async def test_control_what_is_only_shown_is_read_without(pool: asyncpg.Pool) -> None:
    date_key = await put_event(pool, max_tickets=5)
    planned = plan_of(date_key, [(1, 2)])
    await book(pool, date_key.event_id, [planned], 60)
    async with pool.acquire() as connection, connection.transaction():
        assert planned.reservation_id in await find(connection, date_key.event_id, [planned.reservation_id])
        assert await connection.fetchval(HAS_TO_COMMIT) is False
