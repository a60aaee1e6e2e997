"""What the database holds, as lines that can be compared: without the ids, which differ from one run to the next."""

from typing import TypeAlias

import asyncpg

World: TypeAlias = tuple[str, ...]
"""All that is in the tables and means something: each row a line. Overdue holds mean nothing any more."""

ROWS = {
    "event": "SELECT name, max_tickets, num_shards, time_zone, next_date FROM events",
    "type": "SELECT name FROM ticket_type",
    "offer": """
        SELECT e.name AS event, t.name, o.max_per_tt, o.num_of_shards_per_tt
        FROM event_ticket_type o JOIN events e ON e.id = o.event_id JOIN ticket_type t ON t.id = o.ticket_type_id
    """,
    "date": """
        SELECT e.name, d.date, d.start_time, d.version, d.starts_at
        FROM event_date d JOIN events e ON e.id = d.event_id
    """,
    "total": """
        SELECT e.name, c.date, c.start_time, count(*), sum(c.shard_max)
        FROM consumption c JOIN events e ON e.id = c.event_id
        GROUP BY e.name, c.date, c.start_time
    """,
    "limit": """
        SELECT e.name, c.date, c.start_time, t.name AS type, count(*), sum(c.shard_max)
        FROM consumption_tt c JOIN events e ON e.id = c.event_id JOIN ticket_type t ON t.id = c.ticket_type
        GROUP BY e.name, c.date, c.start_time, t.name
    """,
    "reservation": """
        SELECT e.name, r.date, r.start_time, r.idempotency_key, r.payment_ref, r.paid_at IS NOT NULL AS paid,
            (
                SELECT array_agg(t.name ORDER BY t.name)
                FROM tickets k JOIN ticket_type t ON t.id = k.ticket_type
                WHERE k.event_id = r.event_id AND k.reservation_id = r.id
            ) AS tickets
        FROM reservation r JOIN events e ON e.id = r.event_id
        WHERE r.paid_at IS NOT NULL OR r.expires_at > clock_timestamp()
    """,
    "calendar": "SELECT e.name, i.uid FROM event_import i JOIN events e ON e.id = i.event_id",
}


async def read_world(pool: asyncpg.Pool) -> World:
    """Read all of it at one moment."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        lines = [
            f"{kind}: {', '.join(map(str, row.values()))}"
            for kind, statement in ROWS.items()
            for row in await connection.fetch(statement)
        ]
    return tuple(sorted(lines))


async def overdue(pool: asyncpg.Pool) -> int:
    """Count the holds whose time is over and that are there all the same."""
    found: int = await pool.fetchval(
        "SELECT count(*) FROM reservation WHERE paid_at IS NULL AND expires_at <= clock_timestamp()"
    )
    return found
