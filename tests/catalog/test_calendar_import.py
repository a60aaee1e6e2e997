"""Importing a calendar: what becomes of it in the database, again and side by side."""

import asyncio
import datetime as dt
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.booking.audit import audit
from boxoffice.catalog.calendar import (
    LOCK_IMPORTS,
    ImportReport,
    NamedType,
    import_calendar,
    import_series,
    parse_ticket_type,
)
from boxoffice.catalog.calendar_series import read_series
from boxoffice.catalog.create import create_ticket_type
from boxoffice.catalog.describe import describe_event
from boxoffice.catalog.values import NewEvent
from boxoffice.errors import CannotStart, InvalidRequest, UnreadableCalendar
from tests.catalog.calendars import calendar, event
from tests.waiting import until

TYPES = (NamedType("Normal", None), NamedType("Discount", 200))
START = "DTSTART;TZID=Europe/Berlin:20300501T200000"
TABLES = ("events", "ticket_type", "event_ticket_type", "event_date", "consumption", "consumption_tt", "event_import")


async def imported(engine: AsyncEngine, *lines: str, last: dt.date | None = None) -> ImportReport:
    return await import_calendar(
        engine, calendar(*lines), max_tickets=1_000, num_shards=3, ticket_types=TYPES, until=last
    )


async def dates_of(pool: asyncpg.Pool, event_id: int | None) -> list[str]:
    rows = await pool.fetch(
        "SELECT date, start_time, starts_at FROM event_date WHERE event_id = $1 ORDER BY 1, 2", event_id
    )
    return [f"{row['date']} {row['start_time']:%H:%M} {row['starts_at']:%H:%M}Z" for row in rows]


async def rows_in_all_tables(pool: asyncpg.Pool) -> int:
    return sum([await pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES])  # noqa: S608 - names above


async def test_a_uid_becomes_an_event_with_dates_and_counters(
    engine: AsyncEngine, pool: asyncpg.Pool, database_url: str
) -> None:
    report = await imported(engine, *event(START, "RRULE:FREQ=WEEKLY;COUNT=2"), *event(START, uid="two", name="Ballet"))
    assert [(one.uid, one.name, one.created, one.dates_added) for one in report.events] == [
        ("one@example.org", "Opera", True, 2),
        ("two", "Ballet", True, 1),
    ]
    assert (report.events_created, report.dates_added) == (2, 3)
    event_id = report.events[0].event_id
    assert event_id is not None
    described = await describe_event(engine, event_id)
    assert described is not None
    assert (described.name, described.time_zone) == ("Opera", "Europe/Berlin")
    assert (described.max_tickets, described.num_shards) == (1_000, 3)
    assert [(one.name, one.max, one.num_shards) for one in described.ticket_types] == [
        ("Normal", None, 3),
        ("Discount", 200, 3),
    ]
    assert await dates_of(pool, event_id) == ["2030-05-01 20:00 18:00Z", "2030-05-08 20:00 18:00Z"]
    checked = await audit(database_url)
    assert (checked.clean, checked.dates) == (True, 3)


