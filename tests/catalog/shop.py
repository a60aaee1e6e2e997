"""Events made by the catalogue itself, tickets sold into them by SQL, and a count of everything that must agree."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from uuid import UUID

import asyncpg
from sqlalchemy import Connection as SynchronousConnection
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.catalog.change import change_event
from boxoffice.catalog.create import create_event, create_ticket_type
from boxoffice.catalog.values import Change, DateAndTime, EventDescription, NewEvent, NewType
from boxoffice.identifiers import new_ids

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy | asyncpg.Pool
TODAY = dt.datetime.now(tz=dt.UTC).date()
EIGHT = dt.time(20, 0)


def days_ahead(*days: int) -> tuple[DateAndTime, ...]:
    """Return dates so many days from today, at eight in the evening."""
    return tuple(DateAndTime(TODAY + dt.timedelta(days=day), EIGHT) for day in days)


async def make_types(engine: AsyncEngine, *names: str) -> list[int]:
    """Create ticket types and return their ids."""
    return [(await create_ticket_type(engine, name)).id for name in names]


async def make_event(
    engine: AsyncEngine,
    *,
    name: str = "Event",
    max_tickets: int = 100,
    num_shards: int = 4,
    time_zone: str = "UTC",
    types: Sequence[NewType] | None = None,
    dates: Sequence[DateAndTime] = (),
) -> EventDescription:
    """Create an event; without types it offers one of its own, without limit."""
    offered = types or [NewType(ticket_type_id=(await create_ticket_type(engine, "Normal")).id)]
    return await create_event(
        engine,
        NewEvent(
            name=name,
            max_tickets=max_tickets,
            num_shards=num_shards,
            time_zone=time_zone,
            ticket_types=tuple(offered),
            dates=tuple(dates),
        ),
    )


async def change(engine: AsyncEngine, event_id: int, wanted: Change) -> EventDescription:
    """Change an event of which nothing is overdue."""
    return await change_event(engine, event_id, wanted, nothing_overdue)


async def nothing_overdue(event_id: int) -> None:
    """Stand for the booking side where no hold is overdue."""


async def sell(
    connection: Connection,
    event_id: int,
    date: DateAndTime,
    labels: Sequence[tuple[int, int, int]],
    *,
    paid: bool = False,
    overdue: bool = False,
) -> None:
    """Sell one ticket for each label (ticket type, shard of the total, shard of the type), in one reservation."""
    reservation_id = new_ids(1)[0]
    await connection.execute(
        """
        INSERT INTO reservation (event_id, id, date, start_time, created_at, expires_at, paid_at, payment_ref)
        SELECT $1, $2, $3, $4, made.at, made.at + interval '1 minute',
            CASE WHEN $6 THEN made.at END, CASE WHEN $6 THEN 'paid' END
        FROM (SELECT clock_timestamp() - make_interval(mins => $5) AS at) made
        """,
        event_id,
        reservation_id,
        *date,
        2 if overdue else 0,
        paid,
    )
    for ticket_id, label in zip(new_ids(len(labels)), labels, strict=True):
        await _sell_one(connection, event_id, date, label, reservation_id, ticket_id)


async def _sell_one(
    connection: Connection,
    event_id: int,
    date: DateAndTime,
    label: tuple[int, int, int],
    reservation_id: UUID,
    ticket_id: UUID,
) -> None:
    ticket_type, shard, type_shard = label
    key = (event_id, *date)
    await connection.execute(
        "UPDATE consumption SET shard_current = shard_current + 1"
        " WHERE event_id = $1 AND date = $2 AND start_time = $3 AND shard_id = $4",
        *key,
        shard,
    )
    await connection.execute(
        "UPDATE consumption_tt SET shard_current = shard_current + 1"
        " WHERE event_id = $1 AND date = $2 AND start_time = $3 AND ticket_type = $4 AND shard_id = $5",
        *key,
        ticket_type,
        type_shard,
    )
    await connection.execute(
        "INSERT INTO tickets (event_id, date, start_time, id, ticket_type, reservation_id, shard_id, tt_shard_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        *key,
        ticket_id,
        ticket_type,
        reservation_id,
        shard,
        type_shard,
    )


async def free_labels(
    pool: asyncpg.Pool, event_id: int, date: DateAndTime, ticket_type: int, count: int, random: Random
) -> list[tuple[int, int, int]]:
    """Choose labels for so many tickets of a type, at random among the room that there is."""
    totals = await pool.fetch(
        "SELECT shard_id, shard_max - shard_current FROM consumption"
        " WHERE event_id = $1 AND date = $2 AND start_time = $3 ORDER BY shard_id",
        event_id,
        *date,
    )
    types = await pool.fetch(
        "SELECT shard_id, coalesce(shard_max - shard_current, $5) FROM consumption_tt"
        " WHERE event_id = $1 AND date = $2 AND start_time = $3 AND ticket_type = $4 ORDER BY shard_id",
        event_id,
        *date,
        ticket_type,
        count,
    )
    shards = [
        random.sample([shard for shard, room in of_all for _ in range(room)], count) for of_all in (totals, types)
    ]
    return [(ticket_type, shard, type_shard) for shard, type_shard in zip(*shards, strict=True)]


# Every counter with the limit it comes from, the shards it should have, and the tickets that remember each shard.
ALL_COUNTERS = """
    SELECT c.date, c.start_time, NULL::bigint AS ticket_type, e.max_tickets AS limit, e.num_shards,
        array_agg(c.shard_id ORDER BY c.shard_id) AS shards,
        array_agg(c.shard_current ORDER BY c.shard_id) AS currents,
        array_agg(c.shard_max ORDER BY c.shard_id) AS maxima,
        array_agg((
            SELECT count(*) FROM tickets t
            WHERE (t.event_id, t.date, t.start_time, t.shard_id) = (c.event_id, c.date, c.start_time, c.shard_id)
        ) ORDER BY c.shard_id) AS remembered
    FROM consumption c JOIN events e ON e.id = c.event_id
    WHERE c.event_id = $1 GROUP BY c.date, c.start_time, e.id
    UNION ALL
    SELECT c.date, c.start_time, c.ticket_type, o.max_per_tt, o.num_of_shards_per_tt,
        array_agg(c.shard_id ORDER BY c.shard_id),
        array_agg(c.shard_current ORDER BY c.shard_id),
        array_agg(c.shard_max ORDER BY c.shard_id),
        array_agg((
            SELECT count(*) FROM tickets t
            WHERE (t.event_id, t.date, t.start_time, t.ticket_type, t.tt_shard_id)
                = (c.event_id, c.date, c.start_time, c.ticket_type, c.shard_id)
        ) ORDER BY c.shard_id)
    FROM consumption_tt c
    JOIN event_ticket_type o ON o.event_id = c.event_id AND o.ticket_type_id = c.ticket_type
    WHERE c.event_id = $1 GROUP BY c.date, c.start_time, c.ticket_type, o.max_per_tt, o.num_of_shards_per_tt
    ORDER BY 1, 2, 3 NULLS FIRST
