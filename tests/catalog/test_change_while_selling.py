"""A change meets bookings under way: it waits for them, sees what they sold, and outlives a deadlock."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.change import change_event
from boxoffice.catalog.dates import add_dates
from boxoffice.catalog.values import Change, EventDescription, TypeChange
from boxoffice.errors import BelowSold
from tests.catalog.shop import change, counters_of, days_ahead, make_event, rooms, sell
from tests.waiting import until

pytestmark = pytest.mark.one_node  # it waits until the server tells of locks that are waited for
(DATE,) = days_ahead(1)


async def make_one(engine: AsyncEngine) -> EventDescription:
    return await make_event(engine, max_tickets=8, num_shards=4, dates=[DATE])


def labels(event: EventDescription, *shards: int) -> Sequence[tuple[int, int, int]]:
    return [(event.ticket_types[0].ticket_type_id, shard, shard) for shard in shards]


def of_all_shards(event: EventDescription, num_shards: int) -> Change:
    offered = TypeChange(ticket_type_id=event.ticket_types[0].ticket_type_id, num_shards=num_shards)
    return Change(num_shards=num_shards, ticket_types=(offered,))


async def until_waiting(pool: asyncpg.Pool, waiting: int = 1) -> None:
    async def found() -> bool:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(await pool.fetchval(query) == waiting)

    await until(found)


async def test_a_hold_under_way_is_waited_for_and_re_labelled(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    async with pool.acquire() as buyer:
        async with buyer.transaction():
            await sell(buyer, event.id, DATE, labels(event, 3, 3))
            changing = asyncio.create_task(change(engine, event.id, of_all_shards(event, 2)))
            await until_waiting(pool)
        await changing
    counters = await counters_of(pool, event.id)
    assert counters[DATE, None]["currents"] == [0, 2]
    assert rooms(counters[DATE, None]) == [3, 3]


async def test_a_hold_under_way_counts_as_sold(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    async with pool.acquire() as buyer:
        async with buyer.transaction():
            await sell(buyer, event.id, DATE, labels(event, 0, 1, 2))
            changing = asyncio.create_task(change(engine, event.id, Change(max_tickets=2)))
            await until_waiting(pool)
        with pytest.raises(BelowSold) as refused:
            await changing
    assert refused.value.sold == 3
    await counters_of(pool, event.id)


async def test_no_deadlock_with_a_hold_that_has_half_of_its_counters(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    attempts: list[int] = []

    async def count(event_id: int) -> None:
        attempts.append(event_id)

    async with pool.acquire() as buyer:
        async with buyer.transaction():
            await buyer.execute(
                "UPDATE consumption SET shard_current = 0 WHERE event_id = $1 AND shard_id = 3", event.id
            )
            changing = asyncio.create_task(change_event(engine, event.id, of_all_shards(event, 2), count))
            await until_waiting(pool)
            await sell(buyer, event.id, DATE, labels(event, 3))
        await changing
    assert attempts == [event.id]
    counters = await counters_of(pool, event.id)
    assert counters[DATE, None]["currents"] == [0, 1]


async def test_dates_and_changes_take_turns(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    async with pool.acquire() as buyer:
        async with buyer.transaction():
            await sell(buyer, event.id, DATE, labels(event, 3))
            changing = asyncio.create_task(change(engine, event.id, of_all_shards(event, 2)))
            await until_waiting(pool)
            adding = asyncio.create_task(add_dates(engine, event.id, days_ahead(2)))
            await until_waiting(pool, 2)
        await asyncio.gather(changing, adding)
    counters = await counters_of(pool, event.id)
    assert {date for date, _ in counters} == set(days_ahead(1, 2))
    assert {row["num_shards"] for row in counters.values()} == {2}


async def test_a_change_that_fell_to_a_deadlock_begins_again(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    attempts: list[int] = []

    async def count(event_id: int) -> None:
        attempts.append(event_id)

    async with pool.acquire() as other:
        async with other.transaction():
            # Against the order that Boxoffice keeps, as an operator by hand might; it never looks for deadlocks itself.
            await other.execute("SET LOCAL deadlock_timeout = '1min'")
            await other.execute("SELECT FROM consumption_tt WHERE event_id = $1 FOR NO KEY UPDATE", event.id)
            changing = asyncio.create_task(change_event(engine, event.id, of_all_shards(event, 2), count))
            await until_waiting(pool)
            await other.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", event.id)
        assert (await changing).num_shards == 2
    assert attempts == [event.id] * 2
    counters = await counters_of(pool, event.id)
    assert {row["num_shards"] for row in counters.values()} == {2}


async def test_changes_at_once_take_turns(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_one(engine)
    await sell(pool, event.id, DATE, labels(event, 0, 1, 2, 3), paid=True)
    wanted = [of_all_shards(event, number) for number in (3, 40, 1, 7)] + [Change(max_tickets=5), Change(name="New")]
    await asyncio.gather(*(change(engine, event.id, one) for one in wanted))
    await counters_of(pool, event.id)
    assert await pool.fetchval("SELECT version FROM event_date WHERE event_id = $1", event.id) == 6
