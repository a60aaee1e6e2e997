"""Two processes sell and are killed one after the other: nobody who was told to have tickets is without them, and all
that is left can be sold."""

import asyncio
import os
import signal
from collections.abc import Sequence

import asyncpg

from boxoffice.values import DateKey
from tests.concurrency.buyers import CLIENTS, KINDS, Buyer, pay, rush
from tests.concurrency.rush_ledger import Ledger, now
from tests.concurrency.rush_line import Answer, Lost, closing
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_all_acknowledged, assert_database_sold_exactly, put_rush
from tests.conftest import Service, StartServices
from tests.waiting import until

HOLD_SECONDS = 5
HOLDS_PER_PHASE = 200
PHASE_SECONDS_MAX = 90.0
LOST_MIN = 8
PAID_MAX = 2
"""Holds that each customer pays for before the last rush; the others are let go, so that the rush goes on."""


class Customer(Buyer):
    """Someone who pays for some holds and lets the others go, whatever becomes of the services."""

    moves = False
    """Whether to go over to the other service before the next hold."""
    asked_at = float("-inf")
    """When the latest request was sent."""
    lost = 0
    """Requests without an answer."""

    async def come_and_go(self, stop: asyncio.Event) -> None:
        """Hold, and pay or let go, until told to stop."""
        paid = 0
        while not stop.is_set():
            if self.moves:
                self.moves = False
                self.turn_to_the_next()
            self.asked_at = now()
            outcome = await self.ask(self.mix(KINDS))
            self.lost += outcome == "lost"
            if outcome != "held":
                continue
            if paid < PAID_MAX:
                paid += await self.pay(self.names[-1])
            else:
                await self.let_go(self.names[-1])

    async def pay(self, name: str) -> bool:
        """Pay for a hold; where no answer comes, again at the other service. Return whether there was time to."""
        answer = (await self._until_answered("POST", name, {"paymentReference": name}))[0]
        if answer.status == 410 and self.ledger.is_over(name):
            self.ledger.let_go(name)
            return False
        assert answer.status == 200, answer
        return True

    async def let_go(self, name: str) -> None:
        """Let a hold go; where no answer comes, again at the other service."""
        answer, repeated = await self._until_answered("DELETE", name)
        gone = repeated or self.ledger.is_over(name)
        assert answer.status == 204 or (gone and answer.status == 410), answer
        self.ledger.let_go(name)

    async def _until_answered(self, method: str, name: str, content: object = None) -> tuple[Answer, bool]:
        repeated = False
        while True:
            self.asked_at = now()
            try:
                answer = await self.line.ask(method, f"/reservation/{name}", content)
            except Lost:
                self.lost += 1
                self.turn_to_the_next()
            else:
                if answer.status != 503:
                    return answer, repeated
                self.ledger.busy(answer)
            repeated = True


async def test_two_processes_killed_one_after_the_other(
    services: StartServices, pool: asyncpg.Pool, database_url: str
) -> None:
    started = list(await services(count=2, hold_seconds=HOLD_SECONDS))
    date_key = await put_rush(pool)
    ledger = Ledger(TICKETS, LIMITS)
    customers = [Customer(number, 0, started, date_key, ledger) for number in range(CLIENTS)]
    stop = asyncio.Event()
    async with closing([customer.line for customer in customers]), asyncio.TaskGroup() as tasks:
        for customer in customers:
            tasks.create_task(customer.come_and_go(stop))
        await until_more_held(ledger)
        for number in (0, 1):
            await kill(started[number], customers)
            await until_more_held(ledger)
            port = started[number].url.rpartition(":")[2]
            started[number] = (await services(hold_seconds=HOLD_SECONDS, port=port))[0]
            for customer in customers[::2]:
                customer.moves = True
            await until_more_held(ledger)
        stop.set()
    assert ledger.faults == []
    await assert_all_acknowledged(pool, date_key, ledger)
    await sell_the_rest(started, pool, date_key, ledger)
    assert ledger.faults == []
    assert ledger.held == TICKETS
    assert await unpaid(pool, date_key) == 0
    await assert_database_sold_exactly(pool, database_url, date_key, ledger)


async def kill(service: Service, customers: Sequence[Customer]) -> None:
    """Kill a service while requests are under way: it is stopped before, until nobody hears any more from it."""
    os.killpg(service.process.pid, signal.SIGSTOP)
    there = [customer for customer in customers if customer.line.url == service.url]
    latest: list[float] = []

    def silent() -> bool:
        before, latest[:] = latest[:], [customer.asked_at for customer in there]
        return before == latest

    try:
        await until(silent)
    finally:
        lost = sum(customer.lost for customer in there)
        service.kill()
    await until(lambda: sum(customer.lost for customer in there) - lost >= LOST_MIN)


async def until_more_held(ledger: Ledger) -> None:
    """Return when so many more holds were acknowledged."""
    before = ledger.outcomes["held"]
    await until(lambda: ledger.outcomes["held"] - before >= HOLDS_PER_PHASE, seconds_max=PHASE_SECONDS_MAX)


async def sell_the_rest(services: Sequence[Service], pool: asyncpg.Pool, date_key: DateKey, ledger: Ledger) -> None:
    """Sell what is left once everything that nobody was told of has expired."""

    async def all_paid() -> bool:
        return await unpaid(pool, date_key) == 0

    await until(all_paid, seconds_max=PHASE_SECONDS_MAX)
    ledger.forget_lost()
    assert 0 < ledger.held < TICKETS
    await rush(services, date_key, ledger, seed=1, on_held=pay)


async def unpaid(pool: asyncpg.Pool, date_key: DateKey) -> int:
    """Count the holds in the database that nobody has paid for."""
    found: int = await pool.fetchval(
        "SELECT count(*) FROM reservation WHERE event_id = $1 AND paid_at IS NULL", date_key.event_id
    )
    return found
