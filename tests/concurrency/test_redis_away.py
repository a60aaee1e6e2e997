"""Redis is killed, comes back empty and is flushed in the middle of a rush: selling goes on, and stays exact."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest
import redis

from boxoffice.embedded.valkey import EmbeddedValkey
from tests.concurrency.buyers import rush
from tests.concurrency.rush_ledger import Ledger
from tests.concurrency.rush_sale import LIMITS, TICKETS, assert_sold_exactly, put_rush
from tests.conftest import StartServices


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    """A Valkey to kill."""
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    yield server
    server.stop()


def kill(server: EmbeddedValkey) -> None:
    """End it as a machine that loses power would."""
    assert server.process_id is not None
    os.kill(server.process_id, signal.SIGKILL)


def revive(server: EmbeddedValkey) -> None:
    """Start it again, without anything that it knew."""
    assert server.revive()


def flush(server: EmbeddedValkey) -> None:
    """Make it forget everything, counters of epochs and scripts included."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()
        client.script_flush()


AT_TICKETS_HELD: Mapping[int, Callable[[EmbeddedValkey], None]] = {
    100: flush,
    200: kill,
    350: revive,
    450: flush,
    550: kill,
    700: revive,
    850: flush,
    950: kill,
}


async def test_a_rush_while_redis_dies_and_forgets(
    services: StartServices, own_valkey: EmbeddedValkey, pool: asyncpg.Pool, database_url: str
) -> None:
    started = await services(count=8, redis_url=own_valkey.url)
    happened: list[int] = []

    def happens(held: int) -> Callable[[], None]:
        def happen() -> None:
            AT_TICKETS_HELD[held](own_valkey)
            happened.append(held)

        return happen

    date_key = await put_rush(pool)
    ledger = Ledger(TICKETS, LIMITS, [(held, happens(held)) for held in AT_TICKETS_HELD])
    await rush(started, date_key, ledger, seed=0)
    assert happened == list(AT_TICKETS_HELD)
    await assert_sold_exactly(pool, database_url, date_key, ledger)
