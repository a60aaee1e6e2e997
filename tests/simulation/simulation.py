"""One simulation from beginning to end: put an event on sale, let the clients play, look at what is stored, sell what
is left, look again; and have the auditor judge it all."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.concurrency.rush_line import Line, closing
from tests.simulation.auditor import Audit, audit
from tests.simulation.operations import Hold, Lines, Pay, Scenario
from tests.simulation.player import Player
from tests.simulation.shop import Shown, add_event
from tests.simulation.stage import Stage
from tests.simulation.stored import Stored, read_stored, unpaid
from tests.simulation.story import HoldTold, Story, UseTold
from tests.waiting import until, until_moment

QUIET_SECONDS_MAX = 60.0
REFUSALS_MAX = 400
SOLD_AT_ONCE_MAX = 7
PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a scenario."""

    scenario: Scenario
    story: Story
    audit: Audit
    sold_at_the_end: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.audit.faults


async def simulate(stage: Stage, scenario: Scenario) -> Result:
    """Play a scenario on running services and judge it.

    What clients ask is the same each time; what they are answered may differ, as they and the services race.
    """
    async with closing([admin := Line(stage.urls[0])]):
        shown = await add_event(admin, scenario, stage.types)
    player = Player(scenario, shown, stage.urls)
    story = await player.play()
    before = await _stored_when_quiet(stage, shown)
    found = await _audited(stage, scenario, story, [before])
    if found.faults:
        return Result(scenario=scenario, story=story, audit=found)
    sold = await _sell_what_is_left(stage, scenario, player, before)
    after = await _stored_when_quiet(stage, shown)
    found = await _audited(stage, scenario, story, [before, after])
    found.faults += [fault for date in range(scenario.dates) for fault in _unsold(after, date)]
    return Result(scenario=scenario, story=story, audit=found, sold_at_the_end=sold)


async def _audited(stage: Stage, scenario: Scenario, story: Story, stored: Sequence[Stored]) -> Audit:
    """Audit beside the clients of other simulations, which must not wait for it."""
    return await asyncio.to_thread(audit, scenario, story, stored, stage.hold_seconds_min)


async def play_to_the_end(stage: Stage, scenario: Scenario) -> Result:
    """Do the same; a scenario that does not come to its end is not clean."""
    try:
        return await simulate(stage, scenario)
    except (AssertionError, OSError, ExceptionGroup) as error:
        return Result(scenario=scenario, story=Story(), audit=Audit(faults=[f"it did not end: {error!r}"]))


async def first_failure(stage: Stage, scenarios: Sequence[Scenario]) -> Result | None:
    """Play scenarios one after the other up to the first that is not clean; None when all are."""
    for scenario in scenarios:
        result = await play_to_the_end(stage, scenario)
        if not result.clean:
            return result
    return None


async def _stored_when_quiet(stage: Stage, shown: Shown) -> Stored:
    """Return what is stored once nothing is held any more."""

    async def quiet() -> bool:
        return await unpaid(stage.pool, shown) == 0

    await until(quiet, seconds_max=QUIET_SECONDS_MAX)
    return await read_stored(stage.pool, shown)


async def _sell_what_is_left(stage: Stage, scenario: Scenario, player: Player, stored: Stored) -> int:
    """Hold and pay for all that is left, and ask for one ticket more of each type; return the tickets sold."""
    numbers = itertools.count(max((one.number for one in scenario.operations), default=0) + 1)
    sold = refused = 0
    async with closing(player.lines):
        for date in range(scenario.dates):
            taken = stored.taken(date)
            while (lines := _what_fits(stored, taken)) and refused < REFUSALS_MAX and not player.story.faults:
                if await _buy(player, numbers, len(stage.urls), date, lines):
                    taken.update(dict(lines))
                    sold += sum(dict(lines).values())
                else:
                    refused += 1
                    await until_moment(time.time() + PAUSE_SECONDS)
            for place in range(len(stored.offer.types)):
                number = next(numbers)
                one_more = Hold(
                    number=number, client=0, service=number % len(stage.urls), date=date, lines=((place, 1),)
                )
                await player.do(one_more)
    return sold


async def _buy(player: Player, numbers: Iterator[int], services: int, date: int, lines: Lines) -> bool:
    number = next(numbers)
    service = number // 2 % services
    held = await player.do(Hold(number=number, client=0, service=service, date=date, lines=lines))
    if not isinstance(held, HoldTold) or not held.name:
        return False
    reference = f"the rest {number}"
    paid = await player.do(Pay(number=next(numbers), client=0, service=service, of=number, reference=reference))
    return isinstance(paid, UseTold) and paid.outcome == "done"


def _what_fits(stored: Stored, taken: Counter[int]) -> Lines:
    """Return some of the tickets that are left of a date; nothing when none are."""
    whole = min((stored.offer.total.limit or 0) - taken.total(), SOLD_AT_ONCE_MAX)
    lines = []
    for place, one in enumerate(stored.offer.types):
        units = min(whole, whole if one.limit is None else one.limit - taken[place])
        if units > 0:
            lines.append((place, units))
            whole -= units
    return tuple(lines)


def _unsold(stored: Stored, date: int) -> Iterator[str]:
    if lines := _what_fits(stored, stored.taken(date)):
        yield f"of date {date}, {lines} could not be sold"
