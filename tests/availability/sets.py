"""Several Redis-compatible servers that are one: a cluster of masters with a replica each, or a set with sentinels."""

import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import redis
import redis.asyncio
from redis.asyncio.connection import parse_url
from redis.asyncio.sentinel import Sentinel

from boxoffice.redis_url import read_redis_url
from tests.availability.servers import VALKEY, Server
from tests.ports import free_port
from tests.waiting import until_now

MASTERS = 3
SENTINELS = 3
SLOTS = 16_384
SERVICE = "boxoffice-test"
NODE_MS = 1_500
"""A master that is silent for so long is taken for dead."""
STEADY_MS = 60_000
"""Where no master dies: a busy machine keeps any of them silent for a while."""
HANGS_SECONDS_MAX = 5.0
PROBE_SECONDS_MAX = 0.5
SET_UP_SECONDS_MAX = 60.0
GONE = (redis.ConnectionError, redis.TimeoutError, redis.ResponseError)


class RedisSet:
    """Servers that replace each other; `url` names them all. Whoever is killed may be started again."""

    def __init__(
        self, url: str, masters: Sequence[Server], replicas: Sequence[Server], watchers: Sequence[Server] = ()
    ) -> None:
        self.url = url
        self.masters = masters
        self.replicas = replicas
        self.watchers = watchers

    def master_of(self, key: str) -> Server:
        """Return the server that is asked for a key now."""
        return next(each for each in (*self.masters, *self.replicas) if _has(each, key))

    def has_master(self, key: str) -> bool:
        """Tell whether a server can be asked for a key now."""
        return any(_has(each, key) for each in (*self.masters, *self.replicas))


def _has(server: Server, key: str) -> bool:
    """Tell whether a server can be asked for a key, by another one of the same hash tag."""
    with server.client(HANGS_SECONDS_MAX) as client:
        try:
            client.set(f"{key}:probe", "", px=1)  # beside it, by its hash tag: nobody else meets it
        except GONE:
            return False
    return True


@contextmanager
def cluster(folder: Path, program: Path = VALKEY, *, node_ms: int = NODE_MS) -> Iterator[RedisSet]:
    """Start a cluster of three masters with a replica each, with one password; kill what is left of it at the end."""
    password = secrets.token_urlsafe(16)
    with ExitStack() as at_end:
        buses = [free_port() for _ in range(2 * MASTERS)]
        nodes = [_node(program, folder, bus, password, node_ms) for bus in buses]
        _start(nodes, at_end)
        masters, replicas = nodes[:MASTERS], nodes[MASTERS:]
        for number, master in enumerate(masters):
            first, behind = SLOTS * number // MASTERS, SLOTS * (number + 1) // MASTERS
            _told(master, "CLUSTER", "ADDSLOTSRANGE", first, behind - 1)
        for node in nodes:
            _told(node, "CLUSTER", "MEET", "127.0.0.1", masters[0].port, buses[0])
        until_now(lambda: all(_knows_everyone(node) for node in nodes), seconds_max=SET_UP_SECONDS_MAX)
        for replica, master in zip(replicas, masters, strict=True):
            _told(replica, "CLUSTER", "REPLICATE", _told(master, "CLUSTER", "MYID"))
        until_now(lambda: all(_is_whole(node) for node in nodes), seconds_max=SET_UP_SECONDS_MAX)
        until_now(lambda: all(follows(replica) for replica in replicas), seconds_max=SET_UP_SECONDS_MAX)
        until_now(lambda: _hear_each_other(nodes), seconds_max=SET_UP_SECONDS_MAX)
        hosts = ",".join(node.address for node in nodes)
        yield RedisSet(f"redis+cluster://:{password}@{hosts}", masters, replicas)


@contextmanager
def sentinels(folder: Path, program: Path = VALKEY) -> Iterator[RedisSet]:
    """Start a master with a replica and three sentinels, which have another password; kill what is left at the end."""
    password, other = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    with ExitStack() as at_end:
        master = Server(program, folder, password=password)
        replica = Server(program, folder, f"replicaof 127.0.0.1 {master.port}", password=password)
        _start([master, replica], at_end)
        until_now(lambda: follows(replica), seconds_max=SET_UP_SECONDS_MAX)
        watching = [
            f"sentinel monitor {SERVICE} 127.0.0.1 {master.port} 2",
            f"sentinel auth-pass {SERVICE} {password}",
            f"sentinel down-after-milliseconds {SERVICE} {NODE_MS}",
            f"sentinel failover-timeout {SERVICE} {4 * NODE_MS}",
            f"sentinel sentinel-pass {other}",
        ]
        watchers = [Server(program, folder, *watching, password=other, sentinel=True) for _ in range(SENTINELS)]
        _start(watchers, at_end)
        until_now(lambda: all(_watches(watcher) for watcher in watchers), seconds_max=SET_UP_SECONDS_MAX)
        hosts = ",".join(watcher.address for watcher in watchers)
        url = f"redis+sentinel://:{password}@{hosts}/{SERVICE}/1?sentinel_password={other}"
        yield RedisSet(url, [master], [replica], watchers)


