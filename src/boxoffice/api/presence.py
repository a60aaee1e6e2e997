"""Whether clients still wait for their answers, at next to no cost while answers come at once.

Modes of a client: unwatched (nothing is asked of the server) -> watched (once it has waited for a whole round) -> gone,
or closed. Asking the server costs a task there for each request, which only pays for requests that have to wait.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

ROUND_SECONDS = 0.05


class Presence:
    """One client, from the moment its whole request was read until it is answered. Call close at the end."""

    __slots__ = ("_gone", "_leaves", "_on_gone", "_watch")

    def __init__(self, leaves: Callable[[], Awaitable[None]], on_gone: Callable[[], None]) -> None:
        self._leaves: Callable[[], Awaitable[None]] | None = leaves
        self._on_gone = on_gone
        self._watch: asyncio.Task[None] | None = None
        self._gone = False

    def gone(self) -> bool:
        """Tell whether the client has left; false while nobody has looked."""
        return self._gone

    def close(self) -> None:
        """Stop watching. Repeatable."""
        self._leaves = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def watch(self) -> None:
        """Ask the server from now on, unless closed."""
        if self._leaves is not None:
            self._watch = asyncio.create_task(self._learn(self._leaves))

    async def _learn(self, leaves: Callable[[], Awaitable[None]]) -> None:
        with suppress(Exception):  # a way to the client that is broken leads to nobody
            await leaves()
        self._gone = True
        self._on_gone()


class Lookout:
    """All clients of a process that wait, from one timer; `on_gone` is called once for each that has left."""

    def __init__(self, on_gone: Callable[[], None]) -> None:
        self._on_gone = on_gone
        self._came: list[Presence] = []
        self._waited: list[Presence] = []
        self._looks = False

    def expect(self, leaves: Callable[[], Awaitable[None]]) -> Presence:
        """Return the presence of a client whose leaving `leaves` waits for."""
        presence = Presence(leaves, self._on_gone)
        self._came.append(presence)
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(ROUND_SECONDS, self._look)
        return presence

    def _look(self) -> None:
        for presence in self._waited:
            presence.watch()
        self._waited, self._came = self._came, []
        self._looks = bool(self._waited)
        if self._looks:
            asyncio.get_running_loop().call_later(ROUND_SECONDS, self._look)
