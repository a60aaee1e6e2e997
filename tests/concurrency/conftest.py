"""Eight services on one database, started once for all tests of a file that do nothing to the services themselves."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import asyncpg
import pytest
import redis

from boxoffice.embedded.postgres import EmbeddedPostgres
from boxoffice.embedded.valkey import EmbeddedValkey
from tests.conftest import ADMIN_TOKEN, EMPTY_ALL, Service, start_service, stop_services, until_ready

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
    asyncio.run(_empty(postgres_server.url))
    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    folder = tmp_path_factory.mktemp("eight")
    settings = {
        "DATABASE_URL": postgres_server.url,
        "REDIS_URL": valkey_server.url,
        "BOXOFFICE_ADMIN_TOKEN": ADMIN_TOKEN,
        "BOXOFFICE_DATA_DIR": str(folder / "data"),
    }
    started = [start_service(settings, folder) for _ in range(SERVICES)]
    try:
        asyncio.run(_until_all_ready(started))
        yield Eight(services=started, database_url=postgres_server.url)
    finally:
        stop_services(started)


@pytest.fixture
async def truth(eight: Eight) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the database of the eight services."""
    async with asyncpg.create_pool(eight.database_url, min_size=1, max_size=4) as opened:
        yield opened


async def _empty(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(EMPTY_ALL)
    finally:
        await connection.close()


async def _until_all_ready(services: Sequence[Service]) -> None:
    await asyncio.gather(*map(until_ready, services))
