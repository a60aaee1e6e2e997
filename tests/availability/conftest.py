"""A server for the tests of availability: each test runs against Valkey, and against Redis where it is installed.

With REDIS_SETS=all, as `make redis-cluster` sets it, each runs against a cluster and a set with sentinels too.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
import redis.asyncio

from tests.availability.servers import PROGRAMS, VALKEY, Server, server
from tests.availability.sets import RedisSet, cluster, raw_client, sentinels

Start: TypeAlias = Callable[[Path], AbstractContextManager[Server | RedisSet]]

ONE: dict[str, Start] = {program.name: partial(server, program) for program in PROGRAMS}
SETS: dict[str, Start] = {"cluster": cluster, "sentinels": sentinels}
KINDS = ONE | SETS if os.environ.get("REDIS_SETS") == "all" else ONE


@pytest.fixture(scope="session", params=list(KINDS.values()), ids=list(KINDS))
def shared_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of one server, or of several that are one, for all tests; do not stop it."""
    with request.param(tmp_path_factory.mktemp("shared")) as started:
        yield started.url


@pytest.fixture
async def raw(shared_server: str) -> AsyncIterator["redis.asyncio.Redis | redis.asyncio.RedisCluster"]:
    """A client of the emptied server, for looking at it and for meddling."""
    async with raw_client(shared_server) as client:
        await client.flushall()
        yield client


@pytest.fixture
def url(shared_server: str, raw: "redis.asyncio.Redis") -> str:
    """The URL of the emptied server."""
    return shared_server


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may freeze and kill."""
    with server(VALKEY, tmp_path) as started:
        yield started
