"""Of several hosts, the one that takes writes is found, whatever the others do: silent, refusing, or of no database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from boxoffice.database import NEVER_REACHED, open_engine, open_pool, unreachable_as_overloaded
from boxoffice.database_hosts import CONNECT_SECONDS_MAX, HEAD_START_SECONDS, DatabaseHosts, urls_of
from boxoffice.errors import Overloaded
from boxoffice.settings import Settings
from tests.ports import free_port


@asynccontextmanager
async def silent_host() -> AsyncIterator[str]:
    """A host that takes connections and says nothing, as one behind a dead switch seems to."""
    heard: list[asyncio.StreamWriter] = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(writer)

    server = await asyncio.start_server(listen, "127.0.0.1")
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in heard:
        writer.transport.abort()


def behind(url: str, *hosts: str) -> str:
    """Return the URL with these hosts before its own."""
    parts = urlsplit(url)
    credentials, _, own = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{credentials}@{','.join([*hosts, own])}").geturl()


async def test_a_host_that_is_silent_or_refuses_keeps_nobody_from_the_other(database_url: str) -> None:
    async with silent_host() as silent, asyncio.timeout(CONNECT_SECONDS_MAX):
        hosts = DatabaseHosts(behind(database_url, silent, f"127.0.0.1:{free_port()}"))
        for _ in range(2):
            connection = await hosts.connect()
            assert await connection.fetchval("SELECT 1") == 1
            await connection.close()


async def test_the_host_that_took_writes_last_is_asked_first(database_url: str) -> None:
    loop = asyncio.get_running_loop()
    async with silent_host() as silent:
        hosts = DatabaseHosts(behind(database_url, silent))
        await (await hosts.connect()).close()
        asked = loop.time()
        connections = [await hosts.connect() for _ in range(20)]
        assert loop.time() - asked < 20 * HEAD_START_SECONDS
        await asyncio.gather(*(connection.close() for connection in connections))


async def test_booking_and_catalogue_find_it_too(database_url: str) -> None:
    async with silent_host() as silent:
        settings = Settings(database_url=behind(database_url, silent))
        async with await open_pool(settings) as pool:
            assert await pool.fetchval("SELECT 1") == 1
        engine = open_engine(settings)
        async with engine.connect():
            pass
        await engine.dispose()


async def test_when_none_takes_writes_nothing_was_asked(database_url: str) -> None:
    """Both hosts are the same server, which is told to take no writes."""
    read_only = "options=-c%20default_transaction_read_only%3Don"
    parts = urlsplit(database_url)
    hosts = DatabaseHosts(f"{behind(database_url, f'localhost:{parts.port}')}?{read_only}")
    with pytest.raises(asyncpg.TargetServerAttributeNotMatched) as refused:
        await hosts.connect()
    assert isinstance(refused.value, NEVER_REACHED)
    with pytest.raises(Overloaded) as told, unreachable_as_overloaded():
        raise refused.value
    assert not told.value.outcome_unknown
    with pytest.raises(ConnectionRefusedError):
        await DatabaseHosts(f"postgresql://a@127.0.0.1:{free_port()},127.0.0.1:{free_port()}/b").connect()


def test_each_host_has_a_url_and_a_url_of_one_is_left_as_it_is() -> None:
    one = "postgresql://user:p%40ss@one:5432/boxoffice?sslmode=require"
    assert urls_of(one) == [one]
    assert urls_of("postgresql://user:a,b@one/boxoffice") == ["postgresql://user:a,b@one/boxoffice"]
    writes = "target_session_attrs=read-write"
    assert urls_of("postgresql://u@one:1,[::1]:2,one:1/b?ssl=1") == [
        f"postgresql://u@one:1/b?ssl=1&{writes}",
        f"postgresql://u@[::1]:2/b?ssl=1&{writes}",
    ]
    assert (
        urls_of("postgresql://one,two/b?target_session_attrs=any")[1] == "postgresql://two/b?target_session_attrs=any"
    )
