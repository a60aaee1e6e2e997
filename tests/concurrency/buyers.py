"""Buyers: what people do at a rush, each with a connection and a chance of their own, from one seed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

from boxoffice.values import DateKey
from tests.concurrency.rush_ledger import Ledger, Lines, Outcome, now
from tests.concurrency.rush_line import Line, Lost, closing
from tests.conftest import Service

CLIENTS = 64
UNITS_MAX = 6
RUSH_SECONDS_MAX = 180.0
KINDS = (1, 2)
EVEN = (1, 1)


def path_of(date_key: DateKey) -> str:
    """Return where tickets of a date are asked for."""
    return f"/events/{date_key.event_id}/{date_key.date.isoformat()}/{date_key.start_time.isoformat('minutes')}"


def body_of(lines: Lines) -> list[dict[str, int]]:
    """Return the body that asks for tickets."""
    return [{"tickettypeId": kind, "quantity": units} for kind, units in lines.items()]


class Buyer:
    """Someone who asks for tickets, again and again."""

    def __init__(
        self,
        number: int,
        seed: int,
        services: Sequence[Service],
        date_key: DateKey,
        ledger: Ledger,
        wishes: Sequence[int] = EVEN,
    ) -> None:
        self._chance = random.Random(f"{seed}/{number}")
        self._urls = [services[(number + turn) % len(services)].url for turn in range(len(services))]
        self._path = path_of(date_key)
        self._wishes = wishes
        self.ledger = ledger
        self.line = Line(self._urls[0])
        self.names: list[str] = []

    async def ask(self, lines: Lines) -> Outcome:
        """Ask for tickets once; a buyer who is cut off goes to the next service. `names` are the holds made."""
        self.ledger.asked(lines)
        sent_at = now()
        try:
            answer = await self.line.ask("POST", self._path, body_of(lines))
        except Lost:
            self.turn_to_the_next()
            return self.ledger.lost(sent_at)
        outcome = self.ledger.answered(lines, sent_at, answer)
        assert self.ledger.faults == []
        if outcome == "held":
            self.names.append(answer.headers["location"].removeprefix("/reservation/"))
        return outcome

    def turn_to_the_next(self) -> None:
        """Go to the next service with the next request. Call it between two requests."""
        self._urls.append(self._urls.pop(0))
        self.line.cut()
        self.line.url = self._urls[0]

    async def buy_until_refused(self, on_held: Callable[["Buyer"], Awaitable[None]] | None = None) -> None:
        """Hold random mixes, go on and ask for less when refused, until one ticket of either type is refused."""
        gone = set[int]()
        while gone != set(KINDS):
            lines = self.mix([kind for kind in KINDS if kind not in gone])
            while lines:
                sent_at = now()
                outcome = await self.ask(lines)
                if outcome == "held":
                    if on_held is not None:
                        await on_held(self)
                    break
                if outcome == "refused":
                    if sum(lines.values()) == 1 and sent_at >= self.ledger.judged_from:
                        gone.update(lines)
                    lines = self._less(lines)

    def mix(self, kinds: Sequence[int]) -> dict[int, int]:
        """Return 1 to UNITS_MAX tickets of these types."""
        weights = [self._wishes[KINDS.index(kind)] for kind in kinds]
        chosen = self._chance.choices(kinds, weights, k=self._chance.randint(1, UNITS_MAX))
        return {kind: chosen.count(kind) for kind in sorted(set(chosen))}

    def _less(self, lines: Lines) -> dict[int, int]:
        one = self._chance.choice(list(lines))
        return {kind: units - (kind == one) for kind, units in lines.items() if units > (kind == one)}


async def rush(
    services: Sequence[Service],
    date_key: DateKey,
    ledger: Ledger,
    *,
    seed: int,
    wishes: Sequence[int] = EVEN,
    on_held: Callable[[Buyer], Awaitable[None]] | None = None,
) -> None:
    """Let all buyers come at once; return when each of them has been refused one ticket of either type.

    `wishes` weighs the types against each other.
    """
    buyers = [Buyer(number, seed, services, date_key, ledger, wishes) for number in range(CLIENTS)]
    lines = [buyer.line for buyer in buyers]
    async with closing(lines), asyncio.timeout(RUSH_SECONDS_MAX), asyncio.TaskGroup() as tasks:
        for buyer in buyers:
            tasks.create_task(buyer.buy_until_refused(on_held))


async def pay(buyer: Buyer) -> None:
    """Pay what was just held; where the machine was so slow that its time is over, it is gone."""
    answer = await buyer.line.ask("POST", f"/reservation/{buyer.names[-1]}", {"paymentReference": "paid at once"})
    if answer.status == 410 and buyer.ledger.is_over(buyer.names[-1]):
        buyer.ledger.let_go(buyer.names.pop())
    else:
        assert answer.status == 200, answer