"""


async def counters_of(pool: asyncpg.Pool, event_id: int) -> Mapping[tuple[DateAndTime, int | None], asyncpg.Record]:
    """Read all counters by date and type (None: the total), and assert that each is whole, exact and true."""
    counters = {
        (DateAndTime(row["date"], row["start_time"]), row["ticket_type"]): row
        for row in await pool.fetch(ALL_COUNTERS, event_id)
    }
    for row in counters.values():
        assert row["shards"] == list(range(row["num_shards"]))
        assert row["currents"] == row["remembered"]
        if row["limit"] is None:
            assert set(row["maxima"]) == {None}
        else:
            assert sum(row["maxima"]) == row["limit"]
    offered = await pool.fetchval("SELECT count(*) FROM event_ticket_type WHERE event_id = $1", event_id)
    dates = await pool.fetchval("SELECT count(*) FROM event_date WHERE event_id = $1", event_id)
    assert len(counters) == dates * (1 + offered)
    labels = "SELECT count(*) FROM tickets WHERE event_id = $1"
    assert sum(sum(row["currents"]) for (_, of), row in counters.items() if of is None) == await pool.fetchval(
        labels, event_id
    )
    return counters


def rooms(row: asyncpg.Record) -> list[int]:
    """Return the free room of each shard of a counter with a limit."""
    return [shard_max - current for shard_max, current in zip(row["maxima"], row["currents"], strict=True)]


@contextmanager
def statements_counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """Collect the statements that an engine sends meanwhile."""
    sent: list[str] = []

    def collect(connection: SynchronousConnection, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", collect)
