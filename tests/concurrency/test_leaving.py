"""A service leaves in the middle of a rush, told to or not: nobody who was told to have tickets is without them."""

import asyncio
import signal

import asyncpg
import pytest

from tests.concurrency.buyers import RUSH_SECONDS_MAX, rush
from tests.concurrency.rush_ledger import Ledger, now
from tests.concurrency.rush_line import Line, Lost
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_database_sold_exactly, put_rush
from tests.conftest import StartServices
from tests.waiting import until

SERVICES = 4
LEAVES_AT = 300


async def test_a_service_told_to_stop_answers_what_is_in_flight(
    services: StartServices, pool: asyncpg.Pool, database_url: str
) -> None:
    started = await services(count=SERVICES)
    leaving = started[1]
    told_at: list[float] = []

    def tell() -> None:
        told_at.append(now())
        leaving.process.send_signal(signal.SIGTERM)

    async def gone() -> None:
        await until(lambda: bool(told_at) and leaving.process.poll() is not None, seconds_max=RUSH_SECONDS_MAX)

    date_key = await put_rush(pool)
    ledger = Ledger(TICKETS, LIMITS, [(LEAVES_AT, tell)])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(gone())
        await rush(started, date_key, ledger, seed=0)
    assert leaving.process.returncode == 0
    assert "worker_killed" not in leaving.log.read_text(), "it took longer than it may"
    assert ledger.faults == []
    assert [sent_at for sent_at in ledger.lost_sent_at if sent_at < told_at[0]] == []
    with pytest.raises(Lost):
        await Line(leaving.url).ask("GET", "/health/live")
    assert ledger.held == TICKETS, "a request without an answer was booked all the same"
    await assert_database_sold_exactly(pool, database_url, date_key, ledger)


async def test_a_killed_service_takes_no_hold_with_it(
    services: StartServices, pool: asyncpg.Pool, database_url: str
) -> None:
    started = await services(count=SERVICES)
    date_key = await put_rush(pool)
    ledger = Ledger(TICKETS, LIMITS, [(LEAVES_AT, started[1].kill)])
    await rush(started, date_key, ledger, seed=0)
    assert ledger.faults == []
    assert ledger.outcomes["lost"] > 0
    await assert_database_sold_exactly(pool, database_url, date_key, ledger)
