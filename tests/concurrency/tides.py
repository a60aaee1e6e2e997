"""Tides: guests fill a date until they are refused, then let go, again and again, all at random from one seed.

At high tide guests hold whatever they get, at one service for a while and then at all: so that the others learn of a
look that is no longer new. At low tide they let go, all of them at the one service that the tide has chosen, keep few
holds, and go on asking for little: so that the others may still refuse what there is room for.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from boxoffice.values import DateKey
from tests.concurrency.buyers import KINDS, body_of, path_of
from tests.concurrency.refusal_judge import Refusal, Stay
from tests.concurrency.rush_ledger import Lines, Refused, now
from tests.concurrency.rush_line import Answer, Line, closing
from tests.conftest import Service
from tests.waiting import until

GUESTS = 16
UNITS_MAX = 3
TIDES = 10
REFUSALS_PER_TIDE = 30
LATE_ANSWERS_PER_TIDE = 30
TIDE_SECONDS_MAX = 60.0
LEAVE_AT_HIGH_TIDE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sea:
    """Where guests hold, where they let go, what they hold, and the bound after which all must know what is free."""

    sellers: Sequence[Service]
    leavers: Sequence[Service]
    date_key: DateKey
    bound_seconds: float


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything that the guests know: their holds and their refusals."""

    stays: list[Stay] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class Tide:
    """What guests do now: fill up, or let go but for `keep` holds each; and where, by number (None: anywhere)."""

    high: bool = True
    keep: int = 0
    leaver: int = 0
    seller: int | None = None
    over: bool = False


class Guest:
    """Someone who comes and goes with the tide."""

    def __init__(self, number: int, seed: int, sea: Sea, records: Records) -> None:
        self._chance = random.Random(f"{seed}/{number}")
        self._path = path_of(sea.date_key)
        self._records = records
        self._sellers = [Line(seller.url) for seller in sea.sellers]
        self._leavers = [Line(leaver.url) for leaver in sea.leavers]
        self.lines = [*self._sellers, *self._leavers]
        self.staying: list[tuple[str, Stay]] = []
        self.answered_sent_at: list[float] = []

    async def come_and_go(self, tide: Tide) -> None:
        """Follow the tide until it is over; nothing is held afterwards."""
        while not tide.over:
            if tide.high:
                await self._hold(self._mix(UNITS_MAX), tide)
                if self.staying and self._chance.random() < LEAVE_AT_HIGH_TIDE:
                    await self._let_one_go(tide)
            elif len(self.staying) > tide.keep:
                await self._let_one_go(tide)
            else:
                await self._hold(self._mix(1), tide)
        while self.staying:
            await self._let_one_go(tide)

    def _mix(self, units_max: int) -> Lines:
        chosen = self._chance.choices(KINDS, k=self._chance.randint(1, units_max))
        return {kind: chosen.count(kind) for kind in sorted(set(chosen))}

    async def _hold(self, lines: Lines, tide: Tide) -> None:
        seller = self._chance.choice(self._sellers) if tide.seller is None else self._sellers[tide.seller]
        sent_at = now()
        answer = await seller.ask("POST", self._path, body_of(lines))
        answered_at = now()
        self.answered_sent_at.append(sent_at)
        if answer.status == 201:
            stay = Stay(lines=lines, sent_at=sent_at, held_at=answered_at)
            self._records.stays.append(stay)
            self.staying.append((answer.headers["location"], stay))
        elif answer.status == 409:
            assert answer.read(Refused).type == "/problems/sold-out", answer
            self._records.refusals.append(Refusal(lines=lines, sent_at=sent_at, answered_at=answered_at))
        else:
            _assert_not_booked(answer)

    async def _let_one_go(self, tide: Tide) -> None:
        place, stay = self.staying.pop(self._chance.randrange(len(self.staying)))
        leaver = self._leavers[tide.leaver]
        stay.leaving_at = now()
        while (answer := await leaver.ask("DELETE", place)).status != 204:
            _assert_not_booked(answer)
        stay.gone_at = now()


def _assert_not_booked(answer: Answer) -> None:
    problem = answer.read(Refused)
    assert (answer.status, problem.type) == (503, "/problems/overloaded"), answer
    assert "outcome is unknown" not in problem.detail, answer


async def tides(sea: Sea, *, seed: int) -> Records:
    """Let the guests come and go through all tides; return what they know."""
    records, tide = Records(), Tide()
    guests = [Guest(number, seed, sea, records) for number in range(GUESTS)]
    chance = random.Random(f"{seed}/tides")
    async with closing([line for guest in guests for line in guest.lines]), asyncio.TaskGroup() as tasks:
        for guest in guests:
            tasks.create_task(guest.come_and_go(tide))
        for _ in range(TIDES):
            await _turn(tide, guests, records, chance, sea)
        tide.over = True
    return records


async def _turn(tide: Tide, guests: Sequence[Guest], records: Records, chance: random.Random, sea: Sea) -> None:
    """Fill up until enough are refused, then let go until enough were asked later than the bound after that."""
    tide.leaver, tide.seller = chance.randrange(len(sea.leavers)), chance.randrange(len(sea.sellers))
    tide.high = True
    await _until_refused(records, since=now() + chance.random() * sea.bound_seconds)
    tide.seller = None
    await _until_refused(records, since=now())
    tide.keep = chance.choice((0, 0, 1))
    tide.high = False
    await until(lambda: all(len(guest.staying) <= tide.keep + 1 for guest in guests), seconds_max=TIDE_SECONDS_MAX)
    late_from = now() + sea.bound_seconds

    def enough() -> bool:
        late = sum(sent_at >= late_from for guest in guests for sent_at in guest.answered_sent_at[-10:])
        return late >= LATE_ANSWERS_PER_TIDE

    await until(enough, seconds_max=TIDE_SECONDS_MAX)


async def _until_refused(records: Records, *, since: float) -> None:
    """Return when so many were refused who asked after a moment."""

    def enough() -> bool:
        latest = records.refusals[-REFUSALS_PER_TIDE:]
        return len(latest) == REFUSALS_PER_TIDE and all(refusal.sent_at >= since for refusal in latest)

    await until(enough, seconds_max=TIDE_SECONDS_MAX)
