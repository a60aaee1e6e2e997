"""The verb of time: holds whose deadline is over go back on sale, in bounded batches.

Two callers: the sweeper, which leaves alone what another sweeper has in hand, and a booking that would otherwise
refuse, which waits for it, so that no refusal hangs on the sweeper's lag.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from boxoffice.booking.give_back import give_back, give_back_once
from boxoffice.booking.statements import LOCK_OVERDUE, OVERDUE_OF_DATE, OVERDUE_OF_EVENT
from boxoffice.values import DateKey, GivenBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch of a sweep: how many rows it found, and what went back on sale."""

    found: int
    given_back: Sequence[GivenBack]


async def expire_batch(pool: asyncpg.Pool, event_id: int, rows_max: int, since: dt.datetime | None) -> Batch:
    """Expire up to `rows_max` overdue holds of one event that nobody else has in hand, in one transaction.

    Waits for counters, never for other sweepers. Raises LabelsMoved when a reshard came between: nothing happened.
    """
    async with pool.acquire() as connection, connection.transaction():
        locked = await connection.fetch(LOCK_OVERDUE, event_id, rows_max, since)
        if not locked:
            return Batch(found=0, given_back=())
        returned = await give_back_once(connection, event_id, [row["id"] for row in locked], "overdue")
    return Batch(found=len(locked), given_back=returned.given_back)


async def expire_date(pool: asyncpg.Pool, date_key: DateKey, rows_max: int) -> Sequence[GivenBack]:
    """Expire a batch of the overdue holds of one date, waiting for whoever else is doing so."""
    rows = await pool.fetch(OVERDUE_OF_DATE, *date_key, rows_max)
    return await _expire(pool, date_key.event_id, [row["id"] for row in rows])


async def expire_event(
    pool: asyncpg.Pool, event_id: int, rows_max: int, on_given_back: Callable[[Sequence[GivenBack]], None]
) -> None:
    """Expire all overdue holds of one event, waiting for whoever else is doing so; report after each batch."""
    while rows := await pool.fetch(OVERDUE_OF_EVENT, event_id, rows_max):
        on_given_back(await _expire(pool, event_id, [row["id"] for row in rows]))


async def _expire(pool: asyncpg.Pool, event_id: int, ids: Sequence[UUID]) -> Sequence[GivenBack]:
    if not ids:
        return ()
    return (await give_back(pool, event_id, ids, "overdue")).given_back
