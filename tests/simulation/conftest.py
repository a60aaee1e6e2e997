"""A stage for simulations, whose services run for all tests of a file."""

from collections.abc import AsyncIterator, Iterator, Sequence

import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import Service
from tests.simulation.stage import Stage, open_stage, services_of_stage


@pytest.fixture(scope="module")
def three(
    postgres_server: EmbeddedPostgres, valkey_server: EmbeddedValkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[Service]]:
    """Three ready services; do not ask for what empties the tables beside them."""
    folder = tmp_path_factory.mktemp("three")
    with services_of_stage(postgres_server.url, valkey_server.url, folder) as started:
        yield started


@pytest.fixture
async def stage(three: Sequence[Service], postgres_server: EmbeddedPostgres) -> AsyncIterator[Stage]:
    """Three services of different patience on one database."""
    async with open_stage(postgres_server.url, three) as opened:
        yield opened
