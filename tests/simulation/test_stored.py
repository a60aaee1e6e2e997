"""Control: the recount of what is stored finds each thing that is made wrong in a real database."""

import asyncpg
import pytest

from boxoffice.booking.hold import book
from boxoffice.values import DateKey
from tests.simulation.shop import Shown
from tests.simulation.stored import Stored, read_stored, unpaid
from tests.world import Type, plan_of, put_event


@pytest.fixture
async def sold(pool: asyncpg.Pool) -> DateKey:
    """A date of ten tickets in two shards, of which three are held."""
    date_key = await put_event(pool, max_tickets=10, shards=2, types=[Type(limit=6, shards=2), Type(limit=None)])
    await book(pool, date_key.event_id, [plan_of(date_key, [(1, 2), (2, 1)], key="key-1")], 60)
    return date_key


async def recount(pool: asyncpg.Pool, date_key: DateKey) -> Stored:
    return await read_stored(pool, Shown(event_id=date_key.event_id, types=[1, 2], dates=[date_key.date]))


async def test_what_is_stored_is_read_whole(pool: asyncpg.Pool, sold: DateKey) -> None:
    seen = await recount(pool, sold)
    (row,) = seen.rows.values()
    assert (seen.faults, seen.counters, seen.offer.total.limit) == ([], 5, 10)
    assert (row.key, row.reference, sorted(kind for _, kind in row.tickets)) == ("key-1", None, [0, 0, 1])
    assert seen.taken(0) == {0: 2, 1: 1}
    assert await unpaid(pool, Shown(event_id=sold.event_id, types=[1, 2], dates=[sold.date])) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consumption SET shard_current = shard_current + 1 WHERE shard_id = 0",
        "UPDATE consumption SET shard_current = shard_current - 1 WHERE shard_id = 0",
        "UPDATE consumption_tt SET shard_current = shard_current - 1 WHERE ticket_type = 2",
        "UPDATE consumption SET shard_max = shard_max + 1 WHERE shard_id = 1",
        "UPDATE consumption_tt SET shard_max = shard_max - 1 WHERE ticket_type = 1 AND shard_id = 1",
        "UPDATE consumption_tt SET shard_max = 9 WHERE ticket_type = 2",
        "UPDATE events SET num_shards = 3",
        "UPDATE events SET max_tickets = 2",
        "UPDATE event_ticket_type SET max_per_tt = 1 WHERE ticket_type_id = 1",
        "DELETE FROM consumption_tt WHERE ticket_type = 1 AND shard_id = 1",
        "DELETE FROM tickets WHERE ticket_type = 1",
        "DELETE FROM tickets",
        "UPDATE tickets SET shard_id = 1",
        "UPDATE tickets SET tt_shard_id = 1 WHERE ticket_type = 1",
        "INSERT INTO event_date SELECT event_id, date + 1, start_time, version, starts_at FROM event_date",
        "UPDATE reservation SET payment_ref = 'x', paid_at = created_at - interval '1 s'",
    ],
)
async def test_control_what_is_made_wrong_is_found(pool: asyncpg.Pool, sold: DateKey, change: str) -> None:
    await pool.execute(change)
    assert (await recount(pool, sold)).faults
