"""Payment against expiry at the deadline: each hold is either paid, with all its tickets, or gone. Never both."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

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
EXPIRY_ROWS_MAX = 7
JITTER_MS = 8.0

SET_DEADLINES = """
    UPDATE reservation r
    SET expires_at = clock_timestamp() + make_interval(secs => w.after_ms / 1000)
    FROM unnest($2::uuid[], $3::double precision[]) AS w (id, after_ms)
    WHERE r.event_id = $1 AND r.id = w.id
    RETURNING r.id, r.expires_at
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
    """What was raced so far: the holds whose payer was told that it is paid, and the others; the units given back;
    and how often the deadline came while the payment was under way.

    Payers and sweepers have connections of their own, so that neither waits for the other to hand one over.
    """

    date_key: DateKey
    payers: asyncpg.Pool
    sweepers: asyncpg.Pool
    paid: set[UUID] = field(default_factory=set)
    refused: set[UUID] = field(default_factory=set)
    deadlines: dict[UUID, float] = field(default_factory=dict)
    units_back: int = 0
    met: int = 0
    spread_ms: float = 100.0

    def hear(self, given_back: Sequence[GivenBack]) -> None:
        self.units_back += sum(sum(back.total.values()) for back in given_back)


async def race_once(race: Race, chance: random.Random, *, payment_first: bool) -> int:
    """Book holds, let their deadlines come one after the other while payers and sweepers run; return how many paid.

    The deadlines are spread over about the time that the payments take, so that each is paid at about its deadline;
    where one side won too often, the next round's are spread wider or closer.
    """
    ids = await book_holds(race.payers, race.date_key)
    step_ms = race.spread_ms / len(ids)
    after_ms = [place * step_ms + chance.uniform(1, JITTER_MS) for place in range(len(ids))]
    rows = await race.payers.fetch(SET_DEADLINES, race.date_key.event_id, ids, after_ms)
    race.deadlines |= {row["id"]: row["expires_at"].timestamp() for row in rows}
    payers = [pay_one(race, one) for one in ids]
    sweepers = [sweep(race), expire_waiting(race), expire_waiting(race)]
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
    await book(pool, date_key.event_id, plans, 60)
    return [plan.reservation_id for plan in plans]


async def pay_one(race: Race, reservation_id: UUID) -> None:
    """Pay, with a commit that takes a round trip of its own: as long as one takes to reach a slow disk."""
    async with race.payers.acquire() as connection:
        began = time.time()
        async with connection.transaction():
            paid = await pay(connection, race.date_key.event_id, {reservation_id: reservation_id.hex})
    race.met += began < race.deadlines[reservation_id] < time.time()
    (race.paid if reservation_id in paid else race.refused).add(reservation_id)


async def sweep(race: Race) -> None:
    """Expire as the sweeper does, which skips what others have in hand, until nothing is unpaid."""
    while await unpaid(race):
        race.hear((await expire_batch(race.sweepers, race.date_key.event_id, EXPIRY_ROWS_MAX, None)).given_back)


async def expire_waiting(race: Race) -> None:
    """Expire as a booking does that would otherwise refuse, which waits for others, until nothing is unpaid."""
    while await unpaid(race):
        await expire_event(race.sweepers, race.date_key.event_id, EXPIRY_ROWS_MAX, race.hear)


async def unpaid(race: Race) -> bool:
    found: bool = await race.sweepers.fetchval(
        "SELECT EXISTS (SELECT FROM reservation WHERE event_id = $1 AND paid_at IS NULL)", race.date_key.event_id
    )
    return found


async def race_all(payers: asyncpg.Pool, sweepers: asyncpg.Pool) -> tuple[Race, dict[bool, int]]:
    """Race all rounds; return the race, and how many paid in the rounds that the payers began, and in the others."""
    limit = ROUNDS * HOLDS_PER_ROUND * TICKETS
    types = [Type(limit=limit, shards=SHARDS), Type(limit=None)]
    date_key = await put_event(sweepers, max_tickets=limit, shards=SHARDS, types=types)
    race = Race(date_key=date_key, payers=payers, sweepers=sweepers)
    chance = random.Random(7)
    won = {True: 0, False: 0}
    for number in range(ROUNDS):
        payment_first = number % 2 == 0
        won[payment_first] += await race_once(race, chance, payment_first=payment_first)
    return race, won


async def test_2000_holds_at_their_deadline_are_either_paid_or_gone(
    pool: asyncpg.Pool, settings: Settings, database_url: str
) -> None:
    async with await open_pool(settings) as payers:
        race, won = await race_all(payers, pool)
    assert len(race.paid) + len(race.refused) == ROUNDS * HOLDS_PER_ROUND
    assert not race.paid & race.refused
    of_each_order = ROUNDS * HOLDS_PER_ROUND // 2
    for paid in won.values():
        assert of_each_order // 10 < paid < of_each_order * 9 // 10

    fates = {row["id"]: row for row in await pool.fetch(FATES, race.date_key.event_id)}
    assert fates.keys() == race.paid
    assert all(row["paid_at"] < row["expires_at"] for row in fates.values())
    assert all(row["payment_ref"] == row["id"].hex and row["tickets"] == TICKETS for row in fates.values())
    assert race.units_back == len(race.refused) * TICKETS
    assert (await sums_of(pool, race.date_key.event_id)).tickets == len(race.paid) * TICKETS
    assert (await audit(database_url)).clean
    assert race.met > ROUNDS
