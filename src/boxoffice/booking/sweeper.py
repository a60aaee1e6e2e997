"""The sweeper: every process runs one; side by side they share the work, and none of them is needed for the truth.

Modes: looking (one query over all events), expiring (bounded batches, event by event), pausing. The loop only ticks;
`run_once` does the work and says what it did.

A sweep of many holds gives way to the buyers: after each full batch it rests for as long as the batch took, until a
third of the time is over that the audit allows for so many. From then on it goes on without a rest, and takes two
events at a time.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import asyncpg
import structlog

from boxoffice.booking.expire import expire_batch
from boxoffice.booking.give_back import LabelsMoved
from boxoffice.booking.statements import OVERDUE_EVENTS
from boxoffice.database import UNREACHABLE
from boxoffice.jitter import jittered
from boxoffice.values import GivenBack

# A hold can become visible a little after its deadline, when its transaction waited; and a batch that another sweeper
# had in hand may come back. So a look starts this much before the last deadline dealt with,
LOOK_BACK = dt.timedelta(seconds=30)
# and this often it leaves nothing out.
FULL_LOOK_SECONDS = 60.0
# What the audit allows, which takes these two from here, and the share of it in which a sweep gives way.
LATE_SECONDS_MAX = 2
OVERDUE_PER_SECOND_MIN = 6_000
EASY_SHARE = 0.33

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one run found: events with overdue holds, holds that it gave back, and events that it could not sweep."""

    events: int
    expired: int
    failed: int


class SweepCounts:
    """What a sweeper did since its start, and how its latest run went, for the metrics."""

    __slots__ = ("expired", "failures", "last_run_seconds", "overdue_seconds", "runs")

    def __init__(self) -> None:
        self.runs = self.failures = self.expired = 0
        self.last_run_seconds = 0.0
        self.overdue_seconds = 0.0


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
        rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
        late_seconds_max: float = LATE_SECONDS_MAX,
        full_look_seconds: float = FULL_LOOK_SECONDS,
        second_look: str | None = None,
    ) -> None:
        self._pool = pool
        self._interval_seconds = interval_ms / 1000
        self._batch_rows_max = batch_rows_max
        self._on_given_back = on_given_back
        self._since: dt.datetime | None = None
        self._full_look_at = 0.0
        self._full_look_seconds = full_look_seconds
        self._rest = rest
        self._second_look = second_look
        self._late_seconds_max = late_seconds_max
        self._easy_until = 0.0
        self.counts = SweepCounts()

    async def run_forever(self) -> None:
        """Run until cancelled, with a jittered pause, so that processes do not look at the same instant."""
        while True:
            await asyncio.sleep(jittered(self._interval_seconds))
            started = time.monotonic()
            try:
                await self.run_once()
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                self.counts.failures += 1
                log.warning("sweep_failed", reason=repr(error))
            self.counts.runs += 1
            self.counts.last_run_seconds = time.monotonic() - started

    async def run_once(self) -> Sweep:
        """Expire all that is overdue and not in another's hands. Raises what asyncpg raises when it cannot look.

        An event that cannot be swept is logged and left for the next run; the others do not wait for it.
        """
        if time.monotonic() >= self._full_look_at:
            self._since, self._full_look_at = None, time.monotonic() + self._full_look_seconds
        rows, whole = await self._look()
        self.counts.overdue_seconds = max((row["overdue_seconds"] for row in rows), default=0.0)
        allowed = self._late_seconds_max + sum(row["overdue"] for row in rows) / OVERDUE_PER_SECOND_MIN
        self._easy_until = time.monotonic() + allowed * EASY_SHARE - self.counts.overdue_seconds
        before, failed = self.counts.expired, await self._swept([row["event_id"] for row in rows])
        if rows and whole and not failed:
            self._since = max(row["last_deadline"] for row in rows) - LOOK_BACK
        return Sweep(events=len(rows), expired=self.counts.expired - before, failed=failed)

    async def _look(self) -> tuple[Sequence[asyncpg.Record], bool]:
        """Return the events that have overdue holds, and whether these are all of them.

        Where a node is lost, no look over all events succeeds; `second_look` names those of the nodes that are left.
        """
        try:
            return await self._pool.fetch(OVERDUE_EVENTS, self._since), True
        except (*UNREACHABLE, asyncpg.PostgresError) as error:
            if self._second_look is None:
                raise
            self.counts.failures += 1
            log.warning("look_failed", reason=repr(error))
            return await self._pool.fetch(self._second_look, self._since), False

    async def _swept(self, event_ids: Sequence[int]) -> int:
        """Sweep the events, and return how many could not be swept. Once it no longer gives way, two at a time."""
        waiting, over = iter(event_ids), asyncio.Event()

        async def first() -> int:
            try:
                return await self._swept_in_turn(waiting)
            finally:
                over.set()

        async def second() -> int:
            try:
                await asyncio.wait_for(over.wait(), self._easy_until - time.monotonic())
            except TimeoutError:
                return await self._swept_in_turn(waiting)
            return 0

        return sum(await asyncio.gather(first(), second()) if len(event_ids) > 1 else [await first()])

    async def _swept_in_turn(self, event_ids: Iterator[int]) -> int:
        failed = 0
        for event_id in event_ids:
            try:
                await self._expire_event(event_id)
            except (LabelsMoved, *UNREACHABLE, asyncpg.PostgresError) as error:
                failed += 1
                self.counts.failures += 1
                log.warning("event_not_swept", event_id=event_id, reason=repr(error.__cause__ or error))
        return failed

    async def _expire_event(self, event_id: int) -> None:
        """Expire batch by batch until one is not full; a full batch may have left some behind."""
        while True:
            began = time.monotonic()
            batch = await expire_batch(self._pool, event_id, self._batch_rows_max, self._since)
            self.counts.expired += batch.found
            self._on_given_back(batch.given_back)
            if batch.found < self._batch_rows_max:
                return
            ended = time.monotonic()
            if ended < self._easy_until:
                await self._rest(ended - began)
