"""Making clients of Redis: of one server, of the master that sentinels name, or of a cluster.

A client has parts that can be away each by itself: a cluster's masters, or the one server. What is known of where they
are is refreshed by `find`, and by redirections on the way. No client tries anything twice or waits without a limit of
its caller's: limits are set around each question, so that one limit covers queueing, connecting, sending and reading.
Only looking for the servers, where one that is silent must not keep the next from being asked, has a limit for each.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import ConnectionPool, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError, SlotNotCoveredError

from boxoffice.errors import CannotStart
from boxoffice.jitter import one_of
from boxoffice.log import message_of
from boxoffice.redis_url import RedisUrl, read_redis_url

CONNECTIONS_MAX = 24
AWAY = (RedisError, RedisClusterException, OSError, TimeoutError)
"""Everything by which a client says that Redis does not answer, or answers that it cannot."""
HOST_SECONDS_MAX = 0.25
"""How long one of several hosts may be silent before the next is asked where the servers are."""
WHOLE = ""
"""The only part of a client that has one."""


class Client(Protocol):
    """A way to Redis, whatever it consists of. Everything may raise what is in AWAY."""

    def part_of(self, key: str) -> str:
        """Return the part that has a key, going by what is known now."""
        ...

    def parts(self) -> Sequence[str]:
        """Return all parts that are known now."""
        ...

    async def find(self) -> None:
        """Learn where the servers are now; connections that may lead to where they were are not used again."""
        ...

    async def ping(self, part: str) -> None:
        """Return when a part has answered."""
        ...

    async def run(self, *command: str | bytes | int) -> object:
        """Run a command where its keys are."""
        ...

    def subscription(self) -> PubSub:
        """Return a way to hear what is said on channels, on a connection of its own. Call `find` before."""
        ...

    async def close(self) -> None:
        """Close all connections. Repeatable."""
        ...


class Server:
    """One server, or the master of a set: whichever the sentinels name when a connection is made."""

    def __init__(self, client: Redis, sentinel: Sentinel | None = None) -> None:
        self._client = client
        self._sentinel = sentinel

    def part_of(self, _key: str) -> str:
        """Return the one part."""
        return WHOLE

    def parts(self) -> Sequence[str]:
        """Return the one part."""
        return (WHOLE,)

    async def find(self) -> None:
        """Drop what is idle: the next connection is a new one, and asks the sentinels where it leads."""
        await self._client.connection_pool.disconnect(inuse_connections=False)

    async def ping(self, _part: str) -> None:
        """Return when it has answered."""
        await self.run("PING")

    async def run(self, *command: str | bytes | int) -> object:
        """Run a command."""
        return await self._client.execute_command(*command)  # type: ignore[no-untyped-call]  # it gives no types

    def subscription(self) -> PubSub:
        """Listen there."""
        return self._client.pubsub()

    async def close(self) -> None:
        """Close all connections, those to the sentinels too."""
        try:
            await self._client.aclose()
        finally:
            if self._sentinel is not None:
                await self._sentinel.aclose()


class Cluster:
    """The masters of a cluster. It is found by the nodes found before, and by those of the URL."""

    def __init__(self, client: RedisCluster, hosts: Sequence[tuple[str, int]]) -> None:
        self._client = client
        self._hosts = list(hosts)
        self._begun = False

    def part_of(self, key: str) -> str:
        """Return the master of a key's slot; none that is known when the slot has none."""
        try:
            node = self._client.get_node_from_key(key)
        except SlotNotCoveredError:
            return WHOLE
        return node.name if node else WHOLE

    def parts(self) -> Sequence[str]:
        """Return the masters."""
        return [node.name for node in self._client.get_primaries()]

    async def find(self) -> None:
        """Ask any node which masters there are and which slots they have."""
        if self._begun:
            await self._client.nodes_manager.initialize(additional_startup_nodes_info=self._hosts)
        # After an error the client wants to begin anew by itself, which would be at the cost of the next question.
        await self._client.initialize(additional_startup_nodes_info=self._hosts)
        self._begun = True

    async def ping(self, part: str) -> None:
        """Return when this master has answered."""
        await self._client.execute_command("PING", target_nodes=self._client.get_node(node_name=part))

    async def run(self, *command: str | bytes | int) -> object:
        """Run a command at the master of its keys; follows redirections."""
        return await self._client.execute_command(*command)

    def subscription(self) -> PubSub:
        """Listen at any node: each hears what is said at any other, also while one of them is dead."""
        return self._client.pubsub(node=one_of(self._client.get_nodes()))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def check_url(url: str | None) -> None:
    """Return when this can be the URL of a Redis, or there is none. Raises CannotStart."""
    if url is not None:
        make_client(url)


def make_client(url: str) -> Client:
    """Return a client that has not connected yet. Raises CannotStart when the URL cannot be one of Redis."""
    try:
        place = read_redis_url(url)
        match place.kind:
            case "server":
                return Server(Redis.from_pool(ConnectionPool.from_url(url, **_limits())))
            case "sentinel":
                return _of_sentinels(place)
            case "cluster":
                return _of_cluster(place)
    except (CannotStart, ValueError, TypeError, RedisClusterException) as error:
        raise CannotStart(f"REDIS_URL: {message_of(error)}") from error


def _of_cluster(place: RedisUrl) -> Cluster:
    hosts, _ = _hosts_and_options(place)
    limits = {**_limits(), "socket_connect_timeout": HOST_SECONDS_MAX}
    client = RedisCluster.from_url(
        place.urls[0],
        startup_nodes=[ClusterNode(*host) for host in hosts[1:]],
        # Slots without a master are no reason to do without the others.
        require_full_coverage=False,
        # A redirection tells where a slot went; dropping every connection would lose questions.
        reinitialize_steps=0,
        **limits,
    )
    return Cluster(client, hosts)


def _of_sentinels(place: RedisUrl) -> Server:
    hosts, options = _hosts_and_options(place)
    own = {"socket_timeout": HOST_SECONDS_MAX, "socket_connect_timeout": HOST_SECONDS_MAX, "retry": _once()}
    own |= {name: value for name, value in options.items() if name.startswith("ssl_")}
    own |= {"ssl": place.encrypted, "username": place.sentinel_username, "password": place.sentinel_password}
    sentinel = Sentinel(hosts, sentinel_kwargs=own)  # type: ignore[no-untyped-call]  # the library gives no types here
    limits = {**_limits(), "ssl": place.encrypted, **options}
    masters = SentinelConnectionPool(place.service, sentinel, **limits)  # type: ignore[no-untyped-call]  # nor here
    return Server(Redis.from_pool(masters), sentinel)


def _hosts_and_options(place: RedisUrl) -> tuple[Sequence[tuple[str, int]], dict[str, object]]:
    """Return where to ask, and what every connection wants to know."""
    told: list[Mapping[str, object]] = [parse_url(url) for url in place.urls]
    hosts = [(str(each["host"]), int(str(each["port"]))) for each in told]
    options = {name: value for name, value in told[0].items() if name not in ("host", "port", "connection_class")}
    return hosts, options


def _limits() -> dict[str, object]:
    return {
        "protocol": 2,
        "retry": _once(),
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "max_connections": CONNECTIONS_MAX,
    }


def _once() -> Retry:
    return Retry(NoBackoff(), 0)