async def test_the_local_hour_stays_when_the_clocks_change(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    lines = event("DTSTART;TZID=Europe/Berlin:20300330T200000", "RRULE:FREQ=DAILY;COUNT=2")
    report = await imported(engine, *lines)
    assert await dates_of(pool, report.events[0].event_id) == ["2030-03-30 20:00 19:00Z", "2030-03-31 20:00 18:00Z"]


async def test_again_adds_only_what_is_missing(engine: AsyncEngine, pool: asyncpg.Pool, database_url: str) -> None:
    first = await imported(engine, *event(START, "RRULE:FREQ=WEEKLY;COUNT=2"))
    event_id = first.events[0].event_id
    before = await rows_in_all_tables(pool)
    again = await imported(engine, *event(START, "RRULE:FREQ=WEEKLY;COUNT=2", name="Another name"))
    assert [(one.event_id, one.name, one.created, one.dates_added) for one in again.events] == [
        (event_id, "Opera", False, 0)
    ]
    assert await rows_in_all_tables(pool) == before
    more = await import_calendar(
        engine,
        calendar(*event(START, "RRULE:FREQ=WEEKLY;COUNT=4")),
        max_tickets=5,
        num_shards=1,
        ticket_types=[NamedType("VIP", 1)],
    )
    assert (more.events_created, more.dates_added) == (0, 2)
    assert len(await dates_of(pool, event_id)) == 4
    assert await pool.fetchval("SELECT max_tickets FROM events") == 1_000
    assert await pool.fetchval("SELECT count(*) FROM ticket_type") == 2
    assert (await audit(database_url)).clean


async def test_dates_that_left_the_calendar_stay_on_sale(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    first = await imported(engine, *event(START, "RRULE:FREQ=WEEKLY;COUNT=2"))
    await imported(engine, *event(START))
    assert len(await dates_of(pool, first.events[0].event_id)) == 2


async def test_an_event_that_moved_to_another_zone_is_refused_by_line(engine: AsyncEngine) -> None:
    await imported(engine, *event(START))
    with pytest.raises(UnreadableCalendar, match=r"line 4: event 1 was imported in time zone Europe/Berlin, not UTC"):
        await imported(engine, *event("DTSTART:20300501T200000Z"))


async def test_nothing_of_a_file_is_kept_when_a_line_cannot_be_read(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    with pytest.raises(UnreadableCalendar, match="line 14"):
        await imported(engine, *event(START), *event("RRULE:FREQ=DAILY;COUNT=2", START, "RDATE:x", uid="two"))
    assert await rows_in_all_tables(pool) == 0


async def test_nothing_of_a_file_is_kept_when_a_later_event_is_refused(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    with pytest.raises(UnreadableCalendar, match=r"line 9: Dates lie between"):
        await imported(engine, *event(START), *event("DTSTART:19010501T200000Z", uid="two"))
    assert await rows_in_all_tables(pool) == 0


async def test_the_same_uid_in_two_calendars_of_a_file_is_one_event(engine: AsyncEngine) -> None:
    both = calendar(*event(START)) + calendar(*event(START, "RRULE:FREQ=DAILY;COUNT=3"))
    report = await import_calendar(engine, both, max_tickets=10, num_shards=1, ticket_types=TYPES)
    assert [(one.event_id, one.created, one.dates_added) for one in report.events] == [(1, True, 1), (1, False, 2)]


async def test_an_event_without_dates_is_not_made(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    report = await imported(engine, *event(START, "STATUS:CANCELLED"))
    assert [(one.event_id, one.created, one.dates_added) for one in report.events] == [(None, False, 0)]
    assert await rows_in_all_tables(pool) == 0


async def test_rules_without_end_stop_at_the_last_day(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    report = await imported(engine, *event(START, "RRULE:FREQ=DAILY"), last=dt.date(2030, 5, 3))
    assert [date[:10] for date in await dates_of(pool, report.events[0].event_id)] == [
        "2030-05-01",
        "2030-05-02",
        "2030-05-03",
    ]


async def test_more_dates_than_one_call_takes(engine: AsyncEngine) -> None:
    report = await imported(engine, *event("DTSTART:20300501T000000Z", "RRULE:FREQ=HOURLY;COUNT=5001"))
    assert report.dates_added == 5_001


async def test_ticket_types_are_found_by_name(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    oldest = await create_ticket_type(engine, "Discount")
    await create_ticket_type(engine, "Discount")
    await imported(engine, *event(START))
    offered = await pool.fetch("SELECT ticket_type_id, max_per_tt FROM event_ticket_type ORDER BY 1")
    assert [tuple(row) for row in offered] == [(oldest.id, 200), (3, None)]


async def test_two_imports_of_one_uid_make_one_event(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    async with engine.connect() as other, other.begin():
        await other.execute(LOCK_IMPORTS)
        both = [asyncio.create_task(imported(engine, *event(START, "RRULE:FREQ=DAILY;COUNT=9"))) for _ in range(2)]

        async def both_wait() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return bool(await pool.fetchval(waiting) == 2)

        await until(both_wait)
        assert await pool.fetchval("SELECT count(*) FROM events") == 0
    reports = await asyncio.gather(*both)
    assert sorted(report.events_created for report in reports) == [0, 1]
    assert sorted(report.dates_added for report in reports) == [0, 9]
    assert {report.events[0].event_id for report in reports} == {1}


@pytest.mark.one_node  # on a cluster, whoever makes a ticket type keeps others from making one
async def test_without_the_lock_two_imports_make_two_events(engine: AsyncEngine) -> None:
    """The control: an import that is not held back does not see the event that another one is about to commit."""
    found = read_series(calendar(*event(START)))
    model = NewEvent(name="", max_tickets=10, num_shards=1, ticket_types=())
    async with engine.begin() as first, engine.begin() as second:
        reports = [await import_series(connection, found, model, TYPES) for connection in (first, second)]
    assert [report.events_created for report in reports] == [1, 1]
    async with engine.connect() as connection:
        assert len((await connection.execute(text("SELECT event_id FROM event_import"))).all()) == 2


async def test_a_file_is_read_from_its_path(engine: AsyncEngine, tmp_path: Path) -> None:
    path = tmp_path / "opera.ics"
    path.write_bytes(calendar(*event(START)))
    report = await import_calendar(engine, path, max_tickets=10, num_shards=1, ticket_types=TYPES)
    assert report.events_created == 1
    with pytest.raises(CannotStart, match=r"none\.ics: No such file"):
        await import_calendar(engine, tmp_path / "none.ics", max_tickets=10, num_shards=1, ticket_types=TYPES)
    with pytest.raises(CannotStart, match="Is a directory"):
        await import_calendar(engine, tmp_path, max_tickets=10, num_shards=1, ticket_types=TYPES)


@pytest.mark.parametrize(
    ("max_tickets", "num_shards", "types", "reason"),
    [
        (-1, 1, TYPES, "maxTickets"),
        (1, 0, TYPES, "numShards"),
        (1, 257, TYPES, "numShards"),
        (1, 1, (), "at least one ticket type"),
        (1, 1, (TYPES[0], TYPES[0]), "named twice"),
        (1, 1, (NamedType("Normal", -1),), "max is"),
        (1, 1, (NamedType(" ", 1),), "A name has"),
    ],
)
async def test_what_is_not_the_calendar_s_fault_names_no_line(
    engine: AsyncEngine, max_tickets: int, num_shards: int, types: tuple[NamedType, ...], reason: str
) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        await import_calendar(
            engine, calendar(*event(START)), max_tickets=max_tickets, num_shards=num_shards, ticket_types=types
        )


@pytest.mark.parametrize(
    ("given", "name", "most"),
    [
        ("Normal", "Normal", None),
        ("Discount:200", "Discount", 200),
        ("Box: left:20", "Box: left", 20),
        (" Standing place :0", "Standing place", 0),
        ("Café:1000000000", "Café", 1_000_000_000),
    ],
)
def test_a_ticket_type_on_the_command_line(given: str, name: str, most: int | None) -> None:
    assert parse_ticket_type(given) == NamedType(name, most)


@pytest.mark.parametrize(
    "given", ["", ":5", " :5", "Discount:", "Discount:many", "Discount:-1", "Discount:1.5", "D:1000000001", "x" * 201]
)
def test_what_is_no_ticket_type(given: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_ticket_type(given)
