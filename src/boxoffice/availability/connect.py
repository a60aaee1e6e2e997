"""Making clients of Redis: one server, or a cluster when the URL begins with redis+cluster:// or rediss+cluster://."""

from typing import TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from boxoffice.errors import CannotStart
from boxoffice.log import message_of

Client: TypeAlias = Redis | RedisCluster

CONNECTIONS_MAX = 24
AWAY = (RedisError, RedisClusterException, OSError, TimeoutError)
"""Everything by which a client says that Redis does not answer, or answers that it cannot."""


def check_url(url: str | None) -> None:
    """Return when this can be the URL of a Redis, or there is none. Raises CannotStart."""
    if url is not None:
        make_client(url)


def make_client(url: str) -> Client:
    """Return a client that has not connected yet, tries nothing twice and waits without a limit of its own.

    Limits are set around each question, so that one limit covers queueing, connecting, sending and reading.
    Raises CannotStart when the URL cannot be one of Redis.
    """
    once = Retry(NoBackoff(), 0)
    plain = url.replace("+cluster://", "://", 1)
    try:
        if plain != url:
            return RedisCluster.from_url(
                plain,
                protocol=2,
                retry=once,
                socket_timeout=None,
                socket_connect_timeout=None,
                max_connections=CONNECTIONS_MAX,
            )
        return Redis.from_url(
            plain,
            protocol=2,
            retry=once,
            socket_timeout=None,
            socket_connect_timeout=None,
            max_connections=CONNECTIONS_MAX,
        )
    except (ValueError, RedisClusterException) as error:
        raise CannotStart(f"REDIS_URL: {message_of(error)}") from error
