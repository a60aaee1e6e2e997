"""One simulation from beginning to end: put an event on sale, let the clients play, look at what is stored, sell what
is left, look again; and have the auditor judge it all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.concurrency.rush_line import Line, closing
from tests.simulation.auditor import Audit, audit
from tests.simulation.operations import Scenario
from tests.simulation.player import Player
from tests.simulation.selling_out import SellingOut, unsold
from tests.simulation.shop import Shown, add_event
from tests.simulation.stage import Stage
from tests.simulation.stored import Stored, read_stored, unpaid
from tests.simulation.story import Story
from tests.waiting import until

QUIET_SECONDS_MAX = 60.0


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
    selling = SellingOut(
        player,
        before,
        services=len(stage.urls),
        first_number=max((one.number for one in scenario.operations), default=0) + 1,
    )
    async with closing(player.lines):
        for date in range(scenario.dates):
            await selling.sell(date)
    after = await _stored_when_quiet(stage, shown)
    found = await _audited(stage, scenario, story, [before, after])
    found.faults += [fault for date in range(scenario.dates) for fault in unsold(after, date)]
    return Result(scenario=scenario, story=story, audit=found, sold_at_the_end=selling.sold)


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
