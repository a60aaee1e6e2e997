"""An event is lowered, raised and resharded while 32 visitors book and let go: nobody is told what is not so."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.concurrency.buyers import KINDS, UNITS_MAX, Buyer, rush
from tests.concurrency.conftest import Eight
from tests.concurrency.rush_ledger import Ledger, Refused, now
from tests.concurrency.rush_line import Line, closing
from tests.concurrency.rush_sale import LIMITS, SHARDS, SHARDS_OF_TYPE, TICKETS, assert_clean, assert_sold_exactly
from tests.waiting import until
from tests.world import Type, put_event, sums_of

VISITORS = 32
HOLDS_OF_VISITOR_MAX = 3
HELD_MAX = VISITORS * HOLDS_OF_VISITOR_MAX * UNITS_MAX
"""Where this many fit, in total and of each type, no refusal is true."""

OLDEST_REFUSAL_SECONDS = Settings().exhausted_ms_max / 1000
ANSWERS_PER_PHASE = 200
REFUSALS_PER_PHASE = 20
PHASE_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What the event becomes: its tickets, its shards, and of each type the limit and the shards.

    What is 1 is lowered as far as what is sold allows, so that visitors are refused.
    """

    tickets: int = HELD_MAX
    shards: int
    limits: tuple[int, int] = (HELD_MAX, HELD_MAX)
    type_shards: int

    @property
    def ample(self) -> bool:
        """Whether all visitors at once find room, so that every refusal is a false one."""
        return min(self.tickets, *self.limits) >= HELD_MAX

    @property
    def body(self) -> Mapping[str, object]:
        """The change as an admin sends it."""
        types = [
            {"tickettypeId": kind, "max": limit, "numShards": self.type_shards}
            for kind, limit in zip(KINDS, self.limits, strict=True)
        ]
        return {"maxTickets": self.tickets, "numShards": self.shards, "ticketTypes": types}

    def instead(self, sold: int) -> "Phase":
        """Return the phase with what is sold where it was lowered too far."""
        return replace(
            self,
            tickets=sold if self.tickets < HELD_MAX else self.tickets,
            limits=(sold if self.limits[0] < HELD_MAX else self.limits[0], self.limits[1]),
        )


BEGINNING = Phase(tickets=700, shards=16, limits=(600, 650), type_shards=4)
PHASES = (
    Phase(tickets=700, shards=3, limits=(600, 650), type_shards=4),
    Phase(tickets=700, shards=40, limits=(600, 650), type_shards=40),
    Phase(shards=40, type_shards=1),
    Phase(tickets=1, shards=40, type_shards=7),
    Phase(tickets=1, shards=3, type_shards=3),
    Phase(shards=16, type_shards=4),
    Phase(limits=(1, HELD_MAX), shards=16, type_shards=2),
    Phase(tickets=TICKETS, shards=SHARDS, limits=(LIMITS[1], LIMITS[2]), type_shards=SHARDS_OF_TYPE),
)


class Visitor(Buyer):
    """Someone who holds tickets, lets the oldest go, and comes again."""

    greedy = False

    async def come_and_go(self, stop: asyncio.Event) -> None:
        """Hold and let go until told to stop; nothing is held afterwards. The greedy hold on until they are refused."""
        while not stop.is_set():
            outcome = await self.ask(self.mix(KINDS))
            while self.names and (outcome == "refused" or self.has_enough):
                await self.let_go(self.names.pop(0))
                outcome = "held"
        for name in self.names:
            await self.let_go(name)

    @property
    def has_enough(self) -> bool:
        """Whether one must go before the next one is asked for."""
        return not self.greedy and len(self.names) >= HOLDS_OF_VISITOR_MAX

    async def let_go(self, name: str) -> None:
        """Let a hold go, again when the service is busy."""
        unknown = False
        while (answer := await self.line.ask("DELETE", f"/reservation/{name}")).status == 503:
            unknown |= "outcome is unknown" in self.ledger.busy(answer).detail
        assert answer.status == 204 or (unknown and answer.status == 410), answer
        self.ledger.let_go(name)


