"""The live reservations of a date, as admins list them: what is over is left out, before any sweeper came by."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.booking.pay import pay
from boxoffice.catalog.reservations import list_reservations
from boxoffice.catalog.shards import read_shards
from boxoffice.errors import NotFound
from tests.world import Type, book, make_overdue, plan_of, put_date, put_event


async def test_live_reservations_of_the_date_and_no_others(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    date_key = await put_event(pool, max_tickets=10, types=(Type(limit=None), Type(limit=5)))
    later = await put_date(pool, date_key, days=1)
    held, paid, elsewhere = plan_of(date_key, [(1, 2), (2, 1)]), plan_of(date_key, [(2, 1)]), plan_of(later, [(1, 1)])
    await book(pool, date_key.event_id, [held, paid, elsewhere], 60)
    await pay(pool, date_key.event_id, {paid.reservation_id: "7"})
    listed = await list_reservations(engine, date_key, 10)
    assert [one.id for one in listed] == sorted([held.reservation_id, paid.reservation_id], reverse=True)
    assert {one.id: (one.quantities, one.payment_ref) for one in listed} == {
        held.reservation_id: (((1, 2), (2, 1)), None),
        paid.reservation_id: (((2, 1),), "7"),
    }
    await make_overdue(pool, date_key.event_id)
    assert [one.id for one in await list_reservations(engine, date_key, 10)] == [paid.reservation_id]
    assert [one.id for one in await list_reservations(engine, date_key, 10, paid=False)] == []
    assert await list_reservations(engine, later, 10) == []


async def test_a_date_without_reservations_is_told_from_none(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    date_key = await put_event(pool, max_tickets=10)
    assert await list_reservations(engine, date_key, 10) == []
    for other in (date_key._replace(event_id=2), date_key._replace(start_time=date_key.start_time.replace(minute=1))):
        with pytest.raises(NotFound):
            await list_reservations(engine, other, 10)
        assert await read_shards(engine, other) is None


async def test_a_page_that_takes_too_long_is_given_up(pool: asyncpg.Pool, engine: AsyncEngine) -> None:
    date_key = await put_event(pool, max_tickets=10)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE reservation IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DBAPIError, match="statement timeout"):
            await list_reservations(engine, date_key, 10, read_ms_max=50)
    assert await list_reservations(engine, date_key, 10) == []
