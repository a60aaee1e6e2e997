"""Shards come and go while tickets are sold and let go: what ties each statement to the counters it moves.

A hold makes tickets only from counters that it moved; a release undoes itself when its tickets were given other labels
meanwhile. With both, the audit is clean throughout; without either, it is not.
"""

import asyncio
import random
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from boxoffice.booking.audit import audit
from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.give_back import LabelsMoved, give_back_once
from boxoffice.booking.hold import PlanDoesNotHold, book
from boxoffice.booking.statements import GIVE_BACK, HOLD
from boxoffice.catalog.change import change_event
from boxoffice.catalog.values import Change, TypeChange
from boxoffice.values import DateKey
from tests.concurrency.weakened import GIVE_BACK_WITHOUT_AGREEMENT, HOLD_WITHOUT_JOIN_TO_MOVED
from tests.waiting import until
from tests.world import Type, plan_of, put_event

CLIENTS = 4
TICKETS = 4
SHARDS = 16
RESHARDS = (3, 40, 16) * 5


class Market:
    """Clients who book by what they last read, and let go, until they are told to stop."""

    def __init__(self, pool: asyncpg.Pool, date_key: DateKey, hold: str, give_back: str) -> None:
        self._pool = pool
        self._date_key = date_key
        self._hold = hold
        self._give_back = give_back
        self.open = True
        self.stale_plans = self.moved_labels = self.booked = self.let_go = 0

    async def client(self, number: int) -> None:
        """Hold and let go by turns."""
        chance = random.Random(number)
        held: list[UUID] = []
        while self.open:
            if len(held) < 3 or chance.random() < 0.5:
                held += await self._book(chance)
            else:
                await self._let_go(held.pop(0))

    async def _book(self, chance: random.Random) -> list[UUID]:
        whole = await read_whole_date(self._pool, self._date_key)
        assert whole is not None
        plan = plan_of(
            self._date_key,
            [(1, TICKETS)],
            total_shards=chance.choices(range(len(whole.total)), k=TICKETS),
            type_shards=chance.choices(range(len(whole.types[1])), k=TICKETS),
        )
        try:
            await book(self._pool, self._date_key.event_id, [plan], 60, self._hold)
        except PlanDoesNotHold:
            self.stale_plans += 1
            return []
        self.booked += 1
        return [plan.reservation_id]

    async def _let_go(self, reservation_id: UUID) -> None:
        while self.open:
            try:
                await give_back_once(self._pool, self._date_key.event_id, [reservation_id], "held", self._give_back)
            except LabelsMoved:
                self.moved_labels += 1
            else:
                self.let_go += 1
                return


async def reshard_until_wrong(
    pool: asyncpg.Pool, engine: AsyncEngine, database_url: str, hold: str, give_back: str
) -> tuple[Market, set[str]]:
    """Reshard again and again while the market is open; stop at the first difference and return what differs."""
    date_key = await put_event(pool, max_tickets=10**6, shards=SHARDS, types=[Type(limit=10**6, shards=SHARDS)])
    market = Market(pool, date_key, hold, give_back)
    async with asyncio.TaskGroup() as clients:
        for number in range(CLIENTS):
            clients.create_task(market.client(number))
        try:
            for num_shards in RESHARDS:
                await reshard(engine, date_key, market, num_shards)
                report = await audit(database_url)
                if not report.clean:
                    break
        finally:
            market.open = False
    return market, {one.what for one in report.differences}


async def reshard(engine: AsyncEngine, date_key: DateKey, market: Market, num_shards: int) -> None:
    """Change to so many shards as soon as the market has moved on since the change before."""
    moved_on = market.booked + 2 * CLIENTS
    await until(lambda: market.booked >= moved_on)
    of_type = TypeChange(ticket_type_id=1, num_shards=num_shards)
    await change_event(
        engine, date_key.event_id, Change(num_shards=num_shards, ticket_types=(of_type,)), nothing_overdue
    )


async def nothing_overdue(event_id: int) -> None:
    """Stand for the booking side where no hold is overdue."""


async def test_resharding_under_load_keeps_the_audit_clean(
    pool: asyncpg.Pool, engine: AsyncEngine, database_url: str
) -> None:
    market, differences = await reshard_until_wrong(pool, engine, database_url, HOLD, GIVE_BACK)
    assert differences == set()
    assert market.stale_plans > 0
    assert market.moved_labels > 0


@pytest.mark.parametrize(
    ("hold", "give_back"),
    [(HOLD_WITHOUT_JOIN_TO_MOVED, GIVE_BACK), (HOLD, GIVE_BACK_WITHOUT_AGREEMENT)],
    ids=["tickets from the plan, not from the counters", "tickets back without their counters"],
)
async def test_control_resharding_under_load_fails_the_audit(
    pool: asyncpg.Pool, engine: AsyncEngine, database_url: str, hold: str, give_back: str
) -> None:
    _, differences = await reshard_until_wrong(pool, engine, database_url, hold, give_back)
    assert "the counter is not the number of tickets that remember it" in differences
