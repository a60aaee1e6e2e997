"""A small world to book in: events put straight into the tables, and the sums that must agree afterwards."""

import datetime as dt
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from boxoffice.booking import hold, hold_in_steps
from boxoffice.booking.allocation import Counter, Rooms
from boxoffice.booking.hold import PlannedHold
from boxoffice.booking.values import Wanted
from boxoffice.catalog.spread import spread
from boxoffice.hold_flight import Book
from boxoffice.identifiers import new_ids
from boxoffice.values import DateKey
from tests.conftest import CITUS_DSN

NEXT_YEAR = dt.datetime.now(tz=dt.UTC).year + 1
DATE = dt.date(NEXT_YEAR, 5, 1)
START = dt.time(20, 0)
STARTS_AT = dt.datetime.combine(DATE, START, dt.UTC)

book: Book = hold_in_steps.book_in_steps if CITUS_DSN else hold.book
"""How the database that the tests have books: a distributed one does not follow hold.sql."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A ticket type of the world: its limit (None: none) and its shards."""

    limit: int | None
    shards: int = 1


async def put_event(
    pool: asyncpg.Pool,
    *,
    max_tickets: int,
    shards: int = 1,
    types: Sequence[Type] = (Type(limit=None),),
    starts_at: dt.datetime = STARTS_AT,
) -> DateKey:
    """Put one event with one date into the tables; its types have the ids 1, 2, ..."""
    async with pool.acquire() as connection, connection.transaction():
        event_id: int = await connection.fetchval(
            "INSERT INTO events (name, max_tickets, num_shards, time_zone) VALUES ('Event', $1, $2, 'UTC')"
            " RETURNING id",
            max_tickets,
            shards,
        )
        date_key = DateKey(event_id, starts_at.date(), starts_at.time())
        await connection.execute("INSERT INTO event_date VALUES ($1, $2, $3, 1, $4)", *date_key, starts_at)
        for shard, limit in enumerate(spread(max_tickets, shards)):
            await connection.execute("INSERT INTO consumption VALUES ($1, $2, $3, $4, 0, $5)", *date_key, shard, limit)
        for ticket_type, offered in enumerate(types, start=1):
            await _put_type(connection, date_key, ticket_type, offered)
    return date_key


async def _put_type(
    connection: asyncpg.pool.PoolConnectionProxy, date_key: DateKey, ticket_type: int, offered: Type
) -> None:
    await connection.execute(
        "INSERT INTO ticket_type (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2) ON CONFLICT DO NOTHING",
        ticket_type,
        f"Type {ticket_type}",
    )
    await connection.execute(
        "INSERT INTO event_ticket_type VALUES ($1, $2, $3, $4)",
        date_key.event_id,
        ticket_type,
        offered.limit,
        offered.shards,
    )
    for shard, limit in enumerate(spread(offered.limit, offered.shards)):
        row = (*date_key, ticket_type, shard, limit)
        await connection.execute("INSERT INTO consumption_tt VALUES ($1, $2, $3, $4, $5, 0, $6)", *row)


async def put_date(pool: asyncpg.Pool, date_key: DateKey, *, days: int) -> DateKey:
    """Put another date of the same event into the tables, so many days later, with nothing sold of it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO event_date"
            " SELECT event_id, date + $4::integer, start_time, 1, starts_at + make_interval(days => $4)"
            " FROM event_date WHERE (event_id, date, start_time) = ($1, $2, $3)",
            *date_key,
            days,
        )
        await connection.execute(
            "INSERT INTO consumption SELECT event_id, date + $4::integer, start_time, shard_id, 0, shard_max"
            " FROM consumption WHERE (event_id, date, start_time) = ($1, $2, $3)",
            *date_key,
            days,
        )
        await connection.execute(
            "INSERT INTO consumption_tt"
            " SELECT event_id, date + $4::integer, start_time, ticket_type, shard_id, 0, shard_max"
            " FROM consumption_tt WHERE (event_id, date, start_time) = ($1, $2, $3)",
            *date_key,
            days,
        )
    return date_key._replace(date=date_key.date + dt.timedelta(days=days))


def plan_of(
    date_key: DateKey,
    lines: Sequence[tuple[int, int]],
    *,
    key: str | None = None,
    total_shards: Sequence[int] | None = None,
    type_shards: Sequence[int] | None = None,
) -> PlannedHold:
    """Plan a hold; all tickets from shard 0 unless told otherwise."""
    wanted = Wanted(date_key=date_key, lines=tuple(lines), idempotency_key=key)
    zeros = [0] * wanted.total
    return PlannedHold(
        wanted=wanted,
        reservation_id=new_ids(1)[0],
        ticket_ids=new_ids(wanted.total),
        total_shards=total_shards or zeros,
        type_shards=type_shards or zeros,
    )


def rooms_of(total: Sequence[int | None], types: Mapping[int, Sequence[int | None]]) -> Rooms:
    """Build a guess whose preferred order is the shard ids' own."""
    return Rooms(
        1,
        Counter(total, range(len(total))),
        {ticket_type: Counter(rooms, range(len(rooms))) for ticket_type, rooms in types.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What the tables hold of one event: counters by shard, tickets and reservations, which must tell one story."""

    total: Mapping[int, int]
    types: Mapping[tuple[int, int], int]
    tickets: int
    reservations: int


async def sums_of(pool: asyncpg.Pool, event_id: int) -> Sums:
    """Read the sums of an event over its dates, as of one moment, and assert that each counter equals its tickets.

    One snapshot for all tables: a sweep or a hold that commits between two of the reads is in all of them or in none.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        total = await connection.fetch(
            "SELECT date, start_time, shard_id, shard_current FROM consumption WHERE event_id = $1", event_id
        )
        types = await connection.fetch(
            "SELECT date, start_time, ticket_type, shard_id, shard_current FROM consumption_tt WHERE event_id = $1",
            event_id,
        )
        tickets = await connection.fetch(
            "SELECT date, start_time, shard_id, ticket_type, tt_shard_id FROM tickets WHERE event_id = $1", event_id
        )
        reservations = await connection.fetchval("SELECT count(*) FROM reservation WHERE event_id = $1", event_id)
    of_total = Tally((date, start, shard) for date, start, shard, _, _ in tickets)
    of_types = Tally((date, start, ticket_type, shard) for date, start, _, ticket_type, shard in tickets)
    assert {row[:-1]: row[-1] for row in map(tuple, total) if row[-1]} == of_total
    assert {row[:-1]: row[-1] for row in map(tuple, types) if row[-1]} == of_types
    return Sums(
        total={shard: sum(row[-1] for row in total if row[2] == shard) for shard in {row[2] for row in total}},
        types={key: sum(row[-1] for row in types if row[2:4] == key) for key in {tuple(row[2:4]) for row in types}},
        tickets=len(tickets),
        reservations=reservations,
    )


def a_day_before(column: str) -> str:
    """Return the expression for it. A distributed database takes none that depends on the session's time zone."""
    return f"({column} AT TIME ZONE 'UTC' - interval '1 day') AT TIME ZONE 'UTC'"


async def make_overdue(pool: asyncpg.Pool, event_id: int) -> None:
    """Move all unpaid holds of an event into the past, so that their time is over."""
    await pool.execute(
        f"UPDATE reservation SET created_at = {a_day_before('created_at')}, expires_at = {a_day_before('expires_at')}"  # noqa: S608 - columns of ours
        " WHERE event_id = $1 AND paid_at IS NULL",
        event_id,
    )
