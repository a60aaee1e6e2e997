"""Control: services with a defect are not clean, and the auditor or the checker says why.

One client does what shows the defect, one thing after the other, so that no luck is needed. `make simulate-defects` has
seeds find all defects that there are.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import Service
from tests.simulation.defects import with_defect
from tests.simulation.demonstrations import DEMONSTRATIONS, scenario_of_demonstration
from tests.simulation.simulation import play_to_the_end
from tests.simulation.stage import open_stage, services_of_stage

HOLD_SECONDS = (1, 1)
"""Two services are enough to show a defect."""


@pytest.fixture(params=DEMONSTRATIONS)
def defective(
    request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres, valkey_server: EmbeddedValkey, tmp_path: Path
) -> Iterator[tuple[str, Sequence[Service]]]:
    """A defect, and services that have it."""
    with (
        with_defect(request.param, postgres_server.url, tmp_path) as environment,
        services_of_stage(
            postgres_server.url, valkey_server.url, tmp_path, environment, hold_seconds=HOLD_SECONDS
        ) as started,
    ):
        yield request.param, started


async def test_control_a_defect_is_found(
    defective: tuple[str, Sequence[Service]], postgres_server: EmbeddedPostgres
) -> None:
    name, services = defective
    async with open_stage(postgres_server.url, services) as stage:
        found = (await play_to_the_end(stage, scenario_of_demonstration(name))).audit.faults
    assert any(re.search(DEMONSTRATIONS[name].words, fault) for fault in found), found
