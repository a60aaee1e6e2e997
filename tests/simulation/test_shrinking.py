"""A failure is made as small as it can be, in few attempts."""

from tests.simulation.operations import Scenario
from tests.simulation.shrinking import shrink
from tests.simulation.workload import scenario_of

WHOLE = scenario_of(1, 500)
ATTEMPTS_MAX = 120


def test_what_does_not_matter_is_left_out() -> None:
    attempts = []

    def fails(scenario: Scenario) -> bool:
        attempts.append(scenario)
        return {17, 100, 300} <= {operation.number for operation in scenario.operations}

    smallest = shrink(WHOLE, fails)
    assert [operation.number for operation in smallest.operations] == [17, 100, 300]
    assert (smallest.clients, {operation.client for operation in smallest.operations}) == (1, {0})
    assert len(attempts) <= ATTEMPTS_MAX


def test_clients_that_matter_stay() -> None:
    def fails(scenario: Scenario) -> bool:
        return len({operation.client for operation in scenario.operations}) >= 3

    smallest = shrink(WHOLE, fails)
    assert len(smallest.operations) == 3
    assert 3 <= smallest.clients < WHOLE.clients


def test_what_failed_once_counts() -> None:
    sizes: list[int] = []

    def fails(scenario: Scenario) -> bool:
        sizes.append(len(scenario.operations))
        return len(sizes) <= 5

    smallest = shrink(WHOLE, fails)
    assert len(smallest.operations) == min(sizes[:5]) < len(WHOLE.operations)


def test_what_does_not_fail_again_stays_whole() -> None:
    assert shrink(WHOLE, lambda scenario: False) == WHOLE
    assert shrink(WHOLE, lambda scenario: True, seconds_max=0) == WHOLE
