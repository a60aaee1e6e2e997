"""Eight services on one database, started once for all tests of a file that do nothing to the services themselves."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import asyncpg
import pytest

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import Service, serving_side_by_side

SERVICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Eight:
    """The services and their database, which a test must not empty: give each test events of its own."""

    services: Sequence[Service]
    database_url: str


@pytest.fixture(scope="module")
def eight(
    postgres_server: EmbeddedPostgres, valkey_server: EmbeddedValkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Eight]:
    """Eight ready services; do not ask for `database_url`, `settings` or `pool` beside them, which empty the tables."""
    folder = tmp_path_factory.mktemp("eight")
    with serving_side_by_side(postgres_server.url, valkey_server.url, folder, [{}] * SERVICES) as started:
        yield Eight(services=started, database_url=postgres_server.url)


@pytest.fixture
async def truth(eight: Eight) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the database of the eight services."""
    async with asyncpg.create_pool(eight.database_url, min_size=1, max_size=4) as opened:
        yield opened
