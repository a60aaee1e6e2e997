"""Puts very many events into the database at once: `python -m tests.browser.crowd 10000`, with DATABASE_URL."""

import asyncio
import os
import sys

import asyncpg

# One date each, spread over a year that begins in a month; ten tickets of one type in one shard.
FILL = (
    "INSERT INTO ticket_type (name) SELECT 'Normal' WHERE NOT EXISTS (SELECT FROM ticket_type)",
    """
    INSERT INTO events (name, max_tickets, num_shards, time_zone)
    SELECT 'Crowd ' || lpad(n::text, 5, '0'), 10, 1, 'UTC' FROM generate_series(1, $1::integer) n
    """,
    """
    INSERT INTO event_ticket_type (event_id, ticket_type_id, max_per_tt, num_of_shards_per_tt)
    SELECT id, (SELECT min(id) FROM ticket_type), NULL, 1 FROM events WHERE name LIKE 'Crowd %'
    """,
    """
    INSERT INTO event_date (event_id, date, start_time, version, starts_at)
    SELECT id, day, '20:00', 1, (day + time '20:00') AT TIME ZONE 'UTC'
    FROM events, LATERAL (SELECT current_date + 30 + (id % 365)::integer AS day) d
    WHERE name LIKE 'Crowd %'
    """,
    """
    INSERT INTO consumption (event_id, date, start_time, shard_id, shard_current, shard_max)
    SELECT d.event_id, d.date, d.start_time, 0, 0, 10
    FROM event_date d JOIN events e ON e.id = d.event_id WHERE e.name LIKE 'Crowd %'
    """,
    """
    INSERT INTO consumption_tt (event_id, date, start_time, ticket_type, shard_id, shard_current, shard_max)
    SELECT d.event_id, d.date, d.start_time, (SELECT min(id) FROM ticket_type), 0, 0, NULL
    FROM event_date d JOIN events e ON e.id = d.event_id WHERE e.name LIKE 'Crowd %'
    """,
)


async def fill(database_url: str, events: int) -> None:
    """Add that many events named Crowd, all or none. Not repeatable."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            for statement in FILL:
                await connection.execute(statement, *([events] if "$1" in statement else []))
    finally:
        await connection.close()


if __name__ == "__main__":
    asyncio.run(fill(os.environ["DATABASE_URL"], int(sys.argv[1])))
