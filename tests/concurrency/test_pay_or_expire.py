"""Payment against expiry at the deadline: each hold is either paid, with all its tickets, or gone. Never both."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
import pytest
from msgspec.structs import replace

from boxoffice.booking.audit import audit
from boxoffice.booking.expire import expire_batch, expire_event
from boxoffice.booking.hold import book
from boxoffice.booking.pay import pay
from boxoffice.database import open_pool
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack
from tests.world import Type, plan_of, put_event, sums_of

ROUNDS = 20
HOLDS_PER_ROUND = 100
TICKETS = 3
SHARDS = 4
CONNECTIONS = 8
EXPIRY_ROWS_MAX = 7
JITTER_MS = 8.0
CLOSE_MS = 5

SET_DEADLINES = """
    UPDATE reservation r
    SET expires_at = clock_timestamp() + make_interval(secs => w.after_ms / 1000)
    FROM unnest($2::uuid[], $3::double precision[]) AS w (id, after_ms)
    WHERE r.event_id = $1 AND r.id = w.id
"""
FATES = """
    SELECT r.id, r.paid_at, r.payment_ref, r.expires_at, count(t.id) AS tickets
    FROM reservation r
    LEFT JOIN tickets t ON t.event_id = $1 AND t.reservation_id = r.id
    WHERE r.event_id = $1
    GROUP BY r.event_id, r.id
"""


@dataclass(slots=True, kw_only=True)
class Race:
    """What was raced so far: the holds whose payer was told that it is paid, and the others; the units given back."""

    date_key: DateKey
    paid: set[UUID] = field(default_factory=set)
    refused: set[UUID] = field(default_factory=set)
    units_back: int = 0
    spread_ms: float = 100.0

    def hear(self, given_back: Sequence[GivenBack]) -> None:
        self.units_back += sum(sum(back.total.values()) for back in given_back)


@pytest.fixture
async def many(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections enough for payers and sweepers to meet."""
    async with await open_pool(replace(settings, database_connections_max=CONNECTIONS)) as opened:
        yield opened


async def race_once(pool: asyncpg.Pool, race: Race, chance: random.Random, *, payment_first: bool) -> int:
    """Book holds, let their deadlines come one after the other while payers and sweepers run; return how many paid.

    The deadlines are spread over about the time that the payments take, so that each is paid at about its deadline;
    where one side won too often, the next round's are spread wider or closer.
    """
    ids = await book_holds(pool, race.date_key)
    step_ms = race.spread_ms / len(ids)
    after_ms = [place * step_ms + chance.uniform(1, JITTER_MS) for place in range(len(ids))]
    await pool.execute(SET_DEADLINES, race.date_key.event_id, ids, after_ms)
    payers = [pay_one(pool, race, one) for one in ids]
    sweepers = [sweep(pool, race), expire_waiting(pool, race)]
    tasks = [asyncio.create_task(one) for one in ([*payers, *sweepers] if payment_first else [*sweepers, *payers])]
    await asyncio.gather(*tasks)
    paid = len(race.paid.intersection(ids))
    race.spread_ms *= 1.4 if 2 * paid < len(ids) else 0.7
    return paid


async def book_holds(pool: asyncpg.Pool, date_key: DateKey) -> list[UUID]:
    plans = [
        plan_of(
            date_key,
            [(1, 2), (2, 1)],
            total_shards=[(place + ticket) % SHARDS for ticket in range(TICKETS)],
            type_shards=[place % SHARDS, (place + 1) % SHARDS, 0],
        )
        for place in range(HOLDS_PER_ROUND)
    ]
    await book(pool, date_key, plans, 60)
    return [plan.reservation_id for plan in plans]


async def pay_one(pool: asyncpg.Pool, race: Race, reservation_id: UUID) -> None:
    paid = await pay(pool, race.date_key.event_id, {reservation_id: reservation_id.hex})
    (race.paid if reservation_id in paid else race.refused).add(reservation_id)


async def sweep(pool: asyncpg.Pool, race: Race) -> None:
    """Expire as the sweeper does, which skips what others have in hand, until nothing is unpaid."""
    while await unpaid(pool, race):
        race.hear((await expire_batch(pool, race.date_key.event_id, EXPIRY_ROWS_MAX, None)).given_back)


async def expire_waiting(pool: asyncpg.Pool, race: Race) -> None:
    """Expire as a booking does that would otherwise refuse, which waits for others, until nothing is unpaid."""
    while await unpaid(pool, race):
        race.hear(await expire_event(pool, race.date_key.event_id, EXPIRY_ROWS_MAX))


async def unpaid(pool: asyncpg.Pool, race: Race) -> bool:
    found: bool = await pool.fetchval(
        "SELECT EXISTS (SELECT FROM reservation WHERE event_id = $1 AND paid_at IS NULL)", race.date_key.event_id
    )
    return found


async def test_2000_holds_at_their_deadline_are_either_paid_or_gone(many: asyncpg.Pool, database_url: str) -> None:
    limit = ROUNDS * HOLDS_PER_ROUND * TICKETS
    types = [Type(limit=limit, shards=SHARDS), Type(limit=None)]
    race = Race(date_key=await put_event(many, max_tickets=limit, shards=SHARDS, types=types))
    chance = random.Random(7)
    won = {True: 0, False: 0}
    for number in range(ROUNDS):
        payment_first = number % 2 == 0
        won[payment_first] += await race_once(many, race, chance, payment_first=payment_first)

    assert len(race.paid) + len(race.refused) == ROUNDS * HOLDS_PER_ROUND
    assert not race.paid & race.refused
    of_each_order = ROUNDS * HOLDS_PER_ROUND // 2
    for paid in won.values():
        assert of_each_order // 5 < paid < of_each_order * 4 // 5

    fates = {row["id"]: row for row in await many.fetch(FATES, race.date_key.event_id)}
    assert fates.keys() == race.paid
    assert all(row["paid_at"] < row["expires_at"] for row in fates.values())
    assert all(row["payment_ref"] == row["id"].hex and row["tickets"] == TICKETS for row in fates.values())
    assert race.units_back == len(race.refused) * TICKETS
    assert (await sums_of(many, race.date_key.event_id)).tickets == len(race.paid) * TICKETS
    assert (await audit(database_url)).clean

    close = [row for row in fates.values() if (row["expires_at"] - row["paid_at"]).total_seconds() * 1000 < CLOSE_MS]
    assert len(close) > ROUNDS
