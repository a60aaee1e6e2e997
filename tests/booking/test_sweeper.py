"""What the sweeper remembers of its last look, and when it looks at everything again."""

import datetime as dt
from uuid import UUID

import asyncpg

from boxoffice.booking.sweeper import Sweeper
from boxoffice.values import DateKey
from tests.world import book, plan_of, put_event

FOR_EVER = 10**6


def sweeper_of(pool: asyncpg.Pool, *, full_look_seconds: float = FOR_EVER) -> Sweeper:
    return Sweeper(
        pool,
        interval_ms=250,
        batch_rows_max=10,
        on_given_back=lambda given_back: None,
        full_look_seconds=full_look_seconds,
    )


async def hold(pool: asyncpg.Pool, date_key: DateKey) -> UUID:
    plan = plan_of(date_key, [(1, 1)])
    await book(pool, date_key.event_id, [plan], 60)
    return plan.reservation_id


async def overdue(pool: asyncpg.Pool, date_key: DateKey, seconds: int, *, paid: bool = False) -> None:
    """Make a hold whose time has been over for so long, and that was paid before, or was not."""
    await pool.execute(
        "UPDATE reservation SET created_at = now() - interval '1 day', expires_at = now() - make_interval(secs => $2),"
        " paid_at = $3, payment_ref = $4 WHERE id = $1",
        await hold(pool, date_key),
        seconds,
        dt.datetime.now(tz=dt.UTC) - dt.timedelta(days=1) if paid else None,
        "paid" if paid else None,
    )


async def test_a_sweep_finds_what_is_overdue_and_nothing_else(pool: asyncpg.Pool) -> None:
    date_key = await put_event(pool, max_tickets=10)
    for _ in range(2):
        await hold(pool, date_key)
    await overdue(pool, date_key, 1, paid=True)
    await overdue(pool, date_key, 1)
    sweep = await sweeper_of(pool).run_once()
    assert (sweep.events, sweep.expired) == (1, 1)
    sweep = await sweeper_of(pool).run_once()
    assert (sweep.events, sweep.expired) == (0, 0)
    assert await pool.fetchval("SELECT count(*) FROM reservation") == 3


async def test_a_hold_that_appears_after_its_deadline_is_swept(pool: asyncpg.Pool) -> None:
    date_key = await put_event(pool, max_tickets=10)
    sweeper = sweeper_of(pool)
    await overdue(pool, date_key, 1)
    assert (await sweeper.run_once()).expired == 1
    await overdue(pool, date_key, 15)
    assert (await sweeper.run_once()).expired == 1


async def test_a_look_leaves_out_what_was_dealt_with_long_ago_until_it_looks_at_everything(pool: asyncpg.Pool) -> None:
    date_key = await put_event(pool, max_tickets=10)
    sweeper, thorough = sweeper_of(pool), sweeper_of(pool, full_look_seconds=0)
    await overdue(pool, date_key, 1)
    assert (await sweeper.run_once()).expired == 1
    await overdue(pool, date_key, 1)
    assert (await thorough.run_once()).expired == 1
    await overdue(pool, date_key, 3_600)
    assert (await sweeper.run_once()).expired == 0
    assert (await thorough.run_once()).expired == 1


async def test_an_event_that_could_not_be_swept_is_looked_for_again_however_old_its_holds(pool: asyncpg.Pool) -> None:
    broken, sound = await put_event(pool, max_tickets=10), await put_event(pool, max_tickets=10)
    sweeper = sweeper_of(pool)
    await overdue(pool, broken, 3_600)
    await overdue(pool, sound, 1)
    await pool.execute("UPDATE consumption SET shard_current = 0 WHERE event_id = $1", broken.event_id)
    assert (await sweeper.run_once()).failed == 1
    await pool.execute("UPDATE consumption SET shard_current = 1 WHERE event_id = $1", broken.event_id)
    assert (await sweeper.run_once()).expired == 1
