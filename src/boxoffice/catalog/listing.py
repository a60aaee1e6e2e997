"""Lists, page by page: events that still have a date ahead, and the dates of an event. One query each, no locks."""

import datetime as dt

from sqlalchemy import Date, func, literal_column, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.check import check_characters
from boxoffice.catalog.values import DateAndTime, EventCursor, EventSummary
from boxoffice.tables import EventDate

BEFORE_ALL = EventCursor(dt.date.min, 0)

# A page of events by (first date ahead, id) behind a cursor: a walk along events_ahead, and those events besides whose
# remembered date has begun (catalog/roll.py), found by events_next_start; then the last date of each.
LIST_EVENTS = text("""
    WITH page AS MATERIALIZED (
        (
            SELECT e.id, e.next_date AS first_date
            FROM events e
            WHERE e.next_starts_at > now()
                AND (e.next_date, e.id) > (CAST(:after_date AS date), CAST(:after_id AS bigint))
                AND (CAST(:pattern AS text) IS NULL OR e.name ILIKE CAST(:pattern AS text))
            ORDER BY e.next_date, e.id
            LIMIT :limit
        )
        UNION ALL
        (
            SELECT e.id, ahead.date
            FROM events e
            CROSS JOIN LATERAL (
                SELECT d.date
                FROM event_date d
                WHERE d.event_id = e.id
                    AND d.date >= (now() AT TIME ZONE 'UTC')::date - 1
                    AND d.starts_at > now()
                ORDER BY d.date, d.start_time
                LIMIT 1
            ) ahead
            WHERE e.next_starts_at <= now()
                AND (ahead.date, e.id) > (CAST(:after_date AS date), CAST(:after_id AS bigint))
                AND (CAST(:pattern AS text) IS NULL OR e.name ILIKE CAST(:pattern AS text))
            ORDER BY ahead.date, e.id
            LIMIT :limit
        )
        ORDER BY first_date, id
        LIMIT :limit
    )
    SELECT e.id, e.name, e.time_zone, page.first_date, last.date AS last_date
    FROM page
    JOIN events e ON e.id = page.id
    CROSS JOIN LATERAL (
        SELECT d.date
        FROM event_date d
        WHERE d.event_id = e.id AND d.starts_at > now()
        ORDER BY d.date DESC, d.start_time DESC
        LIMIT 1
    ) last
    ORDER BY page.first_date, page.id
""")


async def list_events(
    engine: AsyncEngine, limit: int, after: EventCursor | None = None, name_contains: str | None = None
) -> list[EventSummary]:
    """Return up to `limit` events that have a date ahead, by (first_date, id), behind `after`.

    `name_contains` is looked for in any case, literally. Stable while events are added: none is skipped or repeated.
    Raises InvalidRequest for characters that no name holds.
    """
    if name_contains is not None:
        check_characters(name_contains)
    after_date, after_id = after or BEFORE_ALL
    given = {
        "after_date": after_date,
        "after_id": after_id,
        "pattern": None if name_contains is None else f"%{_literally(name_contains)}%",
        "limit": limit,
    }
    async with engine.connect() as connection:
        rows = await connection.execute(LIST_EVENTS, given)
        return [
            EventSummary(
                id=row.id,
                name=row.name,
                time_zone=row.time_zone,
                first_date=row.first_date,
                last_date=row.last_date,
            )
            for row in rows
        ]


async def list_dates(
    engine: AsyncEngine,
    event_id: int,
    from_: dt.date | None,
    to: dt.date | None,
    limit: int,
    after: DateAndTime | None = None,
) -> list[DateAndTime]:
    """Return up to `limit` dates of an event from `from_` to `to`, both included and local to it, behind `after`.

    Without `from_` those that are past are left out. No dates when there is no such event.
    """
    query = select(EventDate.date, EventDate.start_time).where(EventDate.event_id == event_id)
    if from_ is None:
        yesterday = literal_column("(now() AT TIME ZONE 'UTC')::date - 1", Date)
        query = query.where(EventDate.date >= yesterday, EventDate.starts_at > func.now())
    else:
        query = query.where(EventDate.date >= from_)
    if to is not None:
        query = query.where(EventDate.date <= to)
    if after is not None:
        query = query.where(tuple_(EventDate.date, EventDate.start_time) > tuple_(after.date, after.start_time))
    query = query.order_by(EventDate.date, EventDate.start_time).limit(limit)
    async with engine.connect() as connection:
        return [DateAndTime(row.date, row.start_time) for row in await connection.execute(query)]


def _literally(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
