"""Remembering each event's next date, so that the list of events is one walk along an index.

What is remembered runs out when that date begins. Until it is rolled forward the list looks at the event's dates
instead: right all the same, but dearer the more events wait. So every process runs a Roller; side by side they share
the work, and none is needed for the truth. Its loop only ticks; `run_once` does the work.
"""

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from boxoffice.database import UNREACHABLE
from boxoffice.jitter import jittered

ROLL_INTERVAL_SECONDS = 30.0
ROLL_BATCH_EVENTS_MAX = 1_000

log = structlog.get_logger(__name__)

# Locks events whose remembered date has begun, but for those that somebody else has in hand.
LOCK_BEGUN = text("""
    SELECT id FROM events
    WHERE next_starts_at <= now()
    ORDER BY next_starts_at, id
    LIMIT :events_max
    FOR NO KEY UPDATE SKIP LOCKED
""")

# The same of a distributed database, where each event may lie on another node: names them, then locks one of them,
# unless somebody has rolled it meanwhile.
BEGUN = text("SELECT id FROM events WHERE next_starts_at <= now() ORDER BY next_starts_at, id LIMIT :events_max")
LOCK_ONE_BEGUN = text("""
    SELECT id FROM events WHERE id = :event_id AND next_starts_at <= now() FOR NO KEY UPDATE SKIP LOCKED
""")

# Remembers the first date ahead of an event, or that there is none. Yesterday in UTC is early enough for every zone,
# and spares the walk over an event's long past.
REMEMBER = text("""
    UPDATE events e
    SET next_date = ahead.date, next_starts_at = ahead.starts_at
    FROM (
        (
            SELECT d.date, d.starts_at
            FROM event_date d
            WHERE d.event_id = :event_id AND d.date >= (now() AT TIME ZONE 'UTC')::date - 1 AND d.starts_at > now()
            ORDER BY d.date, d.start_time
            LIMIT 1
        )
        UNION ALL
        SELECT NULL, 'infinity'
        ORDER BY starts_at
        LIMIT 1
    ) ahead
    WHERE e.id = :event_id
""")


class Roller:
    """Keeps the remembered next dates fresh, to about ROLL_INTERVAL_SECONDS."""

    def __init__(self, engine: AsyncEngine, *, distributed: bool = False) -> None:
        self._engine = engine
        self._roll = roll_one_by_one if distributed else roll_forward

    async def run_forever(self) -> None:
        """Run until cancelled, with a jittered pause. Errors of the database end a run, not the roller."""
        while True:
            try:
                await self.run_once()
            except (*UNREACHABLE, SQLAlchemyError) as error:
                log.warning("roll failed", reason=repr(error))
            await asyncio.sleep(jittered(ROLL_INTERVAL_SECONDS))

    async def run_once(self, batch_events_max: int = ROLL_BATCH_EVENTS_MAX) -> int:
        """Roll all events forward whose remembered date has begun, batch by batch, and return how many."""
        rolled = 0
        while count := await self._roll(self._engine, batch_events_max):
            rolled += count
        return rolled


async def roll_forward(engine: AsyncEngine, events_max: int) -> int:
    """Roll up to `events_max` events forward and return how many. Repeatable, safe side by side, waits for nobody."""
    async with engine.begin() as connection:
        event_ids = (await connection.execute(LOCK_BEGUN, {"events_max": events_max})).scalars().all()
        if event_ids:
            await connection.execute(REMEMBER, [{"event_id": event_id} for event_id in event_ids])
    return len(event_ids)


async def roll_one_by_one(engine: AsyncEngine, events_max: int) -> int:
    """Do as `roll_forward`, each event in a transaction of its own, as a distributed database wants it."""
    async with engine.connect() as connection:
        event_ids = (await connection.execute(BEGUN, {"events_max": events_max})).scalars().all()
    rolled = 0
    for event_id in event_ids:
        async with engine.begin() as connection:
            if (await connection.execute(LOCK_ONE_BEGUN, {"event_id": event_id})).first():
                await remember_next_date(connection, event_id)
                rolled += 1
    return rolled


async def remember_next_date(connection: AsyncConnection, event_id: int) -> None:
    """Remember the next date of an event that the caller's transaction has locked or made."""
    await connection.execute(REMEMBER, {"event_id": event_id})
