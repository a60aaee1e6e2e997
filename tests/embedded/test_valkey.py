"""The embedded Valkey keeps its URL, not its data, and stays within its memory."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from boxoffice.embedded.valkey import MEMORY_MB_MAX, EmbeddedValkey
from tests.waiting import until_now


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    made = EmbeddedValkey(tmp_path / "valkey")
    made.start()
    yield made
    made.stop()


def test_its_password_is_needed(server: EmbeddedValkey) -> None:
    password = server.url.split(":")[2].partition("@")[0]
    stranger = redis.Redis.from_url(server.url.replace(password, "guessed"))
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    with redis.Redis.from_url(server.url) as friend:
        assert friend.ping()


def test_its_memory_is_bounded_and_the_oldest_is_left_out(server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("maxmemory", "maxmemory-policy", "save", "appendonly") == {
            "maxmemory": str(MEMORY_MB_MAX * 1024 * 1024),
            "maxmemory-policy": "allkeys-lru",
            "save": "",
            "appendonly": "no",
        }


def test_killed_it_runs_again_empty_with_the_same_url(server: EmbeddedValkey) -> None:
    url = server.url
    with redis.Redis.from_url(url) as client:
        client.set("key", "value")
    process_id = server.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    until_now(lambda: server.process_id is None)
    assert server.revive()
    assert server.url == url
    with redis.Redis.from_url(url) as client:
        assert client.get("key") is None


def test_one_that_outlives_its_launcher_is_stopped_and_replaced(server: EmbeddedValkey, tmp_path: Path) -> None:
    again = EmbeddedValkey(tmp_path / "valkey")
    again.start()
    try:
        assert server.process_id is None
        assert again.url == server.url
    finally:
        again.stop()