async def test_changes_while_visitors_come_and_go(eight: Eight, truth: asyncpg.Pool) -> None:
    date_key = await put_event(
        truth,
        max_tickets=BEGINNING.tickets,
        shards=BEGINNING.shards,
        types=[Type(limit=limit, shards=BEGINNING.type_shards) for limit in BEGINNING.limits],
    )
    ledger = Ledger(HELD_MAX, dict.fromkeys(KINDS, HELD_MAX))
    stop = asyncio.Event()
    visitors = [Visitor(number, 0, eight.services, date_key, ledger) for number in range(VISITORS)]
    async with closing([visitor.line for visitor in visitors]), asyncio.TaskGroup() as tasks:
        for visitor in visitors:
            tasks.create_task(visitor.come_and_go(stop))
        auditing = tasks.create_task(audit_until(stop, eight, date_key))
        await change_again_and_again(eight, date_key, ledger, visitors)
        stop.set()
    assert await auditing >= len(PHASES)
    assert ledger.faults == []
    assert (ledger.outcomes["lost"], ledger.held, ledger.claimed.total()) == (0, 0, 0)
    sums = await sums_of(truth, date_key.event_id)
    assert (sums.tickets, sums.reservations, sum(sums.total.values()), sum(sums.types.values())) == (0, 0, 0, 0)
    last = Ledger(TICKETS, LIMITS)
    last.judged_from = now() + OLDEST_REFUSAL_SECONDS
    await rush(eight.services, date_key, last, seed=0)
    await assert_sold_exactly(truth, eight.database_url, date_key, last)


async def change_again_and_again(eight: Eight, date_key: DateKey, ledger: Ledger, visitors: Sequence[Visitor]) -> None:
    """Take the event through all phases, each until enough answers have come."""
    lines = [Line(service.url) for service in eight.services]
    before = BEGINNING
    async with closing(lines):
        for phase, line in zip(PHASES, lines, strict=True):
            for visitor in visitors:
                visitor.greedy = not phase.ample
            if phase.ample:
                await until(lambda: not any(visitor.has_enough for visitor in visitors))
            else:
                ledger.judged_from = float("inf")
            async with asyncio.timeout(PHASE_SECONDS_MAX):
                await change(line, date_key, phase, ledger)
            if phase.ample and not before.ample:
                ledger.judged_from = now() + OLDEST_REFUSAL_SECONDS
            before = phase
            await until_enough(ledger, phase)


async def until_enough(ledger: Ledger, phase: Phase) -> None:
    """Return when so many more answers have come: judged ones of an ample event, refusals of one that is short."""
    judged, refused = ledger.judged, ledger.outcomes["refused"]

    def enough() -> bool:
        if phase.ample:
            return ledger.judged - judged >= ANSWERS_PER_PHASE
        return ledger.outcomes["refused"] - refused >= REFUSALS_PER_PHASE

    await until(enough, seconds_max=PHASE_SECONDS_MAX)


async def change(line: Line, date_key: DateKey, phase: Phase, ledger: Ledger) -> None:
    """Change the event; where more is sold than would be left, to what is sold; where the service is busy, again."""
    while (answer := await line.admin("PATCH", f"/events/{date_key.event_id}", phase.body)).status != 200:
        if answer.status == 503:
            ledger.busy(answer)
            continue
        problem = answer.read(Refused)
        assert (answer.status, problem.type) == (409, "/problems/below-sold"), answer
        assert problem.sold is not None
        assert min(phase.tickets, *phase.limits) < problem.sold <= HELD_MAX
        phase = phase.instead(problem.sold)


async def audit_until(stop: asyncio.Event, eight: Eight, date_key: DateKey) -> int:
    """Audit the event over and over while it is sold and changed; return how often it was found clean."""
    for times in itertools.count(1):
        await assert_clean(eight.database_url, date_key.event_id)
        if stop.is_set():
            return times
    raise AssertionError("counting ends only above")
