"""What is done once the load is over: what is unknown is settled, what is held is paid, what is left is sold."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from tests.concurrency.buyers import KINDS
from tests.concurrency.rush_ledger import now
from tests.concurrency.rush_line import closing
from tests.torture.load import Customer, customers
from tests.torture.orders import OnSale, Order, Orders
from tests.waiting import pass_time, until

PEOPLE = 32
SELLERS = 4
LARGEST = 50
PAUSE_SECONDS = 0.1
SECONDS_MAX = 60.0


class NotSettled(Exception):  # noqa: N818 - a finding about the service, named as such
    """What can be repeated was never answered, or what is left was never sold."""


async def settle(url: str, orders: Orders) -> int:
    """Repeat whatever has an unknown outcome until it is known; return how much that was. Raises NotSettled."""

    async def ask_again(customer: Customer, order: Order) -> None:
        deadline = now() + SECONDS_MAX
        while order.is_unknown:
            if now() > deadline:
                raise NotSettled(f"nobody says what became of {order}")
            if order.state == "lost":
                await customer.hold_again(order)
            elif order.paid == "unknown":
                await customer.pay(order)
            else:
                await customer.let_go(order)

    unknown = [order for order in orders.all if order.is_unknown]
    await _each(url, orders, unknown, ask_again)
    return len(unknown)


async def pay_everything(url: str, orders: Orders) -> None:
    """Have every hold paid that its buyer may take for held; what has lapsed meanwhile is found to be gone."""

    async def pay(customer: Customer, order: Order) -> None:
        deadline = now() + SECONDS_MAX
        while order.is_live or order.paid == "unknown":
            if now() > deadline:
                raise NotSettled(f"nobody takes the payment of {order}")
            await customer.pay(order)

    await _each(url, orders, orders.live(), pay)


async def until_all_is_paid(connection: asyncpg.Connection, seconds_max: float) -> None:
    """Return once nothing is held any more that nobody was told of and nobody can pay: it lapses by itself."""

    async def nothing_unpaid() -> bool:
        return bool(await connection.fetchval("SELECT count(*) = 0 FROM reservation WHERE paid_at IS NULL"))

    await until(nothing_unpaid, seconds_max=seconds_max)


async def sell_the_rest(url: str, orders: Orders) -> None:
    """Sell and have paid all that is left of every date, to the last ticket. Raises NotSettled."""
    async with asyncio.TaskGroup() as tasks:
        for on_sale in orders.on_sale.values():
            for seller in customers(url, orders, SELLERS):
                tasks.create_task(_sell(seller, on_sale))
    await settle(url, orders)
    await pay_everything(url, orders)


async def _sell(seller: Customer, on_sale: OnSale) -> None:
    """Sell the largest lots that fit, of one type after the other, until of each not one is left."""
    deadline = now() + SECONDS_MAX
    async with closing([seller.line]):
        for kind in KINDS:
            lot = LARGEST
            while lot:
                order = await seller.hold(on_sale, {kind: lot})
                if order.state == "held":
                    await seller.pay(order)
                elif order.left is not None:
                    lot = min(lot, order.left)
                else:
                    await pass_time(PAUSE_SECONDS)
                if now() > deadline:
                    raise NotSettled(f"what is left of {on_sale} is not sold")


async def _each(
    url: str, orders: Orders, all_: Sequence[Order], do: Callable[[Customer, Order], Awaitable[None]]
) -> None:
    """Do something about every one of these orders, by many people side by side."""
    waiting = deque(all_)

    async def work(customer: Customer) -> None:
        while waiting:
            await do(customer, waiting.popleft())

    people = list(customers(url, orders, PEOPLE))
    async with closing([each.line for each in people]), asyncio.TaskGroup() as tasks:
        for customer in people:
            tasks.create_task(work(customer))
