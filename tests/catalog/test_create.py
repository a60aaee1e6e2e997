"""Events, types and dates come into being whole, exactly spread, or not at all."""

import datetime as dt
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.check import COUNTERS_PER_CALL_MAX, DATES_PER_CALL_MAX
from boxoffice.catalog.create import create_event, create_ticket_type
from boxoffice.catalog.dates import add_dates
from boxoffice.catalog.describe import describe_event, list_ticket_types
from boxoffice.catalog.values import DateAndTime, NewEvent, NewType, OfferedType, TicketType
from boxoffice.errors import DateExists, InvalidRequest, NotFound
from boxoffice.tables import SHARDS_MAX, TICKETS_MAX
from tests.catalog.shop import EIGHT, TODAY, counters_of, days_ahead, make_event, make_types, statements_counted

CONCERT = NewEvent(name="Concert", max_tickets=1000, num_shards=3, ticket_types=(NewType(ticket_type_id=1),))


async def test_an_event_is_created_as_described(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    normal, discount = await make_types(engine, "Normal", "Discount")
    types = [NewType(ticket_type_id=discount, max=200, num_shards=3), NewType(ticket_type_id=normal)]
    dates = days_ahead(1, 2)
    event = await make_event(
        engine, name="Concert", max_tickets=1000, num_shards=3, time_zone="Europe/Berlin", types=types, dates=dates
    )
    assert event.ticket_types == (
        OfferedType(ticket_type_id=normal, name="Normal", max=None, num_shards=3),
        OfferedType(ticket_type_id=discount, name="Discount", max=200, num_shards=3),
    )
    assert (event.name, event.time_zone, event.max_tickets, event.num_shards) == ("Concert", "Europe/Berlin", 1000, 3)
    assert await describe_event(engine, event.id) == event
    counters = await counters_of(pool, event.id)
    assert {date for date, _ in counters} == set(dates)
    for date in dates:
        assert counters[date, None]["maxima"] == [334, 333, 333]
        assert counters[date, discount]["maxima"] == [67, 67, 66]
        assert counters[date, normal]["maxima"] == [None, None, None]


async def test_ticket_types_are_listed(engine: AsyncEngine) -> None:
    first = await create_ticket_type(engine, "Normal")
    second = await create_ticket_type(engine, "Discount")
    assert (first.name, second.name) == ("Normal", "Discount")
    assert await list_ticket_types(engine) == [TicketType(id=1, name="Normal"), TicketType(id=2, name="Discount")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": "nul\x00"},
        {"name": "half \ud800 pair"},
        {"max_tickets": -1},
        {"max_tickets": TICKETS_MAX + 1},
        {"num_shards": 0},
        {"num_shards": SHARDS_MAX + 1},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "Foo+3"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": "CET"},
        {"ticket_types": ()},
        {"ticket_types": (NewType(ticket_type_id=1), NewType(ticket_type_id=99))},
        {"ticket_types": (NewType(ticket_type_id=2**70),)},
        {"ticket_types": (NewType(ticket_type_id=1), NewType(ticket_type_id=1, max=5))},
        {"ticket_types": (NewType(ticket_type_id=1, max=-1),)},
        {"ticket_types": (NewType(ticket_type_id=1, max=TICKETS_MAX + 1),)},
        {"ticket_types": (NewType(ticket_type_id=1, num_shards=0),)},
        {"ticket_types": (NewType(ticket_type_id=1, num_shards=SHARDS_MAX + 1),)},
        {"ticket_types": tuple(NewType(ticket_type_id=number) for number in range(1, 102))},
        {"dates": days_ahead(1, 2, 1)},
        {"dates": days_ahead(*range(DATES_PER_CALL_MAX + 1))},
        {
            "dates": days_ahead(*range(COUNTERS_PER_CALL_MAX // 512 + 1)),
            "num_shards": 256,
            "ticket_types": (NewType(ticket_type_id=1, num_shards=256),),
        },
        {"dates": (DateAndTime(dt.date(9999, 12, 31), EIGHT),)},
        {"dates": (DateAndTime(dt.date(1, 1, 1), EIGHT),)},
        {"dates": (DateAndTime(TODAY, dt.time(20, 0, 0, 1)),)},
        {"dates": (DateAndTime(TODAY, dt.time(20, 0, tzinfo=dt.UTC)),)},
    ],
    ids=lambda wrong: repr(wrong)[:60],
)
async def test_what_cannot_be_is_refused_whole(
    engine: AsyncEngine, pool: asyncpg.Pool, wrong: dict[str, object]
) -> None:
    await make_types(engine, "Normal")
    with pytest.raises(InvalidRequest):
        await create_event(engine, replace(CONCERT, **wrong))  # type: ignore[arg-type]  # each field has a type of its own
    assert await pool.fetchval("SELECT count(*) FROM events") == 0
    assert (await create_event(engine, CONCERT)).name == "Concert"


@pytest.mark.parametrize("name", ["", "x" * 201, "\n"])
async def test_a_type_needs_a_name(engine: AsyncEngine, name: str) -> None:
    with pytest.raises(InvalidRequest):
        await create_ticket_type(engine, name)
    assert await list_ticket_types(engine) == []


async def test_extremes_that_are_allowed(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    types = [NewType(ticket_type_id=number, max=TICKETS_MAX) for number in await make_types(engine, "x" * 200)]
    event = await make_event(engine, max_tickets=TICKETS_MAX, num_shards=SHARDS_MAX, types=types, dates=days_ahead(1))
    await counters_of(pool, event.id)
    nothing = await make_event(engine, max_tickets=0, num_shards=1, dates=days_ahead(1))
    await counters_of(pool, nothing.id)


@pytest.mark.parametrize(
    ("time_zone", "date", "start_time", "starts_at"),
    [
        ("UTC", dt.date(2030, 1, 1), dt.time(0, 0), "2030-01-01T00:00:00Z"),
        ("Asia/Kathmandu", dt.date(2030, 1, 1), dt.time(20, 0), "2030-01-01T14:15:00Z"),
        ("America/Los_Angeles", dt.date(2030, 7, 1), dt.time(20, 0), "2030-07-02T03:00:00Z"),
        ("Pacific/Kiritimati", dt.date(2030, 7, 1), dt.time(0, 0), "2030-06-30T10:00:00Z"),
        # The clocks leave out 02:00 to 03:00 on this day: 02:30 is read with winter's offset, so it is 03:30.
        ("Europe/Berlin", dt.date(2026, 3, 29), dt.time(2, 30), "2026-03-29T01:30:00Z"),
        # 02:30 comes twice on this day: the second one, in winter's time, counts.
        ("Europe/Berlin", dt.date(2026, 10, 25), dt.time(2, 30), "2026-10-25T01:30:00Z"),
    ],
)
async def test_a_date_starts_at_its_moment_in_the_events_zone(
    engine: AsyncEngine, pool: asyncpg.Pool, time_zone: str, date: dt.date, start_time: dt.time, starts_at: str
) -> None:
    await make_event(engine, time_zone=time_zone, dates=[DateAndTime(date, start_time)])
    assert await pool.fetchval("SELECT starts_at FROM event_date") == dt.datetime.fromisoformat(starts_at)


async def test_dates_are_added_with_their_counters(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_event(engine, max_tickets=10, num_shards=3, dates=days_ahead(1))
    assert await add_dates(engine, event.id, days_ahead(3, 2)) == 2
    counters = await counters_of(pool, event.id)
    assert {date for date, _ in counters} == set(days_ahead(1, 2, 3))
    assert await add_dates(engine, event.id, ()) == 0


async def test_an_existing_date_adds_nothing(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_event(engine, dates=days_ahead(2))
    before = await counters_of(pool, event.id)
    with pytest.raises(DateExists, match=str(days_ahead(2)[0].date)):
        await add_dates(engine, event.id, days_ahead(1, 2, 3))
    assert (await counters_of(pool, event.id)).keys() == before.keys()


@pytest.mark.parametrize("event_id", [1, 0, -1, 2**63, 10**30])
async def test_dates_need_an_event(engine: AsyncEngine, event_id: int) -> None:
    with pytest.raises(NotFound):
        await add_dates(engine, event_id, days_ahead(1))
    assert await describe_event(engine, event_id) is None


async def test_dates_named_twice_are_refused(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    event = await make_event(engine)
    with pytest.raises(InvalidRequest, match="twice"):
        await add_dates(engine, event.id, days_ahead(1, 1))
    assert await pool.fetchval("SELECT count(*) FROM event_date") == 0


async def test_many_dates_take_as_many_statements_as_few(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    with statements_counted(engine) as few:
        await make_event(engine, dates=days_ahead(1))
    with statements_counted(engine) as many:
        event = await make_event(engine, num_shards=64, dates=days_ahead(*range(300)))
    assert len(many) == len(few)
    assert await pool.fetchval("SELECT count(*) FROM consumption WHERE event_id = $1", event.id) == 300 * 64
