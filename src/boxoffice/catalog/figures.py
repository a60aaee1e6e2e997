"""What is left to sell, read from the booking side's counters: one query each, one committed moment, no locks."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.values import DateAndTime, DateFigures, TypeFigures

# For each of the dates that exists, once for each type that the event offers: room and capacity of both.
READ_FIGURES = text("""
    SELECT n.date, n.start_time, total.capacity, total.available, type.ticket_type_id, type.name,
        own.capacity AS type_capacity, least(own.available, total.available) AS type_available
    FROM unnest(CAST(:dates AS date[]), CAST(:start_times AS time[])) AS n (date, start_time)
    CROSS JOIN LATERAL (
        SELECT sum(c.shard_max) AS capacity, sum(c.shard_max - c.shard_current) AS available
        FROM consumption c
        WHERE c.event_id = :event_id AND c.date = n.date AND c.start_time = n.start_time
    ) total
    CROSS JOIN (
        SELECT o.ticket_type_id, t.name
        FROM event_ticket_type o
        JOIN ticket_type t ON t.id = o.ticket_type_id
        WHERE o.event_id = :event_id
    ) type
    CROSS JOIN LATERAL (
        SELECT sum(c.shard_max) AS capacity, sum(c.shard_max - c.shard_current) AS available
        FROM consumption_tt c
        WHERE c.event_id = :event_id AND c.date = n.date AND c.start_time = n.start_time
            AND c.ticket_type = type.ticket_type_id
    ) own
    WHERE total.capacity IS NOT NULL
    ORDER BY n.date, n.start_time, type.ticket_type_id
""")

# Those of the events that have no date ahead with room, neither in the total nor in any type; one shard with room is
# enough to leave an event out, so only what is sold out is read to its end.
SOLD_OUT = text("""
    SELECT e.id
    FROM events e
    WHERE e.id = ANY (CAST(:ids AS bigint[])) AND NOT EXISTS (
        SELECT FROM event_date d
        WHERE d.event_id = e.id AND d.date >= (now() AT TIME ZONE 'UTC')::date - 1 AND d.starts_at > now()
            AND EXISTS (
                SELECT FROM consumption c
                WHERE c.event_id = d.event_id AND c.date = d.date AND c.start_time = d.start_time
                    AND c.shard_current < c.shard_max
            )
            AND EXISTS (
                SELECT FROM consumption_tt c
                WHERE c.event_id = d.event_id AND c.date = d.date AND c.start_time = d.start_time
                    AND (c.shard_max IS NULL OR c.shard_current < c.shard_max)
            )
    )
""")


async def read_figures(engine: AsyncEngine, event_id: int, dates: Sequence[DateAndTime]) -> list[DateFigures]:
    """Return the figures of those of the dates that exist, in order, all of one moment."""
    once = list(dict.fromkeys(dates))
    given = {
        "event_id": event_id,
        "dates": [one.date for one in once],
        "start_times": [one.start_time for one in once],
    }
    async with engine.connect() as connection:
        rows = (await connection.execute(READ_FIGURES, given)).all()
    return [_figures(list(of_date)) for _, of_date in groupby(rows, key=lambda row: (row.date, row.start_time))]


async def sold_out_events(engine: AsyncEngine, event_ids: Iterable[int]) -> set[int]:
    """Return those of the events of which no date ahead has anything left; also those without a date ahead."""
    async with engine.connect() as connection:
        return set((await connection.execute(SOLD_OUT, {"ids": list(event_ids)})).scalars())


def _figures(rows: Sequence[Row[tuple[object, ...]]]) -> DateFigures:
    first = rows[0]
    return DateFigures(
        date=first.date,
        start_time=first.start_time,
        capacity=first.capacity,
        available=first.available,
        types=tuple(
            TypeFigures(
                ticket_type_id=row.ticket_type_id,
                name=row.name,
                capacity=row.type_capacity,
                available=row.type_available,
            )
            for row in rows
        ),
    )
