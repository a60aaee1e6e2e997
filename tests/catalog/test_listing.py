"""Lists: complete, in order, stable while the catalogue grows, and quick however late the page."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.dates import add_dates
from boxoffice.catalog.listing import LIST_EVENTS, list_dates, list_events
from boxoffice.catalog.roll import Roller, roll_forward, roll_one_by_one
from boxoffice.catalog.values import DateAndTime, EventCursor, EventSummary
from boxoffice.errors import InvalidRequest
from tests.catalog.shop import TODAY, days_ahead, make_event, statements_counted
from tests.conftest import CITUS_DSN
from tests.waiting import until

pytestmark = pytest.mark.pristine

Roll = Callable[[AsyncEngine, int], Awaitable[int]]
EITHER_WAY = pytest.mark.parametrize("roll", [pytest.param(roll_forward, marks=pytest.mark.one_node), roll_one_by_one])
FORGET = "UPDATE events SET next_date = NULL, next_starts_at = '-infinity'"


async def all_pages(engine: AsyncEngine, limit: int, name_contains: str | None = None) -> list[EventSummary]:
    found: list[EventSummary] = []
    after = None
    while page := await list_events(engine, limit, after, name_contains):
        assert len(page) <= limit
        found += page
        after = EventCursor(page[-1].first_date, page[-1].id)
    return found


async def test_events_ahead_are_listed_by_first_date(engine: AsyncEngine) -> None:
    late = await make_event(engine, name="Late", dates=days_ahead(5, 9))
    soon = await make_event(engine, name="Soon", dates=days_ahead(-3, 2, 30))
    same = await make_event(engine, name="Same", time_zone="Asia/Tokyo", dates=days_ahead(5))
    await make_event(engine, name="Over", dates=days_ahead(-5, -2))
    await make_event(engine, name="Empty")
    first, last = (days_ahead(day)[0].date for day in (2, 30))
    listed = await list_events(engine, 10)
    assert [event.id for event in listed] == [soon.id, late.id, same.id]
    assert listed[0] == EventSummary(id=soon.id, name="Soon", time_zone="UTC", first_date=first, last_date=last)
    assert listed[2].time_zone == "Asia/Tokyo"
    assert await all_pages(engine, 1) == await all_pages(engine, 2) == listed


@pytest.mark.parametrize("forgotten", [False, True], ids=["remembered", "looked at"])
async def test_a_date_is_ahead_until_it_starts_in_its_zone(
    engine: AsyncEngine, pool: asyncpg.Pool, forgotten: bool
) -> None:
    now = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
    expected = []
    for zone, offset in (("Etc/GMT+12", -12), ("UTC", 0), ("Pacific/Kiritimati", 14)):
        local = (now + dt.timedelta(hours=offset)).replace(tzinfo=None)
        before, after = local - dt.timedelta(minutes=10), local + dt.timedelta(minutes=10)
        await make_event(engine, time_zone=zone, dates=[DateAndTime(before.date(), before.time())])
        ahead = await make_event(engine, time_zone=zone, dates=[DateAndTime(after.date(), after.time())])
        assert await list_dates(engine, ahead.id, None, None, 10) == [DateAndTime(after.date(), after.time())]
        assert await list_dates(engine, ahead.id - 1, None, None, 10) == []
        expected.append((after.date(), ahead.id))
    if forgotten:
        await pool.execute(FORGET)
    assert [(event.first_date, event.id) for event in await list_events(engine, 10)] == sorted(expected)


@EITHER_WAY
async def test_the_list_is_right_before_and_after_rolling(engine: AsyncEngine, pool: asyncpg.Pool, roll: Roll) -> None:
    for day in (4, 2, 9, 2):
        await make_event(engine, dates=days_ahead(-1, day, day + 7))
    over = await make_event(engine, dates=days_ahead(-1))
    listed = await list_events(engine, 10)
    assert len(listed) == 4
    await pool.execute(f"{FORGET} WHERE id % 2 = 0")
    assert await all_pages(engine, 1) == listed
    await pool.execute(FORGET)
    assert await all_pages(engine, 3) == listed
    assert [await roll(engine, 3) for _ in range(3)] == [3, 2, 0]
    assert await all_pages(engine, 3) == listed
    await add_dates(engine, over.id, days_ahead(1))
    assert [event.id for event in await list_events(engine, 10)] == [over.id, *(event.id for event in listed)]


@EITHER_WAY
async def test_rolling_remembers_what_the_dates_say(engine: AsyncEngine, pool: asyncpg.Pool, roll: Roll) -> None:
    await make_event(engine, dates=days_ahead(-1, 3, 4))
    await make_event(engine, dates=days_ahead(-1))
    await pool.execute(FORGET)
    assert await roll(engine, 10) == 2
    rows = await pool.fetch("SELECT next_date, next_starts_at = 'infinity' AS never FROM events ORDER BY id")
    assert [tuple(row) for row in rows] == [(days_ahead(3)[0].date, False), (None, True)]


@EITHER_WAY
async def test_rolling_leaves_events_that_are_in_other_hands(
    engine: AsyncEngine, pool: asyncpg.Pool, roll: Roll
) -> None:
    event = await make_event(engine, dates=days_ahead(1))
    await pool.execute(FORGET)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM events WHERE id = $1 FOR NO KEY UPDATE", event.id)
        assert await asyncio.wait_for(roll(engine, 10), timeout=60) == 0
    assert await roll(engine, 10) == 1


async def test_the_roller_rolls_on_its_own(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    await make_event(engine, dates=days_ahead(1))
    await pool.execute(FORGET)

    async def rolled() -> bool:
        return bool(await pool.fetchval("SELECT next_date IS NOT NULL FROM events"))

    rolling = asyncio.create_task(Roller(engine, distributed=bool(CITUS_DSN)).run_forever())
    await until(rolled)
    rolling.cancel()
    await asyncio.wait([rolling])
    assert rolling.cancelled()


async def test_pages_stay_whole_while_events_are_added(engine: AsyncEngine) -> None:
    names = [f"Event {number}" for number in range(12)]
    for number, name in enumerate(names):
        await make_event(engine, name=name, dates=days_ahead(1 + number % 4))
    before = [event.id for event in await list_events(engine, 100)]
    seen: list[int] = []
    after = None
    while page := await list_events(engine, 3, after):
        seen += [event.id for event in page]
        after = EventCursor(page[-1].first_date, page[-1].id)
        if len(seen) < 12:
            await make_event(engine, name="Added before", dates=days_ahead(1))
            await make_event(engine, name="Added after", dates=days_ahead(6))
    assert [event_id for event_id in seen if event_id in before] == before
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("concert", {"Big Concert", "CONCERT 100%"}),
        ("100%", {"CONCERT 100%"}),
        ("%", {"CONCERT 100%"}),
        ("_", {"under_score"}),
        ("\\", {"back\\slash"}),
        ("ÜBER", {"Oper über alles"}),
        ("", {"Big Concert", "CONCERT 100%", "under_score", "back\\slash", "Oper über alles"}),
        ("nothing like it", set()),
        ("' OR 1=1 --", set()),
    ],
)
async def test_names_are_searched_literally_in_any_case(engine: AsyncEngine, words: str, found: set[str]) -> None:
    for name in ("Big Concert", "CONCERT 100%", "under_score", "back\\slash", "Oper über alles"):
        await make_event(engine, name=name, dates=days_ahead(1))
    assert {event.name for event in await all_pages(engine, 2, words)} == found


async def test_what_no_name_holds_is_not_searched(engine: AsyncEngine) -> None:
    with pytest.raises(InvalidRequest):
        await list_events(engine, 10, name_contains="\x00")


async def test_a_page_of_events_is_one_statement(engine: AsyncEngine) -> None:
    for day in range(1, 6):
        await make_event(engine, dates=days_ahead(day))
    with statements_counted(engine) as sent:
        assert len(await list_events(engine, 5)) == 5
    assert len(sent) == 1


async def test_dates_are_listed_between_bounds(engine: AsyncEngine) -> None:
    matinee = dt.time(15, 0)
    all_dates = [*days_ahead(-2, 1), DateAndTime(TODAY + dt.timedelta(days=3), matinee), *days_ahead(3, 4, 9)]
    event = await make_event(engine, dates=list(reversed(all_dates)))
    day = [one.date for one in all_dates]
    assert await list_dates(engine, event.id, None, None, 100) == all_dates[1:]
    assert await list_dates(engine, event.id, day[0], None, 100) == all_dates
    assert await list_dates(engine, event.id, day[0], day[2], 100) == all_dates[:4]
    assert await list_dates(engine, event.id, day[2], day[2], 100) == all_dates[2:4]
    assert await list_dates(engine, event.id, None, day[1], 100) == all_dates[1:2]
    assert await list_dates(engine, event.id, day[0], None, 2) == all_dates[:2]
    assert await list_dates(engine, event.id, day[0], None, 2, after=all_dates[1]) == all_dates[2:4]
    assert await list_dates(engine, event.id, day[0], None, 2, after=all_dates[2]) == all_dates[3:5]
    assert await list_dates(engine, event.id, None, None, 2, after=all_dates[0]) == all_dates[1:3]
    assert await list_dates(engine, event.id, dt.date.min, dt.date.max, 100) == all_dates
    assert await list_dates(engine, event.id + 1, None, None, 100) == []


MANY_EVENTS = 20_000
GENERATE = """
    INSERT INTO events (name, max_tickets, num_shards, time_zone)
    SELECT 'Event ' || number, 100, 1, (ARRAY['UTC', 'Europe/Berlin', 'America/Los_Angeles'])[1 + number % 3]
    FROM generate_series(1, 20000) AS number;
    INSERT INTO event_date (event_id, date, start_time, starts_at)
    SELECT e.id, day.date, '20:00', (day.date + time '20:00') AT TIME ZONE e.time_zone
    FROM events e
    CROSS JOIN generate_series(0, 9) AS week
    CROSS JOIN LATERAL (SELECT current_date - 20 + (e.id * 7919 % 40)::integer + 7 * week AS date) day;
    ANALYZE events, event_date;
