"""The demo: a few events to look at, buy and stress, with dates ahead of today."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.catalog.create import insert_event, insert_ticket_type
from boxoffice.catalog.recurrence import dates_of_recurrence
from boxoffice.catalog.values import NewEvent, NewType
from boxoffice.tables import Event

# Two demos at once would both find no event; the second waits here and then finds those of the first.
LOCK_DEMO = text("SELECT pg_advisory_xact_lock(hashtextextended('boxoffice demo', 0))")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEvent:
    """One event of the demo: limits and shards by type name, dates by a rule that begins some days from today."""

    name: str
    time_zone: str
    max_tickets: int
    num_shards: int
    types: Mapping[str, tuple[int | None, int]]
    days_ahead: int
    start_time: dt.time
    rule: str


DEMO: Sequence[DemoEvent] = (
    DemoEvent(
        name="The Marriage of Figaro",
        time_zone="Europe/Vienna",
        max_tickets=1_000,
        num_shards=8,
        types={"Normal": (900, 4), "Discount": (200, 2)},
        days_ahead=3,
        start_time=dt.time(19, 30),
        rule="FREQ=WEEKLY;COUNT=12",
    ),
    DemoEvent(
        name="Night Train: an evening of jazz",
        time_zone="America/New_York",
        max_tickets=12,
        num_shards=1,
        types={"Normal": (None, 1)},
        days_ahead=1,
        start_time=dt.time(21),
        rule="FREQ=DAILY;COUNT=5",
    ),
    DemoEvent(
        name="Harbour Stadium: the final",
        time_zone="Europe/Lisbon",
        max_tickets=45_000,
        num_shards=64,
        types={"Normal": (None, 64), "Discount": (5_000, 16), "VIP": (400, 4)},
        days_ahead=21,
        start_time=dt.time(20, 45),
        rule="FREQ=DAILY;COUNT=1",
    ),
    DemoEvent(
        name="The Little Lighthouse (puppets, from 4 years)",
        time_zone="Asia/Tokyo",
        max_tickets=90,
        num_shards=2,
        types={"Child": (60, 2), "Accompanying adult": (60, 2)},
        days_ahead=2,
        start_time=dt.time(10, 30),
        rule="FREQ=DAILY;BYHOUR=10,15;BYMINUTE=30;COUNT=20",
    ),
    DemoEvent(
        name="Museum of Maps: timed entry",
        time_zone="UTC",
        max_tickets=150,
        num_shards=4,
        types={"Normal": (None, 4), "Discount": (None, 2), "Child": (40, 1)},
        days_ahead=1,
        start_time=dt.time(9),
        rule="FREQ=DAILY;BYHOUR=9,11,13,15;COUNT=56",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """How much was put in: nothing, when there were events already."""

    events: int
    dates: int

    def __str__(self) -> str:
        if not self.events:
            return "There are events already: no demo events were put in."
        return f"{self.events} demo events with {self.dates} dates were put in."


async def put_in_demo(engine: AsyncEngine, now: dt.datetime | None = None) -> DemoReport:
    """Put the demo events into a database without events, all of them or none. Repeatable; waits for another demo."""
    moment = now or dt.datetime.now(dt.UTC)
    async with engine.begin() as connection:
        await connection.execute(LOCK_DEMO)
        if (await connection.execute(select(Event.id).limit(1))).first():
            return DemoReport(events=0, dates=0)
        names = dict.fromkeys(name for event in DEMO for name in event.types)
        types = {name: (await insert_ticket_type(connection, name)).id for name in names}
        dates = [await _put_in(connection, event, types, moment) for event in DEMO]
        return DemoReport(events=len(dates), dates=sum(dates))


async def _put_in(connection: AsyncConnection, event: DemoEvent, types: Mapping[str, int], moment: dt.datetime) -> int:
    today = moment.astimezone(ZoneInfo(event.time_zone)).date()
    first_date = today + dt.timedelta(days=event.days_ahead)
    dates = dates_of_recurrence(event.rule, first_date, event.start_time, time_zone=event.time_zone)
    new = NewEvent(
        name=event.name,
        time_zone=event.time_zone,
        max_tickets=event.max_tickets,
        num_shards=event.num_shards,
        ticket_types=tuple(
            NewType(ticket_type_id=types[name], max=most, num_shards=shards)
            for name, (most, shards) in event.types.items()
        ),
        dates=tuple(dates),
    )
    await insert_event(connection, new)
    return len(dates)
