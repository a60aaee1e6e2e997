"""Making a failure small: Hypothesis leaves out operations and clients for as long as what is left still fails.

It leaves out many operations at a time first, then fewer, then single ones: each attempt is a simulation, which takes
seconds.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase, choices_to_bytes
from hypothesis.errors import HypothesisException

from tests.simulation.operations import Scenario

SECONDS_MAX = 240.0
AT_ONCE = (64, 16, 4, 1)
KEY = b"the scenario that failed"
UNFINISHED = KEY + b".secondary"
"""Where Hypothesis keeps what it would still make smaller; what is kept under the key itself it takes for finished."""


def shrink(scenario: Scenario, fails: Callable[[Scenario], bool], *, seconds_max: float = SECONDS_MAX) -> Scenario:
    """Return the smallest scenario found that fails, the given one where none is smaller; try nothing later on.

    A race may be lost now and then only: whatever failed once counts.
    """
    smallest = scenario
    until = time.monotonic() + seconds_max

    def fails_too(smaller: Scenario) -> bool:
        nonlocal smallest
        if time.monotonic() > until or not fails(smaller):
            return False
        smallest = min(smallest, smaller, key=_size)
        return True

    for at_once in AT_ONCE:
        _shrink_by(smallest, fails_too, at_once)
    return smallest


def _shrink_by(scenario: Scenario, fails: Callable[[Scenario], bool], at_once: int) -> None:
    """Have Hypothesis begin with the whole scenario, and try whatever it takes for simpler."""
    groups = -(-len(scenario.operations) // at_once)
    database = InMemoryExampleDatabase()
    database.save(UNFINISHED, choices_to_bytes([scenario.clients, *[True] * groups]))
    told = settings(database=database, phases=[Phase.reuse, Phase.shrink], deadline=None)
    with suppress(HypothesisException):  # it did not fail again, or not always
        find(_parts_of(scenario, at_once), fails, settings=told, database_key=KEY)


@st.composite
def _parts_of(draw: st.DrawFn, scenario: Scenario, at_once: int) -> Scenario:
    """Draw the scenario with some of its clients, who share all the work, and some of its operations."""
    clients = draw(st.integers(1, scenario.clients))
    whole = scenario.operations
    kept = [
        one for begin in range(0, len(whole), at_once) if draw(st.booleans()) for one in whole[begin : begin + at_once]
    ]
    return replace(scenario, clients=clients, operations=[replace(one, client=one.client % clients) for one in kept])


def _size(scenario: Scenario) -> tuple[int, int]:
    return len(scenario.operations), scenario.clients
