"""A payment counts before its deadline only: its own condition, the clock read after the wait, and a CHECK see to it.

And an expiry that had to wait looks again whether somebody paid.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from boxoffice.booking.audit import audit
from boxoffice.booking.expire import expire_event
from boxoffice.booking.find import find
from boxoffice.booking.give_back import give_back_once
from boxoffice.booking.hold import book
from boxoffice.booking.pay import pay
from boxoffice.booking.statements import GIVE_BACK, PAY
from boxoffice.values import DateKey, GivenBack
from tests.concurrency.weakened import (
    GIVE_BACK_WITHOUT_LOOK_AT_PAYMENT,
    PAY_BY_THE_CLOCK_BEFORE_WAITING,
    PAY_WITHOUT_DEADLINE,
    without_check,
)
from tests.waiting import until
from tests.world import make_overdue, plan_of, put_event, sums_of

HOLDS_MS = (500, 5_000, 30_000)
"""Whoever has too little time to pay in, as the machine stands still for a moment, gets more."""


@pytest.fixture
async def at_end() -> AsyncIterator[AsyncExitStack]:
    """What must be put back when a test ends."""
    async with AsyncExitStack() as stack:
        yield stack


async def one_hold(pool: asyncpg.Pool) -> tuple[DateKey, UUID]:
    date_key = await put_event(pool, max_tickets=10)
    plan = plan_of(date_key, [(1, 2)])
    await book(pool, date_key.event_id, [plan], 60)
    return date_key, plan.reservation_id


async def late_payment(pool: asyncpg.Pool, statement: str) -> bool:
    """Pay a hold whose time is over; tell whether it was taken."""
    date_key, reservation_id = await one_hold(pool)
    await make_overdue(pool, date_key.event_id)
    return reservation_id in await pay(pool, date_key.event_id, {reservation_id: "late"}, statement)


async def test_a_late_payment_is_refused(pool: asyncpg.Pool, database_url: str, at_end: AsyncExitStack) -> None:
    assert not await late_payment(pool, PAY)
    await at_end.enter_async_context(without_check(database_url, "reservation", "reservation_paid_in_time"))
    assert not await late_payment(pool, PAY)


async def test_control_without_the_deadline_the_check_refuses_a_late_payment(pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.CheckViolationError) as refusal:
        await late_payment(pool, PAY_WITHOUT_DEADLINE)
    assert (refusal.value.sqlstate, refusal.value.constraint_name) == ("23514", "reservation_paid_in_time")
    assert not await pool.fetchval("SELECT count(*) FROM reservation WHERE paid_at IS NOT NULL")


async def test_control_without_deadline_and_check_a_late_payment_is_taken(
    pool: asyncpg.Pool, database_url: str, at_end: AsyncExitStack
) -> None:
    await at_end.enter_async_context(without_check(database_url, "reservation", "reservation_paid_in_time"))
    assert await late_payment(pool, PAY_WITHOUT_DEADLINE)


async def payment_that_waited(pool: asyncpg.Pool, statement: str) -> bool:
    """Pay in time, but wait for the row until the time is over; tell whether the payment was taken."""
    date_key, reservation_id = await one_hold(pool)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM reservation WHERE id = $1 FOR NO KEY UPDATE", reservation_id)
        payment = asyncio.create_task(pay(pool, date_key.event_id, {reservation_id: "in time"}, statement))
        await until_waiting(pool)
        # The deadline comes now, after the payment began and before it has the row, however fast this machine is.
        await other.execute("UPDATE reservation SET expires_at = clock_timestamp() WHERE id = $1", reservation_id)
    return reservation_id in await payment


async def test_a_payment_that_waited_beyond_the_deadline_is_refused(pool: asyncpg.Pool) -> None:
    assert not await payment_that_waited(pool, PAY)


async def test_control_by_the_clock_before_waiting_it_is_taken(pool: asyncpg.Pool) -> None:
    assert await payment_that_waited(pool, PAY_BY_THE_CLOCK_BEFORE_WAITING)


async def expiry_that_waited(pool: asyncpg.Pool, statement: str) -> tuple[DateKey, UUID]:
    """Pay in time, commit after the deadline, and let an expiry wait meanwhile that has seen the hold unpaid."""
    for hold_ms in HOLDS_MS:
        date_key, reservation_id = await one_hold(pool)
        async with deadline_passes(pool, reservation_id, hold_ms) as payer:
            if not await pay(payer, date_key.event_id, {reservation_id: "in time"}):
                continue
            await until(lambda: overdue(pool, reservation_id))  # noqa: B023 - it is awaited here
            expiring = give_back_once(pool, date_key.event_id, [reservation_id], "overdue", statement)
            expiry = asyncio.create_task(expiring)
            await until_waiting(pool)
        await expiry
        return date_key, reservation_id
    raise AssertionError("no payment came in time")


async def test_payment_first_an_expiry_that_waited_leaves_it(pool: asyncpg.Pool, database_url: str) -> None:
    date_key, reservation_id = await expiry_that_waited(pool, GIVE_BACK)
    found = await find(pool, date_key.event_id, [reservation_id])
    assert (found[reservation_id].payment_ref, len(found[reservation_id].tickets)) == ("in time", 2)
    assert (await sums_of(pool, date_key.event_id)).tickets == 2
    assert (await audit(database_url)).clean


async def test_control_without_a_second_look_what_was_paid_is_gone(pool: asyncpg.Pool) -> None:
    date_key, reservation_id = await expiry_that_waited(pool, GIVE_BACK_WITHOUT_LOOK_AT_PAYMENT)
    assert await find(pool, date_key.event_id, [reservation_id]) == {}


async def test_expiry_first_a_payment_that_waited_finds_nothing(pool: asyncpg.Pool, database_url: str) -> None:
    date_key, reservation_id = await one_hold(pool)
    await make_overdue(pool, date_key.event_id)
    async with pool.acquire() as sweeper:
        async with sweeper.transaction():
            assert (await give_back_once(sweeper, date_key.event_id, [reservation_id], "overdue")).gone
            payment = asyncio.create_task(pay(pool, date_key.event_id, {reservation_id: "late"}))
            await until_waiting(pool)
        assert await payment == {}
    heard: list[GivenBack] = []
    await expire_event(pool, date_key.event_id, 10, heard.extend)
    assert heard == []
    assert (await sums_of(pool, date_key.event_id)).tickets == 0
    assert (await audit(database_url)).clean


@asynccontextmanager
async def deadline_passes(
    pool: asyncpg.Pool, reservation_id: UUID, hold_ms: int
) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Give a hold so much more time; lend a transaction that is committed once it is over."""
    await pool.execute(
        "UPDATE reservation SET expires_at = clock_timestamp() + make_interval(secs => $2) WHERE id = $1",
        reservation_id,
        hold_ms / 1000,
    )
    async with pool.acquire() as connection, connection.transaction():
        yield connection
        await until(lambda: overdue(pool, reservation_id))


async def overdue(pool: asyncpg.Pool, reservation_id: UUID) -> bool:
    """Tell whether the time of a hold is over, by the database's clock."""
    over: bool = await pool.fetchval(
        "SELECT expires_at <= clock_timestamp() FROM reservation WHERE id = $1", reservation_id
    )
    return over


async def until_waiting(pool: asyncpg.Pool) -> None:
    """Return when a statement waits for a row."""

    async def waiting() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    await until(waiting)
