"""Each verb fails at each round trip in turn: nothing half done is left behind, and doing it again does it.

Some verbs meet some kinds of fault here; with FAULTS=all, as `make faults` sets it, each verb meets each kind.
"""

import os
from collections.abc import Callable

import asyncpg
import pytest

from boxoffice.settings import Settings
from tests.conftest import MEASURED
from tests.faults import changes, verbs
from tests.faults.proxy import Fault
from tests.faults.stage import Stage, open_stage
from tests.faults.verbs import Verb
from tests.faults.world import World, read_world

ALL = (
    verbs.Hold,
    verbs.HoldWithoutKey,
    verbs.HoldOnOverdue,
    verbs.HoldWithOldKey,
    verbs.HoldAgain,
    verbs.HoldTooMany,
    verbs.HoldsOfTwoDates,
    verbs.Pay,
    verbs.Release,
    verbs.Sweep,
    changes.Change,
    changes.MoreShards,
    changes.FewerTickets,
    changes.AddType,
    changes.AddDates,
    changes.CreateEvent,
    changes.CreateType,
    changes.Import,
    changes.Roll,
    changes.RollOneByOne,
)
SHARE = (
    (verbs.Hold, Fault.NOT_HEARD),
    (verbs.Hold, Fault.CANCELLED),
    (verbs.HoldOnOverdue, Fault.TERMINATED),
    (verbs.HoldWithOldKey, Fault.NOT_HEARD),
    (verbs.HoldsOfTwoDates, Fault.DEADLOCK),
    (verbs.Pay, Fault.NOT_HEARD),
    (verbs.Pay, Fault.DEADLOCK),
    (verbs.Release, Fault.NOT_HEARD),
    (verbs.Sweep, Fault.NOT_SENT),
    (changes.Change, Fault.NOT_HEARD),
    (changes.AddDates, Fault.AWAY),
)
MET = [(verb, fault) for verb in ALL for fault in Fault] if os.environ.get("FAULTS") == "all" else SHARE
STEPS_MAX = 200


@pytest.mark.parametrize(("kind", "fault"), MET, ids=lambda one: one.name if isinstance(one, Fault) else one.__name__)
async def test_a_verb_that_fails_at_any_step_leaves_nothing_half_done(
    kind: type[Verb], fault: Fault, settings: Settings, pool: asyncpg.Pool, record_property: Callable[[str, str], None]
) -> None:
    async with open_stage(settings, pool) as stage:
        broken, passed_by = await broken_in_turn(kind, fault, stage)
    assert broken + passed_by >= kind.round_trips
    if len(MET) > len(SHARE):
        record_property(MEASURED, f"{kind.__name__}: {broken} steps, each {fault.value}")


async def broken_in_turn(kind: type[Verb], fault: Fault, stage: Stage) -> tuple[int, int]:
    """Break each step until it runs through; return how many were broken, and how many the fault cannot meet."""
    after = await undisturbed(kind(), stage)
    broken = passed_by = 0
    for step in range(1, STEPS_MAX):
        reached = await broken_at(step, fault, kind(), stage, after)
        if not reached:
            return broken, passed_by
        broken += stage.proxy.broken is not None
        passed_by += stage.proxy.broken is None
    raise AssertionError(f"{kind.__name__} takes more than {STEPS_MAX} steps")


async def undisturbed(verb: Verb, stage: Stage) -> World:
    """Do it with nothing in its way; return what it leaves."""
    await stage.empty()
    await verb.prepare(stage)
    assert await verb.act(stage)
    return await read_world(stage.pool)


async def broken_at(step: int, fault: Fault, verb: Verb, stage: Stage, after: World) -> bool:
    """Do it with this step broken, see what is left, and do it again; return whether it came as far as that."""
    await stage.empty()
    await verb.prepare(stage)
    before = await read_world(stage.pool)
    stage.proxy.arm(step, fault)
    was_done = await verb.act(stage)
    reached = len(stage.proxy.requests) >= step
    stage.proxy.heal()
    assert was_done or stage.proxy.broken
    await stage.settled()
    found = await read_world(stage.pool)
    assert verb.allows(before, found, after)
    assert found == after or not was_done
    await stage.assert_clean()
    assert await verb.act(stage)
    if verb.repeatable or found == before:
        assert await read_world(stage.pool) == after
    await stage.assert_sells_out()
    await stage.assert_clean()
    return reached


class Torn(changes.CreateType):
    """Two types that belong together, in two transactions."""

    async def act(self, stage: Stage) -> bool:
        return all([await super().act(stage), await super().act(stage)])


class Wrong(changes.CreateType):
    """A type that is said to be there before it is."""

    async def act(self, stage: Stage) -> bool:
        await super().act(stage)
        return True


class Forgetful(verbs.Hold):
    """A hold that is said to be repeatable, and has no key."""

    async def act(self, stage: Stage) -> bool:
        return verbs.done(await stage.hold(self.date_key, {2: 1}), 201)


@pytest.mark.parametrize("kind", [Torn, Wrong, Forgetful])
async def test_control_what_is_half_done_is_found(kind: type[Verb], settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_stage(settings, pool) as stage:
        with pytest.raises(AssertionError):
            await broken_in_turn(kind, Fault.NOT_HEARD, stage)
