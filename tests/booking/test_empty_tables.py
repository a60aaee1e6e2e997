"""A sale that begins on empty tables: no plan that was made for them reads a table from end to end later on.

A plan lives as long as its connection, those of the foreign keys' checks too. Postgres knows an empty table as empty
once it has been vacuumed; reading such a table whole is cheapest then, and costs each later ticket more than the one
before it, until the next ANALYZE.
"""

import asyncpg
import pytest

from boxoffice.booking.audit import COMPARISONS, open_connection
from boxoffice.booking.expire import expire_event
from boxoffice.booking.find import find
from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.hold import book
from boxoffice.booking.pay import pay
from boxoffice.booking.release import release
from boxoffice.values import DateKey
from tests.booking.query_plan import explain
from tests.world import Type, plan_of, put_event

pytestmark = pytest.mark.pristine

HOT_TABLES = ("consumption", "consumption_tt", "event_date", "reservation", "tickets")
HOLDS = 300
READ_WHOLE = "SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY ($1::text[])"


async def test_no_plan_for_empty_tables_outlives_them(pool: asyncpg.Pool) -> None:
    assert await read_whole_in_a_sale(pool) == {}


async def test_control_without_the_setting_they_are_read_whole(pool: asyncpg.Pool) -> None:
    await pool.execute("SET enable_seqscan = on")
    assert set(await read_whole_in_a_sale(pool)) >= {"reservation", "event_date"}


@pytest.mark.parametrize("told", [{}, {"enable_nestloop": "on"}], ids=["guard", "control"])
async def test_an_audit_compares_sets_whatever_was_known_of_them(
    pool: asyncpg.Pool, database_url: str, told: dict[str, str]
) -> None:
    """When statistics were last made there was another event only, so that of this one no ticket is expected."""
    for event in range(2):
        date_key = await put_event(pool, max_tickets=2_000, shards=2, types=[Type(limit=2_000, shards=2)])
        for _ in range(HOLDS // 50):
            plans = [plan_of(date_key, [(1, 2)], total_shards=[0, 1], type_shards=[1, 0]) for _ in range(50)]
            await book(pool, date_key.event_id, plans, 60)
        if event == 0:
            await pool.execute("ANALYZE")
    connection = await open_connection(database_url, **told)
    try:
        asked = [date_key.event_id, 10]
        visited = [(await explain(connection, each, asked, "custom")).visited() for _, each in COMPARISONS]
    finally:
        await connection.close()
    assert (max(visited) > HOLDS**2) == bool(told), visited


async def read_whole_in_a_sale(pool: asyncpg.Pool) -> dict[str, int]:
    """Sell from empty tables on; return which of them were read whole, and how often.

    One thing after the other, so all on one connection.
    """
    date_key = await put_event(pool, max_tickets=200, shards=2, types=[Type(limit=200, shards=2)])
    for table in HOT_TABLES:
        await pool.execute(f"VACUUM (ANALYZE) {table}")
    await sell(pool, date_key)  # the plans are made now
    before = await scans(pool)
    for _ in range(5):
        await sell(pool, date_key)
    after = await scans(pool)
    assert pool.get_size() == 1
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


async def sell(pool: asyncpg.Pool, date_key: DateKey) -> None:
    """Do once all that the booking side does."""
    event_id = date_key.event_id
    plans = [plan_of(date_key, [(1, 2)], total_shards=[0, 1], type_shards=[1, 0]) for _ in range(3)]
    await book(pool, event_id, plans, 60)
    paid, released, overdue = (plan.reservation_id for plan in plans)
    assert set(await find(pool, event_id, [paid, released])) == {paid, released}
    assert set(await pay(pool, event_id, {paid: "paid"})) == {paid}
    assert (await release(pool, event_id, [released])).given_back
    await pool.execute(
        "UPDATE reservation SET expires_at = created_at + interval '1 us' WHERE event_id = $1 AND id = $2",
        event_id,
        overdue,
    )
    await expire_event(pool, event_id, 100, lambda given_back: None)
    whole = await read_whole_date(pool, date_key)
    assert whole is not None
    assert not whole.overdue


async def scans(pool: asyncpg.Pool) -> dict[str, int]:
    await pool.execute("SELECT pg_stat_force_next_flush()")
    return {row["relname"]: row["seq_scan"] for row in await pool.fetch(READ_WHOLE, list(HOT_TABLES))}
