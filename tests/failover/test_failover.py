"""The primary is lost under load, the standby takes over: what was acknowledged, and what is lost with which setting.

Every answer is accounted for as in `make torture`. The times to recovery are figures, and no test holds a machine to
them: they begin when the standby is promoted, and do not hold the time that it takes to notice.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.conftest import MEASURED
from tests.failover.pair import Pair
from tests.failover.selling import HOLD_SECONDS, selling
from tests.torture.results import Options, Trial
from tests.torture.trial import Trouble, rehearse
from tests.torture.words import outcome_of
from tests.waiting import pass_time

TIMES = int(os.environ.get("FAILOVERS", "0"))
pytestmark = pytest.mark.skipif(not TIMES, reason="it takes a minute for each: make failover")

LOAD = Options(per_second=400.0, buyers=192, load_min=100.0, share_back=0.5, warm_seconds=2.0, before_seconds=3.0)
BEHIND_SECONDS = 2.0
"""So long the standby of a control hears nothing before the primary is lost."""
NOT_THERE = ("was acknowledged as held, and is not there", "was acknowledged as paid, and is not there")

Lose = Callable[[Pair], Awaitable[str]]


async def killed(pair: Pair) -> str:
    """Kill the primary, as when its machine has crashed: its connections end."""
    return f"{await pair.kill_primary()} processes of the primary killed"


async def dark(pair: Pair) -> str:
    """Cut the primary off without a word, as when its machine has lost its power: its connections hang."""
    pair.go_dark()
    return "the primary dark"


async def killed_while_the_standby_was_behind(pair: Pair) -> str:
    """Cut the standby off first, and kill the primary when it has acknowledged what the standby has not heard of."""
    pair.cut()
    await pass_time(BEHIND_SECONDS)
    return await killed(pair)


async def trial_of(place: Path, redis_url: str, lose: Lose, *, synchronous: bool, seed: int) -> Trial:
    """Have the primary lost and the standby promoted while buyers come; return what was found."""
    async with selling(place, redis_url, synchronous=synchronous) as (pair, office):

        async def happen() -> str:
            did = await lose(pair)
            await pair.promote()
            return f"{did}, the standby promoted"

        trouble = Trouble(what="the primary is lost", happen=happen, hold_seconds=HOLD_SECONDS, lasts=False)
        return await rehearse(trouble, office, LOAD, seed=seed, say=print)


@pytest.mark.parametrize("seed", range(TIMES))
@pytest.mark.parametrize("lose", [killed, dark])
async def test_what_was_acknowledged_survives_with_a_synchronous_standby(
    place: Path, redis_url: str, lose: Lose, seed: int, record_property: Callable[[str, object], None]
) -> None:
    trial = await trial_of(place, redis_url, lose, synchronous=True, seed=seed)
    record_property(MEASURED, f"synchronous: {outcome_of(trial)}; silent for {trial.silence_seconds:.1f} s")
    assert trial.untrue == []
    assert trial.recovery_seconds is not None
    assert trial.counts.holds > 0
    assert trial.counts.payments > 0
    assert trial.counts.sold_in_the_end > 0


@pytest.mark.parametrize("seed", range(TIMES))
async def test_control_what_an_asynchronous_standby_had_not_heard_is_lost(
    place: Path, redis_url: str, seed: int, record_property: Callable[[str, object], None]
) -> None:
    trial = await trial_of(place, redis_url, killed_while_the_standby_was_behind, synchronous=False, seed=seed)
    lost = [untruth for untruth in trial.untrue if untruth.endswith(NOT_THERE)]
    record_property(MEASURED, f"asynchronous: {len(lost)} acknowledged holds and payments lost; {outcome_of(trial)}")
    assert lost
