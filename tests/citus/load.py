"""A load on events that lie on all nodes, something that happens in the middle of it, and everything accounted for.

The buyers, their orders and the verdict are those of tests/torture: whatever was answered must be in the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg

from tests.concurrency.buyers import KINDS
from tests.conftest import CITUS_DSN, Service
from tests.torture.afterwards import pay_everything, sell_the_rest, settle, until_all_is_paid
from tests.torture.load import Habits, Load, Pace
from tests.torture.office import differences
from tests.torture.orders import OnSale, Orders
from tests.torture.verdict import read_books, unsold, untruths
from tests.waiting import pass_time
from tests.world import Type, put_event

# So many that both nodes have some; on plain PostgreSQL a few show the same.
EVENTS = 8 if CITUS_DSN else 3
CAPACITY, OF_TYPE = (400, 250) if CITUS_DSN else (150, 100)
SHARDS = 4
HOLD_SECONDS = 3
LAPSE_SECONDS_MAX = 60.0
PACE = Pace(per_second=150, buyers=16, without_key=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """What came of a load: holds by event, before and after what happened, and all that is not as buyers were told."""

    event_ids: Sequence[int]
    orders: Orders
    untrue: Sequence[str]

    def held_between(self, begin: float, end: float) -> set[int]:
        """Return the events of which somebody was told within this time that tickets are held."""
        return {
            order.date_key.event_id
            for order in self.orders.all
            if order.state == "held" and begin <= order.answered_at <= end
        }


async def sell_meanwhile(
    service: Service, database_url: str, event_ids_heard: Callable[[Sequence[int]], Awaitable[None]], seconds: float
) -> Sold:
    """Sell, have something happen that hears the events' ids, sell on, then settle, pay and sell all that is left."""
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as pool:
        types = [Type(limit=OF_TYPE, shards=2), Type(limit=OF_TYPE, shards=SHARDS)]
        keys = [await put_event(pool, max_tickets=CAPACITY, shards=SHARDS, types=types) for _ in range(EVENTS)]
        on_sale = [OnSale(date_key=key, capacity=CAPACITY, limits=dict.fromkeys(KINDS, OF_TYPE)) for key in keys]
        orders = Orders(on_sale)
        load = Load(
            service.url, orders, [Habits(on_sale=one, share=1, pays=0.3, lets_go=0.2) for one in on_sale], PACE, 1
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(load.run())
            try:
                await pass_time(seconds)
                await event_ids_heard([key.event_id for key in keys])
                await pass_time(seconds)
            finally:
                load.stop.set()
        untrue = await _account(service, database_url, orders)
    return Sold(event_ids=[key.event_id for key in keys], orders=orders, untrue=untrue)


async def _account(service: Service, database_url: str, orders: Orders) -> list[str]:
    await settle(service.url, orders)
    connection = await asyncpg.connect(database_url)
    try:
        untrue = untruths(await read_books(connection), orders)
        await pay_everything(service.url, orders)
        await until_all_is_paid(connection, HOLD_SECONDS + LAPSE_SECONDS_MAX)
        await sell_the_rest(service.url, orders)
        books = await read_books(connection)
    finally:
        await connection.close()
    return [*untrue, *untruths(books, orders), *unsold(books, orders), *await differences(database_url)]
