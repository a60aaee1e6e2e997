"""The nodes of one database, any of which will do: connections are spread over them, and the loss of one is survived.

Modes of a node: in turn; resting, because it could not be reached a moment ago: it is tried only when no other answers.
`watch_forever` asks resting nodes whether they are back. Where there is one node only, nothing of this costs anything:
it is never resting, and nobody watches.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakSet

import asyncpg
import structlog

from boxoffice.database_hosts import DatabaseHosts
from boxoffice.jitter import one_of

CONNECT_SECONDS_MAX = 5.0
# Of several nodes one that hangs must not keep a buyer for as long as the only one may.
CONNECT_TO_ONE_OF_SEVERAL_SECONDS_MAX = 2.0
LOOK_SECONDS = 2.0
CANNOT_CONNECT = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError)

log = structlog.get_logger(__name__)


class DataNodes:
    """The nodes at these URLs, at least one. `pause_seconds` passes between two looks for those that rest."""

    def __init__(self, urls: Sequence[str], *, pause_seconds: float = LOOK_SECONDS) -> None:
        self.urls = tuple(urls)
        self._hosts = {url: DatabaseHosts(url) for url in self.urls}
        self._resting: set[str] = set()
        self._pause_seconds = pause_seconds
        # Many processes start at once: each begins with a node by chance.
        self._next = one_of(range(len(self.urls)))
        self._opened: defaultdict[str, WeakSet[asyncpg.Connection]] = defaultdict(WeakSet)
        self._on_return: list[Callable[[], Awaitable[None]]] = []

    @property
    def several(self) -> bool:
        """Whether there is more than one."""
        return len(self.urls) > 1

    @property
    def resting(self) -> frozenset[str]:
        """The URLs of those that could not be reached when they were last tried."""
        return frozenset(self._resting)

    def on_return(self, spread_anew: Callable[[], Awaitable[None]]) -> None:
        """Have this called whenever a node is back, to give it its share of the connections again."""
        self._on_return.append(spread_anew)

    async def connect(self, **told: object) -> asyncpg.Connection:
        """Open a connection to the next node in turn that answers. Raises what the driver raises of the last one.

        It takes what `asyncpg.connect` takes, but for the URL.
        """
        connection, _ = await self._connect(told)
        return connection

    async def connect_for_pool(self, dsn: str | None = None, **told: object) -> asyncpg.Connection:
        """Do so for a pool of the driver's own, which gives no URL and bears that a connection is cut at any time."""
        connection, url = await self._connect(told)
        if self.several:
            self._opened[url].add(connection)
        return connection

    async def watch_forever(self) -> None:
        """Look after the nodes that rest, until cancelled; return at once where there is one node only."""
        while self.several:
            await asyncio.sleep(self._pause_seconds)
            await self.look()

    async def look(self) -> None:
        """Try each node that rests; spread the connections anew when one is back."""
        back = [url for url in sorted(self._resting) if await self._answers(url)]
        if not back:
            return
        self._resting.difference_update(back)
        log.info("nodes_back", nodes=len(back), resting=len(self._resting))
        for spread_anew in self._on_return:
            await spread_anew()

    async def _connect(self, told: dict[str, object]) -> tuple[asyncpg.Connection, str]:
        if not self.several:
            return await self._connect_to(self.urls[0], CONNECT_SECONDS_MAX, told), self.urls[0]
        *first, last = self._in_turn()
        for url in first:
            try:
                return await self._connect_to(url, CONNECT_TO_ONE_OF_SEVERAL_SECONDS_MAX, told), url
            except CANNOT_CONNECT as error:
                self._rest(url, error)
        # One that rests is tried all the same, when nothing else answers.
        return await self._connect_to(last, CONNECT_TO_ONE_OF_SEVERAL_SECONDS_MAX, told), last

    def _in_turn(self) -> Sequence[str]:
        """Return all nodes, beginning with the next one; those that rest come last."""
        self._next = (self._next + 1) % len(self.urls)
        turned = self.urls[self._next :] + self.urls[: self._next]
        return sorted(turned, key=self._resting.__contains__)

    def _rest(self, url: str, error: BaseException) -> None:
        """Leave a node out. One that cannot be heard at all is not waited for on the connections that lead there."""
        if url not in self._resting:
            self._resting.add(url)
            log.warning("node_rests", node=self.urls.index(url), reason=type(error).__name__)
        if isinstance(error, OSError | TimeoutError):
            for connection in tuple(self._opened.pop(url, ())):
                connection.terminate()

    async def _answers(self, url: str) -> bool:
        try:
            connection = await self._connect_to(url, CONNECT_TO_ONE_OF_SEVERAL_SECONDS_MAX, {})
        except CANNOT_CONNECT:
            return False
        connection.terminate()
        return True

    async def _connect_to(self, url: str, seconds_max: float, told: dict[str, object]) -> asyncpg.Connection:
        return await self._hosts[url].connect(**{**told, "timeout": seconds_max})
