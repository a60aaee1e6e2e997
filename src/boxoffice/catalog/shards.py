"""All shards of one date, for whoever watches them fill: one query, one committed moment, no locks."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.values import DateCounters, Shard, TypeCounter
from boxoffice.values import DateKey

# The event and the shards of the date's total in order of id, once for each type that the event offers, with its own.
READ_SHARDS = text("""
    SELECT e.name, e.time_zone, total.currents, total.maxima,
        o.ticket_type_id, t.name AS type_name, own.currents AS type_currents, own.maxima AS type_maxima
    FROM event_date d
    JOIN events e ON e.id = d.event_id
    CROSS JOIN LATERAL (
        SELECT array_agg(c.shard_current ORDER BY c.shard_id) AS currents,
            array_agg(c.shard_max ORDER BY c.shard_id) AS maxima
        FROM consumption c
        WHERE c.event_id = :event_id AND c.date = :date AND c.start_time = :start_time
    ) total
    JOIN event_ticket_type o ON o.event_id = :event_id
    JOIN ticket_type t ON t.id = o.ticket_type_id
    CROSS JOIN LATERAL (
        SELECT array_agg(c.shard_current ORDER BY c.shard_id) AS currents,
            array_agg(c.shard_max ORDER BY c.shard_id) AS maxima
        FROM consumption_tt c
        WHERE c.event_id = :event_id AND c.date = :date AND c.start_time = :start_time
            AND c.ticket_type = o.ticket_type_id
    ) own
    WHERE d.event_id = :event_id AND d.date = :date AND d.start_time = :start_time
    ORDER BY o.ticket_type_id
""")


async def read_shards(engine: AsyncEngine, date_key: DateKey) -> DateCounters | None:
    """Return all shards of a date as they are at one moment, or None when there is no such date."""
    async with engine.connect() as connection:
        rows = (await connection.execute(READ_SHARDS, date_key._asdict())).all()
    if not rows:
        return None
    types = [
        TypeCounter(
            ticket_type_id=row.ticket_type_id, name=row.type_name, shards=_shards(row.type_currents, row.type_maxima)
        )
        for row in rows
    ]
    first = rows[0]
    return DateCounters(
        name=first.name, time_zone=first.time_zone, total=_shards(first.currents, first.maxima), types=tuple(types)
    )


def _shards(currents: Sequence[int] | None, maxima: Sequence[int | None] | None) -> tuple[Shard, ...]:
    return tuple(Shard(*pair) for pair in zip(currents or (), maxima or (), strict=True))
