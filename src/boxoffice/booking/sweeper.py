"""The sweeper: every process runs one; side by side they share the work, and none of them is needed for the truth.

Modes: looking (one query over all events), expiring (bounded batches, event by event), pausing. The loop only ticks;
`run_once` does the work and says what it did.
"""

import asyncio
import datetime as dt
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import structlog

from boxoffice.booking.expire import expire_batch
from boxoffice.booking.give_back import LabelsMoved
from boxoffice.booking.statements import OVERDUE_EVENTS
from boxoffice.database import UNREACHABLE
from boxoffice.values import GivenBack

# A hold can become visible a little after its deadline, when its transaction waited; and a batch that another sweeper
# had in hand may come back. So a look starts this much before the last deadline dealt with,
LOOK_BACK = dt.timedelta(seconds=30)
# and this often it leaves nothing out.
FULL_LOOK_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one run found: events with overdue holds, and holds that it took in hand."""

    events: int
    expired: int


class Sweeper:
    """Gives overdue holds back within 2 s of their deadline, as long as any process lives.

    `on_given_back` hears of the units after each commit. Errors of the database end a run, not the sweeper.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        *,
        interval_ms: int,
        batch_rows_max: int,
        on_given_back: Callable[[Sequence[GivenBack]], None],
    ) -> None:
        self._pool = pool
        self._interval_seconds = interval_ms / 1000
        self._batch_rows_max = batch_rows_max
        self._on_given_back = on_given_back
        self._since: dt.datetime | None = None
        self._full_look_at = 0.0
        self.expired_count = 0
        self.last_run_seconds = 0.0

    async def run_forever(self) -> None:
        """Run until cancelled, with a jittered pause, so that processes do not look at the same instant."""
        while True:
            await asyncio.sleep(self._interval_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - no secret, only jitter
            started = time.monotonic()
            try:
                await self.run_once()
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                log.warning("sweep failed", reason=repr(error))
            self.last_run_seconds = time.monotonic() - started

    async def run_once(self) -> Sweep:
        """Expire all that is overdue and not in another's hands. Raises what asyncpg raises."""
        if time.monotonic() >= self._full_look_at:
            self._since, self._full_look_at = None, time.monotonic() + FULL_LOOK_SECONDS
        rows = await self._pool.fetch(OVERDUE_EVENTS, self._since)
        expired = 0
        for row in rows:
            expired += await self._expire_event(row["event_id"])
        if rows:
            self._since = max(row["last_deadline"] for row in rows) - LOOK_BACK
        return Sweep(events=len(rows), expired=expired)

    async def _expire_event(self, event_id: int) -> int:
        expired = 0
        found = self._batch_rows_max
        while found == self._batch_rows_max:
            with suppress(LabelsMoved):
                batch = await expire_batch(self._pool, event_id, self._batch_rows_max, self._since)
                self._on_given_back(batch.given_back)
                found = batch.found
                expired += found
        self.expired_count += expired
        return expired
