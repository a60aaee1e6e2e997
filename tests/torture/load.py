"""A load of buyers who come at a steady rate, whatever the service does: each order and each answer is written down.

Buyers are more than are busy when all is well, and each has a connection of its own. Whoever is idle takes the next
place in the timetable; what was due while everybody waited for an answer is left out, not made up for. One in two is
patient and waits for an answer for as long as a fault lasts; the others go away and come again.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.concurrency.buyers import KINDS, body_of, path_of
from tests.concurrency.rush_ledger import Lines, now
from tests.concurrency.rush_line import Answer, Line, Lost, NotSent, closing
from tests.torture.orders import OnSale, Order, Orders
from tests.waiting import pass_time

PATIENCE_SECONDS = (2.0, 20.0)
UNITS_MAX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How buyers treat a date: how many of them want it, and what they do with what they hold."""

    on_sale: OnSale
    share: float
    pays: float
    lets_go: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """So many holds a second by so many buyers, and the share of holds without an Idempotency-Key.

    Buyers in turn have these patiences. `releases_may_repeat`: a balancer may send a release twice, whose second answer
    is that it is gone.
    """

    per_second: float
    buyers: int
    without_key: float
    patience_seconds: Sequence[float] = PATIENCE_SECONDS
    releases_may_repeat: bool = False


class Timetable:
    """Hands out moments at a steady rate; never one that is over."""

    def __init__(self, per_second: float) -> None:
        self._interval = 1 / per_second
        self._next_at = now()

    def take(self) -> float:
        """Return the next moment that nobody has taken yet."""
        taken = max(self._next_at, now())
        self._next_at = taken + self._interval
        return taken


class Customer:
    """One connection's buyers, one after the other."""

    def __init__(
        self, url: str, orders: Orders, chance: random.Random, patience_seconds: float, pace: Pace | None = None
    ) -> None:
        self.line = Line(url, patience_seconds)
        self._orders = orders
        self._chance = chance
        self._without_key = pace.without_key if pace else 0.0
        self._releases_may_repeat = pace is not None and pace.releases_may_repeat

    async def visit(self, habits: Habits) -> None:
        """Ask for tickets; then pay, let go, or do nothing more."""
        order = await self.hold(habits.on_sale, self._mix())
        if order.state == "held":
            drawn = self._chance.random()
            if drawn < habits.pays:
                await self.pay(order)
            elif drawn < habits.pays + habits.lets_go:
                await self.let_go(order)

    async def hold(self, on_sale: OnSale, lines: Lines) -> Order:
        """Ask for tickets once."""
        keyed = self._chance.random() >= self._without_key
        key = f"{self._chance.getrandbits(128):032x}" if keyed else None
        order = self._orders.asks(on_sale.date_key, lines, key)
        try:
            self._orders.answered(order, await self._ask_hold(order))
        except NotSent:
            self._orders.unsent(order)
        except Lost:
            pass
        return order

    async def hold_again(self, order: Order) -> None:
        """Repeat a hold whose outcome is unknown, with its key."""
        with suppress(Lost):
            self._orders.answered_again(order, await self._ask_hold(order))

    async def pay(self, order: Order) -> None:
        """Pay a hold, or repeat a payment whose outcome is unknown."""
        order.reference = order.reference or f"paid-{order.name}"
        answer = await self._ask_about(order, "POST", {"paymentReference": order.reference})
        match answer:
            case NotSent():
                pass
            case Lost():
                order.paid = "unknown"
            case Answer(status=200):
                order.paid = "yes"
            case Answer(status=503):
                order.paid = "unknown" if self._orders.busy(order, answer) or order.paid == "unknown" else "no"
            case Answer(status=410):
                self._orders.found_gone(order)
            case Answer():
                self._orders.fault(f"payment of {order.name}: {answer.status} {answer.body.decode()}")

    async def let_go(self, order: Order) -> None:
        """Let a hold go, or repeat that when its outcome is unknown."""
        order.left_at = min(order.left_at, now())
        answer = await self._ask_about(order, "DELETE")
        match answer:
            case NotSent():
                pass
            case Lost():
                order.gone = "unknown"
            case Answer(status=204):
                self._orders.let_go(order)
            case Answer(status=503):
                order.gone = "unknown" if self._orders.busy(order, answer) or order.gone == "unknown" else "no"
            case Answer(status=410) if order.gone == "unknown" or self._releases_may_repeat:
                self._orders.let_go(order)
            case Answer(status=410):
                self._orders.found_gone(order)
            case Answer():
                self._orders.fault(f"release of {order.name}: {answer.status} {answer.body.decode()}")

    async def _ask_hold(self, order: Order) -> Answer:
        headers = {"idempotency_key": order.key} if order.key else {}
        return of_the_service(await self.line.ask("POST", path_of(order.date_key), body_of(order.lines), **headers))

    async def _ask_about(self, order: Order, method: str, content: object = None) -> Answer | Lost:
        try:
            return of_the_service(await self.line.ask(method, f"/reservation/{order.name}", content))
        except Lost as lost:
            return lost

    def _mix(self) -> dict[int, int]:
        chosen = self._chance.choices(KINDS, k=self._chance.randint(1, UNITS_MAX))
        return {kind: chosen.count(kind) for kind in sorted(set(chosen))}


class Load:
    """The load itself: `run` until `stop` is set."""

    def __init__(self, url: str, orders: Orders, habits: Sequence[Habits], pace: Pace, seed: int) -> None:
        self.stop = asyncio.Event()
        self._habits = habits
        self._chance = random.Random(seed)
        self._timetable = Timetable(pace.per_second)
        self._customers = [
            Customer(
                url,
                orders,
                random.Random(f"{seed}/{number}"),
                pace.patience_seconds[number % len(pace.patience_seconds)],
                pace,
            )
            for number in range(pace.buyers)
        ]

    async def run(self) -> None:
        """Come again and again. Returns when everybody who was waiting for an answer has one, or has given up."""
        lines = [customer.line for customer in self._customers]
        async with closing(lines), asyncio.TaskGroup() as tasks:
            for customer in self._customers:
                tasks.create_task(self._come(customer))

    async def _come(self, customer: Customer) -> None:
        while not self.stop.is_set():
            await pass_time(self._timetable.take() - now())
            if not self.stop.is_set():
                await customer.visit(self._choose())

    def _choose(self) -> Habits:
        return self._chance.choices(self._habits, [habits.share for habits in self._habits])[0]


def of_the_service(answer: Answer) -> Answer:
    """Return an answer of the service. Raises Lost for one of a balancer before it, which has heard none itself."""
    if answer.status in {502, 503, 504} and answer.headers.get("content-type") != "application/problem+json":
        raise Lost(f"a balancer answered {answer.status}")
    return answer


def customers(url: str, orders: Orders, count: int) -> Iterator[Customer]:
    """Return people who come after the load: to settle what is unknown, to pay, to buy what is left."""
    for number in range(count):
        yield Customer(url, orders, random.Random(f"later/{len(orders.all)}/{number}"), PATIENCE_SECONDS[-1])
