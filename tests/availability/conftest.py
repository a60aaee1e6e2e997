"""A server for the tests of availability: each test runs against Valkey, and against Redis where it is installed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio

from tests.availability.servers import PROGRAMS, VALKEY, Server, server


@pytest.fixture(scope="session", params=PROGRAMS, ids=[program.name for program in PROGRAMS])
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests; do not stop it."""
    with server(request.param, tmp_path_factory.mktemp("shared")) as started:
        yield started


@pytest.fixture
async def raw(shared_server: Server) -> AsyncIterator["redis.asyncio.Redis"]:
    """A client of the emptied server, for looking at it and for meddling."""
    async with redis.asyncio.Redis.from_url(shared_server.url) as client:
        await client.flushall()
        yield client


@pytest.fixture
def url(shared_server: Server, raw: "redis.asyncio.Redis") -> str:
    """The URL of the emptied server."""
    return shared_server.url


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may freeze and kill."""
    with server(VALKEY, tmp_path) as started:
        yield started
