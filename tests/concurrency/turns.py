"""Sessions that do things at once, turn after turn, and the deadlocks that this leads to."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

import asyncpg

from boxoffice.booking.give_back import LabelsMoved, give_back_once
from boxoffice.booking.hold import PlannedHold, book
from boxoffice.booking.pay import pay
from boxoffice.values import DateKey
from tests.waiting import until
from tests.world import Type, plan_of, put_event

SESSIONS = 8
SHARDS = 40
TICKETS = 10
ROWS = 200
TURNS = 15
NAME = "test of the lock order"

Deed: TypeAlias = Callable[[asyncpg.Pool, int, str], Awaitable[object]]
"""What one session does in one turn: on its connection, by its number, with its statement."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn needs: the date, a source of chance, and the holds of each session that stand.

    Some are over many shards of the total, some over many shards of the type; the other shard is the session's own, so
    that sessions meet only where they are meant to. The meeting ones are of one shard each, the same for all. The
    single ones are for all.
    """

    date_key: DateKey
    chance: random.Random
    number: int
    over_total: Sequence[Sequence[UUID]] = ()
    over_type: Sequence[Sequence[UUID]] = ()
    meeting: Sequence[Sequence[UUID]] = ()
    single: Sequence[UUID] = ()


DeedOf: TypeAlias = Callable[[Turn], Deed]


def anywhere(turn: Turn) -> list[int]:
    return turn.chance.sample(range(SHARDS), TICKETS)


def plan(turn: Turn, total: Sequence[int], of_type: Sequence[int], key: str | None = None) -> PlannedHold:
    return plan_of(turn.date_key, [(1, len(total))], key=key, total_shards=total, type_shards=of_type)


def hold_over_shards(turn: Turn) -> Deed:
    return lambda pool, session, statement: book(
        pool, turn.date_key.event_id, [plan(turn, anywhere(turn), [session] * TICKETS)], 60, statement
    )


def hold_over_shards_of_type(turn: Turn) -> Deed:
    return lambda pool, session, statement: book(
        pool, turn.date_key.event_id, [plan(turn, [session] * TICKETS, anywhere(turn))], 60, statement
    )


def hold_with_keys(turn: Turn) -> Deed:
    return lambda pool, session, statement: book(
        pool,
        turn.date_key.event_id,
        [plan(turn, [session], [session], f"{turn.number}-{key}") for key in range(ROWS)][:: 1 - session % 2 * 2],
        60,
        statement,
    )


def release_over_shards(turn: Turn) -> Deed:
    return lambda pool, session, statement: give_back_once(
        pool, turn.date_key.event_id, turn.over_total[session], "held", statement
    )


def release_over_shards_of_type(turn: Turn) -> Deed:
    return lambda pool, session, statement: give_back_once(
        pool, turn.date_key.event_id, turn.over_type[session], "held", statement
    )


def hold_meeting(turn: Turn) -> Deed:
    return lambda pool, session, statement: book(pool, turn.date_key.event_id, [plan(turn, [0], [0])], 60, statement)


def release_meeting(turn: Turn) -> Deed:
    return lambda pool, session, statement: give_back_once(
        pool, turn.date_key.event_id, turn.meeting[session], "held", statement
    )


def release_all(turn: Turn) -> Deed:
    return lambda pool, session, statement: give_back_once(pool, turn.date_key.event_id, turn.single, "held", statement)


def pay_all(turn: Turn) -> Deed:
    return lambda pool, session, statement: pay(
        pool, turn.date_key.event_id, dict.fromkeys(turn.single, "paid"), statement
    )


async def deadlocks_of(pool: asyncpg.Pool, database_url: str, deeds: Sequence[tuple[DeedOf, str]], turns: int) -> int:
    """Let sessions do these deeds at once, each with its statement, one after the other in the line of sessions: turn
    after turn until one falls to a deadlock. Count as Postgres does."""
    before = await deadlocks(pool)
    date_key = await put_event(pool, max_tickets=10**6, shards=SHARDS, types=[Type(limit=10**6, shards=SHARDS)])
    chance = random.Random(1)
    async with AsyncExitStack() as at_end:
        sessions = [await at_end.enter_async_context(session(database_url)) for _ in range(SESSIONS)]
        for number in range(turns):
            turn = await next_turn(pool, date_key, chance, number)
            done = await asyncio.gather(
                *(
                    attempt(deed_of(turn)(one, place, statement))
                    for place, one in enumerate(sessions)
                    for deed_of, statement in [deeds[place % len(deeds)]]
                )
            )
            if not all(done):
                break

    async def ended() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", NAME)

    # A session hands in its counts at the latest when it ends.
    await until(ended)
    return await deadlocks(pool) - before


async def attempt(deed: Awaitable[object]) -> bool:
    """Tell whether a deed was done, or fell to a deadlock. Raises whatever else went wrong."""
    try:
        await deed
    except asyncpg.DeadlockDetectedError:
        return False
    except LabelsMoved as error:
        assert isinstance(error.__cause__, asyncpg.DeadlockDetectedError)
        return False
    return True


def session(database_url: str) -> asyncpg.Pool:
    """One session, quick to look for deadlocks."""
    told = {"application_name": NAME, "deadlock_timeout": "5ms", "jit": "off"}
    return asyncpg.create_pool(database_url, min_size=1, max_size=1, server_settings=told)


async def next_turn(pool: asyncpg.Pool, date_key: DateKey, chance: random.Random, number: int) -> Turn:
    """Book two holds of either kind for each session, and the single ones."""
    turn = Turn(date_key, chance, number)
    own = [[session] * TICKETS for session in range(SESSIONS)]
    over_total = [[plan(turn, anywhere(turn), shards) for _ in range(2)] for shards in own]
    over_type = [[plan(turn, shards, anywhere(turn)) for _ in range(2)] for shards in own]
    meeting = [[plan(turn, [0], [0])] for _ in own]
    single = [plan(turn, [0], [0]) for _ in range(ROWS)]
    plans = [one for some in (*over_total, *over_type, *meeting, single) for one in some]
    await book(pool, date_key.event_id, plans, 60)
    return replace(
        turn,
        over_total=ids_of(over_total),
        over_type=ids_of(over_type),
        meeting=ids_of(meeting),
        single=ids_of([single])[0],
    )


def ids_of(plans: Sequence[Sequence[PlannedHold]]) -> Sequence[Sequence[UUID]]:
    return [[one.reservation_id for one in of_session] for of_session in plans]


async def deadlocks(pool: asyncpg.Pool) -> int:
    counted: int = await pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return counted
