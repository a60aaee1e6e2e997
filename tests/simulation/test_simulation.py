"""Simulations from seeds on three services: what is stored is what was told, and all that is left can be sold."""

import asyncio
from collections import Counter

from tests.simulation.demonstrations import DEMONSTRATIONS, scenario_of_demonstration
from tests.simulation.operations import Hold, Repeat, Use
from tests.simulation.simulation import Result, play_to_the_end
from tests.simulation.stage import Stage
from tests.simulation.workload import USUAL, scenario_of

SEEDS = (2, 3, 12)
OPERATIONS = 180
ON_ONE_DATE = (100, 101)
OPERATIONS_ON_ONE_DATE = 250


async def test_seeds_are_clean_and_so_is_what_shows_a_defect(stage: Stage) -> None:
    played = [
        *(scenario_of(seed, OPERATIONS) for seed in SEEDS),
        *(scenario_of(seed, OPERATIONS_ON_ONE_DATE, one_date=True) for seed in ON_ONE_DATE),
    ]
    shown = [scenario_of_demonstration(name) for name in DEMONSTRATIONS]
    results = await asyncio.gather(*(play_to_the_end(stage, scenario) for scenario in (*played, *shown)))
    assert [result.audit.faults for result in results] == [[]] * len(results)
    for result in results[: len(played)]:
        assert_worth_something(result)


def assert_worth_something(result: Result) -> None:
    """Assert that a simulation did what it says: everything was played, some was held, refused, paid and compared."""
    outcomes, compared = result.story.outcomes(), result.audit.compared
    assert outcomes.total() + result.story.skipped >= len(result.scenario.operations)
    assert outcomes["hold", "held"] and outcomes["pay", "done"] and compared["tickets"] and compared["keys"]
    assert compared["dates, strictly"] + compared["dates, leniently"] == result.scenario.dates


def test_a_seed_is_always_the_same_scenario() -> None:
    assert scenario_of(7, 300) == scenario_of(7, 300)
    assert scenario_of(7, 300) != scenario_of(8, 300)


def test_seeds_together_do_everything() -> None:
    scenarios = [scenario_of(seed, 200) for seed in range(40)]
    operations = [operation for scenario in scenarios for operation in scenario.operations]
    counted = Counter(type(operation) for operation in operations)
    assert counted.keys() == USUAL.keys()
    assert counted.total() == 40 * 200
    assert {scenario.dates for scenario in scenarios} == {1, 2, 3}
    assert {len(scenario.offer.types) for scenario in scenarios} == {1, 2, 3}
    assert any(operation.cut_after_ms is not None for operation in operations)
    assert any(operation.after_deadline_ms is not None for operation in operations if isinstance(operation, Use))
    assert any(operation.key for operation in operations if isinstance(operation, Hold))
    assert any(operation.other_lines for operation in operations if isinstance(operation, Repeat))
