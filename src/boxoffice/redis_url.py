"""Reading REDIS_URL: one server, the nodes of a cluster, or the sentinels that know which server is the master. Pure.

redis://[user:password@]host[:port][/database]                       one server; unix:///path/of/socket too
redis+cluster://[user:password@]host[:port][,host[:port]...]         some nodes of a cluster; the others are found
redis+sentinel://[user:password@]host[:port][,...]/service[/database] sentinels, and the name by which they know the set

rediss in place of redis goes by TLS. What stands behind a question mark are options of the client, for every server;
sentinel_username and sentinel_password are what the sentinels themselves want to hear.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlencode

import msgspec

from boxoffice.errors import CannotStart

Kind: TypeAlias = Literal["server", "cluster", "sentinel"]

KINDS: Mapping[str | None, Kind] = {None: "server", "cluster": "cluster", "sentinel": "sentinel"}
PORTS: Mapping[Kind, int] = {"server": 6379, "cluster": 6379, "sentinel": 26379}
OF_SENTINELS = ("sentinel_username", "sentinel_password")

_SCHEME = re.compile(r"(?P<plain>rediss?|unix)(?:\+(?P<kind>cluster|sentinel))?://", re.ASCII)
_PARTS = re.compile(r"(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<options>[^#]*))?")
_HOST = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\[\]:\s]+)(?::(?P<port>\d{1,5}))?", re.ASCII)
_DATABASE = re.compile(r"\d{1,6}", re.ASCII)


class RedisUrl(msgspec.Struct, frozen=True, kw_only=True):
    """What a URL says. `urls` are plain ones, one for each host, with all that a connection to it wants to know."""

    kind: Kind
    urls: Sequence[str]
    service: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = None

    @property
    def encrypted(self) -> bool:
        """Whether it goes by TLS."""
        return self.urls[0].startswith("rediss:")


def read_redis_url(url: str) -> RedisUrl:
    """Read a URL. Raises CannotStart, which says what is wrong and nothing of what the URL holds."""
    scheme = _SCHEME.match(url)
    if scheme is None or (scheme["plain"] == "unix" and scheme["kind"]):
        raise CannotStart("it begins with redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://")
    if scheme["plain"] == "unix":
        return RedisUrl(kind="server", urls=(url,))
    kind = KINDS[scheme["kind"]]
    parts = _PARTS.match(url, scheme.end())
    assert parts is not None  # noqa: S101 - the expression takes the empty text too
    options = parse_qsl(parts["options"] or "", keep_blank_values=True)
    told = dict(options)
    service, database = _service_and_database(kind, unquote(parts["path"]).strip("/"))
    credentials, at, hosts = parts["authority"].rpartition("@")
    query = urlencode([(name, value) for name, value in options if name not in OF_SENTINELS])
    tail = f"/{database}{'?' if query else ''}{query}"
    places = _places(kind, hosts)
    return RedisUrl(
        kind=kind,
        urls=(url,)
        if kind == "server"
        else tuple(f"{scheme['plain']}://{credentials}{at}{place}{tail}" for place in places),
        service=service,
        sentinel_username=told.get("sentinel_username"),
        sentinel_password=told.get("sentinel_password"),
    )


def _service_and_database(kind: Kind, path: str) -> tuple[str, str]:
    service, database = "", path
    if kind == "sentinel":
        service, _, database = path.partition("/")
        if not service:
            raise CannotStart("behind the sentinels stands the name of their service: /mymaster")
    database = database or "0"
    if not _DATABASE.fullmatch(database):
        raise CannotStart("a database is a whole number")
    if kind == "cluster" and int(database):
        raise CannotStart("a cluster has database 0 alone")
    return service, database


def _places(kind: Kind, hosts: str) -> Sequence[str]:
    """Return host:port of each; one that is named twice is asked once. A server alone may be left to the client."""
    if kind == "server" and not hosts:
        return ()
    found = [_HOST.fullmatch(host.strip()) for host in hosts.split(",")]
    if kind == "server" and len(found) > 1:
        raise CannotStart("several servers are a cluster, redis+cluster://, or a set with sentinels, redis+sentinel://")
    places: dict[str, None] = {}
    for number, place in enumerate(found, start=1):
        port = int(place["port"] or PORTS[kind]) if place else 0
        if place is None or not 1 <= port <= 65_535:
            raise CannotStart(f"host {number} of {len(found)} is no host[:port]")
        places[f"{place['host']}:{port}"] = None
    return tuple(places)
