"""No lost sale: what nobody paid for is on sale again, all of it, no later than promised."""

from collections.abc import Sequence

import asyncpg

from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.concurrency.buyers import CLIENTS, pay, rush
from tests.concurrency.rush_ledger import Ledger, now
from tests.concurrency.rush_sale import (
    LIMITS,
    TICKETS,
    assert_database_sold_exactly,
    assert_sold_exactly,
    put_rush,
)
from tests.conftest import Service, StartServices
from tests.waiting import until_moment

HOLD_SECONDS = (3, 15, 60)
BACK_ON_SALE_SECONDS_MAX = 2 + Settings().exhausted_ms_max / 1000


async def test_all_that_expired_is_sold_again(services: StartServices, pool: asyncpg.Pool, database_url: str) -> None:
    started, date_key, first = await sell_out_while_all_is_held(services, pool, database_url)
    await until_moment(first.last_deadline.timestamp())
    second = Ledger(TICKETS, LIMITS)
    second.judged_from = now() + BACK_ON_SALE_SECONDS_MAX
    await rush(started, date_key, second, seed=99, on_held=pay)
    assert second.faults == []
    assert second.held == TICKETS
    assert second.judged >= CLIENTS
    assert not first.reservations.keys() & second.reservations.keys()
    await assert_database_sold_exactly(pool, database_url, date_key, second)
    paid = await pool.fetchval(
        "SELECT count(*) FROM tickets t JOIN reservation r ON (r.event_id, r.id) = (t.event_id, t.reservation_id)"
        " WHERE t.event_id = $1 AND r.paid_at IS NOT NULL",
        date_key.event_id,
    )
    assert paid == TICKETS


async def sell_out_while_all_is_held(
    services: StartServices, pool: asyncpg.Pool, database_url: str
) -> tuple[Sequence[Service], DateKey, Ledger]:
    """Hold all tickets of a date; where that takes so long that holds expire meanwhile, at services with more time."""
    for hold_seconds in HOLD_SECONDS:
        started = await services(count=8, hold_seconds=hold_seconds)
        date_key, ledger = await put_rush(pool), Ledger(TICKETS, LIMITS)
        first_deadline = now() + hold_seconds
        await rush(started, date_key, ledger, seed=0)
        try:
            await assert_sold_exactly(pool, database_url, date_key, ledger)
        except AssertionError:
            if now() < first_deadline:
                raise
        if now() < first_deadline:
            return started, date_key, ledger
        for service in started:
            service.kill()
    raise AssertionError("no rush was over before its first hold expired")
