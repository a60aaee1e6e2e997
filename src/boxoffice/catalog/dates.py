"""The verb that adds dates to an event, each with all its counters."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.catalog.check import check_counters, check_dates
from boxoffice.catalog.lock import lock_event
from boxoffice.catalog.roll import remember_next_date
from boxoffice.catalog.spread import spread
from boxoffice.catalog.values import DateAndTime, EventDescription
from boxoffice.errors import DateExists

# Adds those of the dates that the event does not have, and tells which.
INSERT_DATES = text("""
    INSERT INTO event_date (event_id, date, start_time, starts_at)
    SELECT e.id, n.date, n.start_time, (n.date + n.start_time) AT TIME ZONE e.time_zone
    FROM events e
    CROSS JOIN unnest(CAST(:dates AS date[]), CAST(:start_times AS time[])) AS n (date, start_time)
    WHERE e.id = :event_id
    ORDER BY n.date, n.start_time
    ON CONFLICT (event_id, date, start_time) DO NOTHING
    RETURNING date, start_time
""")

# Gives each of the dates its shards of the total, 0 to n-1.
INSERT_TOTAL = text("""
    INSERT INTO consumption (event_id, date, start_time, shard_id, shard_max)
    SELECT d.event_id, d.date, d.start_time, s.number - 1, s.shard_max
    FROM event_date d
    JOIN unnest(CAST(:dates AS date[]), CAST(:start_times AS time[])) AS n (date, start_time)
        ON n.date = d.date AND n.start_time = d.start_time
    CROSS JOIN unnest(CAST(:maxima AS integer[])) WITH ORDINALITY AS s (shard_max, number)
    WHERE d.event_id = :event_id
""")

# Gives each of the dates its shards of each type.
INSERT_TYPES = text("""
    INSERT INTO consumption_tt (event_id, date, start_time, ticket_type, shard_id, shard_max)
    SELECT d.event_id, d.date, d.start_time, s.ticket_type, s.shard_id, s.shard_max
    FROM event_date d
    JOIN unnest(CAST(:dates AS date[]), CAST(:start_times AS time[])) AS n (date, start_time)
        ON n.date = d.date AND n.start_time = d.start_time
    CROSS JOIN unnest(CAST(:types AS bigint[]), CAST(:shards AS integer[]), CAST(:maxima AS integer[]))
        AS s (ticket_type, shard_id, shard_max)
    WHERE d.event_id = :event_id
""")


async def add_dates(engine: AsyncEngine, event_id: int, dates: Sequence[DateAndTime]) -> int:
    """Add all of the dates, or none; return how many. Waits for other changes of the event.

    Raises NotFound, InvalidRequest, and DateExists when the event already has one of them.
    """
    check_dates(dates)
    async with engine.begin() as connection:
        event = await lock_event(connection, event_id)
        added = await insert_dates(connection, event, dates)
        if len(added) < len(dates):
            date, start_time = next(one for one in dates if one not in added)
            raise DateExists(f"The event already has {date} {start_time}; nothing was added.")
        return len(added)


async def insert_dates(
    connection: AsyncConnection, event: EventDescription, dates: Sequence[DateAndTime]
) -> frozenset[DateAndTime]:
    """Add those of the dates that the event does not have, in the caller's transaction, and return them.

    The event must be locked (lock_event) or created by this transaction, so that its limits are still as described.
    """
    check_dates(dates)
    check_counters(len(dates), event.num_shards + sum(one.num_shards for one in event.ticket_types))
    rows = await connection.execute(INSERT_DATES, {"event_id": event.id, **_columns(dates)})
    added = [DateAndTime(row.date, row.start_time) for row in rows]
    if added:
        await _insert_counters(connection, event, added)
        await remember_next_date(connection, event.id)
    return frozenset(added)


async def _insert_counters(connection: AsyncConnection, event: EventDescription, dates: Sequence[DateAndTime]) -> None:
    of_dates = {"event_id": event.id, **_columns(dates)}
    await connection.execute(INSERT_TOTAL, {**of_dates, "maxima": spread(event.max_tickets, event.num_shards)})
    shards = [
        (one.ticket_type_id, shard, shard_max)
        for one in event.ticket_types
        for shard, shard_max in enumerate(spread(one.max, one.num_shards))
    ]
    await connection.execute(
        INSERT_TYPES,
        {
            **of_dates,
            "types": [ticket_type for ticket_type, _, _ in shards],
            "shards": [shard for _, shard, _ in shards],
            "maxima": [shard_max for _, _, shard_max in shards],
        },
    )


def _columns(dates: Sequence[DateAndTime]) -> dict[str, list[object]]:
    return {"dates": [one.date for one in dates], "start_times": [one.start_time for one in dates]}
