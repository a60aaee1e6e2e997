"""Control: services with a defect are not clean, and the auditor or the checker says why."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import Service
from tests.simulation.defects import with_defect
from tests.simulation.simulation import first_failure
from tests.simulation.stage import open_stage, services_of_stage
from tests.simulation.workload import scenario_of

SEEDS = 6
OPERATIONS = 300
FOUND_BY = {
    "the limit of a date is not guarded": (1, "left cannot be|the total"),
    "a hold is lost before its deadline": (0, "what was told of"),
    "a date that was full is refused for long": (2, "what happened on date"),
}
"""Defects, the seed to begin with, and what is found wrong; `make simulate-defects` looks for all that there are."""


@pytest.fixture(params=FOUND_BY)
def defective(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, valkey_server: EmbeddedValkey, tmp_path: Path
) -> Iterator[tuple[str, Sequence[Service]]]:
    """A defect, and services that have it."""
    with (
        with_defect(request.param, postgres_server.url, tmp_path) as environment,
        services_of_stage(postgres_server.url, valkey_server.url, tmp_path, environment) as started,
    ):
        yield request.param, started


async def test_control_a_defect_is_found(
    defective: tuple[str, Sequence[Service]], postgres_server: EmbeddedPostgres
) -> None:
    name, services = defective
    first, words = FOUND_BY[name]
    async with open_stage(postgres_server.url, services) as stage:
        found = await first_failure(stage, [scenario_of(seed, OPERATIONS) for seed in range(first, first + SEEDS)])
    assert found is not None
    assert any(re.search(words, fault) for fault in found.audit.faults), found.audit.faults
