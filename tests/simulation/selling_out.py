"""Selling what a simulation has left of its dates, by one service after the other, to the last ticket."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator

from tests.simulation.date_history import EXHAUSTED_SECONDS_MAX
from tests.simulation.operations import Hold, Lines, Pay, Release
from tests.simulation.player import Player
from tests.simulation.stored import Stored
from tests.simulation.story import HoldTold, UseTold
from tests.waiting import until_moment

REFUSALS_MAX = 400
SOLD_AT_ONCE_MAX = 7
PAUSE_SECONDS = 0.05


class SellingOut:
    """One client who buys all that is left, without an Idempotency-Key, so that it may be refused from memory.

    `stored` is how the event stood when nothing was held; `first_number` is one that no operation has.
    """

    def __init__(self, player: Player, stored: Stored, *, services: int, first_number: int) -> None:
        self._player = player
        self._stored = stored
        self._services = services
        self._turns = itertools.cycle(range(services))
        self._numbers = itertools.count(first_number)
        self._refused = 0
        self.sold = 0

    async def sell(self, date: int) -> None:
        """Hold and pay for all that is left of a date, let the last ticket go once, and ask for more of each type."""
        await _until_no_look_counts(since=self._stored.ended_at)
        taken = self._stored.taken(date)
        if left := what_fits(self._stored, taken):
            last, _ = left[0]
            taken[last] += 1
            await self._buy_all(date, taken)
            await self._let_go_once(date, ((last, 1),))
            taken[last] -= 1
            await self._buy_all(date, taken)
        for place in range(len(self._stored.offer.types)):
            await self._hold(date, ((place, 1),))

    async def _buy_all(self, date: int, taken: Counter[int]) -> None:
        while (
            (lines := what_fits(self._stored, taken)) and self._refused < REFUSALS_MAX and not self._player.story.faults
        ):
            if await self._buy(date, lines):
                taken.update(dict(lines))
                self.sold += sum(dict(lines).values())
            else:
                self._refused += 1
                await until_moment(time.time() + PAUSE_SECONDS)

    async def _buy(self, date: int, lines: Lines) -> bool:
        hold = await self._hold(date, lines)
        if hold is None:
            return False
        pay = Pay(
            number=next(self._numbers),
            client=0,
            service=hold.service,
            of=hold.number,
            reference=f"the rest {hold.number}",
        )
        paid = await self._player.do(pay)
        return isinstance(paid, UseTold) and paid.outcome == "done"

    async def _let_go_once(self, date: int, lines: Lines) -> None:
        """Hold the last tickets, be refused them by every other service, and let them go where they were held.

        The next service in turn has only been told that they are back. It must sell them as soon as what all saw
        before is too old to be a reason.
        """
        hold = await self._hold(date, lines)
        for _other in range(self._services - 1):
            await self._hold(date, lines)
        if hold is not None:
            await self._player.do(
                Release(number=next(self._numbers), client=0, service=next(self._turns), of=hold.number)
            )
            await _until_no_look_counts(since=time.time())

    async def _hold(self, date: int, lines: Lines) -> Hold | None:
        """Ask the service whose turn it is; return what was asked when it is held."""
        asked = Hold(number=next(self._numbers), client=0, service=next(self._turns), date=date, lines=lines)
        told = await self._player.do(asked)
        return asked if isinstance(told, HoldTold) and told.name else None


def what_fits(stored: Stored, taken: Counter[int]) -> Lines:
    """Return some of the tickets that are left of a date; nothing when none are."""
    whole = min((stored.offer.total.limit or 0) - taken.total(), SOLD_AT_ONCE_MAX)
    lines = []
    for place, one in enumerate(stored.offer.types):
        units = min(whole, whole if one.limit is None else one.limit - taken[place])
        if units > 0:
            lines.append((place, units))
            whole -= units
    return tuple(lines)


def unsold(stored: Stored, date: int) -> Iterator[str]:
    """Say what is left of a date though all was asked for."""
    if lines := what_fits(stored, stored.taken(date)):
        yield f"of date {date}, {lines} could not be sold"


async def _until_no_look_counts(*, since: float) -> None:
    """Return when no refusal may rest any more on what was so before a moment."""
    await until_moment(since + EXHAUSTED_SECONDS_MAX + PAUSE_SECONDS)
