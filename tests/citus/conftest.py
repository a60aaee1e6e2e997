"""What the lint has to know of PostgreSQL's functions, from PostgreSQL itself."""

import asyncio

import asyncpg
import pytest

from tests.citus.lint import Functions
from tests.conftest import HasUrl

NAMED = "SELECT DISTINCT proname FROM pg_proc WHERE provolatile = $1 AND pronamespace = 'pg_catalog'::regnamespace"


@pytest.fixture(scope="session")
def functions(postgres_server: HasUrl) -> Functions:
    """All functions that PostgreSQL brings along."""
    return asyncio.run(_read(postgres_server.url))


async def _read(url: str) -> Functions:
    connection = await asyncpg.connect(url)
    try:
        volatile, stable = [{row["proname"] for row in await connection.fetch(NAMED, kind)} for kind in (b"v", b"s")]
    finally:
        await connection.close()
    return Functions(volatile=volatile, stable=stable)