"""


def nodes_of(plan: object) -> Iterator[dict[str, object]]:
    match plan:
        case dict():
            yield plan
            for part in plan.get("Plans", []):
                yield from nodes_of(part)


async def rows_read(engine: AsyncEngine, after: EventCursor) -> float:
    """Return how many rows of tables and indexes the list's own statement reads for one page."""
    explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {LIST_EVENTS.text}")
    given = {"after_date": after.first_date, "after_id": after.event_id, "pattern": None, "limit": 20}
    async with engine.connect() as connection:
        answer = (await connection.execute(explain, given)).scalar_one()
    plan = answer[0] if isinstance(answer, list) else json.loads(answer)[0]
    scans = [node for node in nodes_of(plan["Plan"]) if "Relation Name" in node]
    assert {node["Relation Name"] for node in scans} == {"events", "event_date"}
    return sum(
        float(str(node["Actual Loops"]))
        * (float(str(node["Actual Rows"])) + float(str(node.get("Rows Removed by Filter", 0))))
        for node in scans
    )


@pytest.mark.one_node  # it looks at a plan, which is made on the nodes
async def test_each_page_of_a_long_list_reads_little(engine: AsyncEngine, pool: asyncpg.Pool) -> None:
    await pool.execute(GENERATE, timeout=60)
    assert await Roller(engine).run_once(6_000) == MANY_EVENTS
    await pool.execute("ANALYZE events")
    listed = await pool.fetch("SELECT next_date, id FROM events WHERE next_date IS NOT NULL ORDER BY 1, 2")
    assert len(listed) > MANY_EVENTS / 2
    for place in (0, len(listed) // 2, len(listed) - 5, len(listed) - 1):
        after = EventCursor(*listed[place])
        page = await list_events(engine, 20, after)
        assert [(event.first_date, event.id) for event in page] == [tuple(row) for row in listed[place + 1 :][:20]]
        assert await rows_read(engine, after) <= 100
