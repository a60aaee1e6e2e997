"""The demo: events to look at at once, put in whole and once."""

import asyncio
import datetime as dt

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.booking.audit import audit
from boxoffice.catalog.demo import DEMO, LOCK_DEMO, DemoReport, put_in_demo
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.listing import list_dates, list_events
from tests.waiting import until


async def test_all_demo_events_are_ahead_and_add_up(engine: AsyncEngine, pool: asyncpg.Pool, database_url: str) -> None:
    report = await put_in_demo(engine)
    assert report.events == len(DEMO)
    ahead = await pool.fetchval("SELECT count(*) FROM event_date WHERE starts_at > now()")
    assert ahead == report.dates == await pool.fetchval("SELECT count(*) FROM event_date")
    assert str(report) == f"{len(DEMO)} demo events with {report.dates} dates were put in."
    listed = await list_events(engine, 100, None, None)
    assert {event.name for event in listed} == {event.name for event in DEMO}
    checked = await audit(database_url)
    assert (checked.clean, checked.dates) == (True, report.dates)


async def test_the_demo_shows_what_the_seed_tells(engine: AsyncEngine) -> None:
    await put_in_demo(engine)
    opera = await describe_event(engine, 1)
    assert opera is not None
    limits = {one.name: one.max for one in opera.ticket_types}
    assert (opera.max_tickets, limits) == (1_000, {"Normal": 900, "Discount": 200})
    assert len({event.time_zone for event in DEMO}) >= 4
    assert len({event.num_shards for event in DEMO}) >= 4
    assert min(event.max_tickets for event in DEMO) <= 20


async def test_dates_begin_after_today_in_the_event_s_own_zone(engine: AsyncEngine) -> None:
    # In Tokyo it is March 2 already.
    await put_in_demo(engine, dt.datetime(2030, 3, 1, 22, 0, tzinfo=dt.UTC))
    numbers = {event.time_zone: number for number, event in enumerate(DEMO, start=1)}
    (first_in_tokyo, *_) = await list_dates(engine, numbers["Asia/Tokyo"], dt.date(2030, 1, 1), None, 10)
    (first_in_utc, *_) = await list_dates(engine, numbers["UTC"], dt.date(2030, 1, 1), None, 10)
    assert first_in_tokyo == (dt.date(2030, 3, 4), dt.time(10, 30))
    assert first_in_utc == (dt.date(2030, 3, 2), dt.time(9))


async def test_again_it_does_nothing_and_says_so(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    await put_in_demo(engine)
    again = await put_in_demo(engine)
    assert again == DemoReport(events=0, dates=0)
    assert "no demo events were put in" in str(again)
    assert await pool.fetchval("SELECT count(*) FROM events") == len(DEMO)


async def test_two_demos_at_once_put_in_one(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    async with engine.connect() as other, other.begin():
        await other.execute(LOCK_DEMO)
        both = [asyncio.create_task(put_in_demo(engine)) for _ in range(2)]

        async def both_wait() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(await pool.fetchval(waiting) == 2)

        await until(both_wait)
    assert sorted(report.events for report in await asyncio.gather(*both)) == [0, len(DEMO)]