@asynccontextmanager
async def raw_client(url: str) -> AsyncIterator["redis.asyncio.Redis | redis.asyncio.RedisCluster"]:
    """Open a client of the library's own, of whatever a URL names."""
    place = read_redis_url(url)
    match place.kind:
        case "server":
            async with redis.asyncio.Redis.from_url(url) as client:
                yield client
        case "cluster":
            async with redis.asyncio.RedisCluster.from_url(place.urls[0]) as cluster_client:
                yield cluster_client
        case "sentinel":
            told = parse_url(place.urls[0])
            watcher = {"password": place.sentinel_password}
            watchers = Sentinel([(told["host"], told["port"])], sentinel_kwargs=watcher)  # type: ignore[no-untyped-call]  # it gives no types
            async with (
                watchers as found,
                found.master_for(place.service, password=told["password"], db=told["db"]) as client,
            ):
                yield client


async def all_names(client: "redis.asyncio.Redis | redis.asyncio.RedisCluster", pattern: str = "*") -> list[bytes]:
    """Return the names of all keys that fit, wherever they are."""
    everywhere = {"target_nodes": client.PRIMARIES} if isinstance(client, redis.asyncio.RedisCluster) else {}
    return [name for name in await client.keys(pattern, **everywhere) if isinstance(name, bytes)]


def _node(program: Path, folder: Path, bus: int, password: str, node_ms: int) -> Server:
    """Make a node whose port for other nodes, unlike its default, is none that connections get by themselves."""
    told = ["cluster-enabled yes", f"cluster-port {bus}", f"cluster-config-file nodes-{bus}.conf"]
    told += [f"cluster-node-timeout {node_ms}", "cluster-replica-validity-factor 0", "repl-diskless-sync-delay 0"]
    return Server(program, folder, *told, password=password)


def _start(servers: Sequence[Server], at_end: ExitStack) -> None:
    for each in servers:
        at_end.callback(each.kill)
        each.start()


def _told(server: Server, *command: str | int) -> str:
    with server.client() as client:
        return str(client.execute_command(*command))


def _information(server: Server, section: str) -> dict[str, str]:
    with server.client() as client:
        return {name: str(value) for name, value in client.info(section).items()}


def _knows_everyone(node: Server) -> bool:
    with node.client() as client:
        known = client.execute_command("CLUSTER NODES")
    return len(known) == 2 * MASTERS and all("handshake" not in each["flags"] for each in known.values())


def _is_whole(node: Server) -> bool:
    with node.client() as client:
        told_of = client.execute_command("CLUSTER INFO")
        return told_of["cluster_state"] == "ok" and int(told_of["cluster_size"]) == MASTERS


def follows(replica: Server) -> bool:
    """Tell whether a server is a replica that has caught up."""
    told_of = _information(replica, "replication")
    return told_of["role"] == "slave" and told_of["master_link_status"] == "up"


def _watches(watcher: Server) -> bool:
    """Tell whether a sentinel knows the replica and all other sentinels: before that it could not replace a master."""
    told_of = _information(watcher, "sentinel").get("master0", "")
    return "'slaves': 1" in told_of and f"'sentinels': {SENTINELS}" in told_of


def _hear_each_other(nodes: Sequence[Server]) -> bool:
    """Tell whether what is said to any node is heard at all: a young cluster loses messages while its links begin."""
    with ExitStack() as at_end:
        clients = [at_end.enter_context(node.client()) for node in nodes]
        heard = [at_end.enter_context(client.pubsub(ignore_subscribe_messages=True)) for client in clients]
        for subscription in heard:
            subscription.subscribe("probe")
            subscription.get_message(timeout=PROBE_SECONDS_MAX)  # its confirmation
        for client in clients:
            client.publish("probe", "")
        return all(subscription.get_message(timeout=PROBE_SECONDS_MAX) for subscription in heard for _ in nodes)
