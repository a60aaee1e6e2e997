"""Statements with one guard taken out, for the tests that show what the guard is for. None of them is in the service.

Each is the statement as it is, with one part replaced. Where that part is no longer there, what comes out is no
statement at all, so that no control goes on proving something about a statement that has changed meanwhile.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from boxoffice.booking.statements import GIVE_BACK, HOLD, PAY
from tests.emptying import EMPTY_ALL


def replaced(statement: str, part: str, instead: str = "") -> str:
    """Return the statement with this part replaced; no statement at all unless the part stands in it exactly once."""
    if (times := statement.count(part)) != 1:
        return f"{times} times in the statement: {part}"
    return statement.replace(part, instead)


# A hold moves its counters whether or not they have the room.
HOLD_WITHOUT_CONDITION_OF_TOTAL = replaced(HOLD, "        AND c.shard_current + w.quantity <= c.shard_max\n")
HOLD_WITHOUT_CONDITION_OF_TYPE = replaced(
    HOLD, "        AND (c.shard_max IS NULL OR c.shard_current + w.quantity <= c.shard_max)\n"
)

# Every second session asks for its locks in the opposite order.
HOLD_AGAINST_ORDER_OF_KEYS = replaced(HOLD, "ORDER BY w.key, w.id", "ORDER BY w.key DESC, w.id")
HOLD_AGAINST_ORDER_OF_TOTAL = replaced(
    HOLD,
    "ORDER BY c.date, c.start_time, c.shard_id\n    FOR NO KEY UPDATE",
    "ORDER BY c.date, c.start_time, c.shard_id DESC\n    FOR NO KEY UPDATE",
)
HOLD_AGAINST_ORDER_OF_TYPES = replaced(
    HOLD,
    "ORDER BY c.date, c.start_time, c.ticket_type, c.shard_id\n    FOR NO KEY UPDATE",
    "ORDER BY c.date, c.start_time, c.ticket_type DESC, c.shard_id DESC\n    FOR NO KEY UPDATE",
)
PAY_AGAINST_ORDER = replaced(PAY, "ORDER BY r.id\n", "ORDER BY r.id DESC\n")
GIVE_BACK_AGAINST_ORDER_OF_RESERVATIONS = replaced(GIVE_BACK, "ORDER BY r.id\n", "ORDER BY r.id DESC\n")
GIVE_BACK_AGAINST_ORDER_OF_TOTAL = replaced(
    GIVE_BACK, "ORDER BY c.date, c.start_time, c.shard_id\n", "ORDER BY c.date, c.start_time, c.shard_id DESC\n"
)
GIVE_BACK_AGAINST_ORDER_OF_TYPES = replaced(
    GIVE_BACK,
    "ORDER BY c.date, c.start_time, c.ticket_type, c.shard_id\n",
    "ORDER BY c.date, c.start_time, c.ticket_type, c.shard_id DESC\n",
)

# A hold makes its tickets from the plan, whatever became of the counters that the plan names.
HOLD_WITHOUT_JOIN_TO_MOVED = replaced(
    HOLD,
    """
    WHERE ((p.date, p.start_time, p.shard_id) IN (SELECT date, start_time, shard_id FROM moved_total)) IS TRUE
        AND (
            (p.date, p.start_time, p.ticket_type, p.tt_shard_id)
            IN (SELECT date, start_time, ticket_type, shard_id FROM moved_tt)
        ) IS TRUE
""",
    "\n",
)

# Tickets go back on sale though the counters that they came from were not all found.
GIVE_BACK_WITHOUT_AGREEMENT = replaced(GIVE_BACK, "            ELSE 0\n", "            ELSE 1\n")

# Expiry does not look whether somebody paid while it waited.
GIVE_BACK_WITHOUT_LOOK_AT_PAYMENT = replaced(GIVE_BACK, "WHEN paid_at IS NOT NULL THEN 'paid' ")

# A payment counts at any time; or at the time at which it began to wait.
PAY_WITHOUT_DEADLINE = replaced(PAY, " AND j.judged_at < j.expires_at")
PAY_BY_THE_CLOCK_BEFORE_WAITING = replaced(PAY, "clock_timestamp() AS judged_at", "now() AS judged_at")


@asynccontextmanager
async def without_check(database_url: str, table: str, name: str) -> AsyncIterator[None]:
    """Take a CHECK out of the database; empty all tables and put it back afterwards."""
    connection = await asyncpg.connect(database_url)
    try:
        definition = await connection.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = $1 AND conrelid = $2::text::regclass AND contype = 'c'",
            name,
            table,
        )
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        try:
            yield
        finally:
            await connection.execute(f"{EMPTY_ALL}; ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    finally:
        await connection.close()
