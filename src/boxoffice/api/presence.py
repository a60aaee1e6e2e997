"""Whether a client still waits for its answer, at no cost while the answer comes at once.

Modes: unwatched (nothing is asked of the server) -> watching (after WATCHED_AFTER_SECONDS) -> gone, or closed.
Asking the server costs another task there for each request, which only pays for requests that have to wait.
"""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.types import Receive

WATCHED_AFTER_SECONDS = 0.1

Message = MutableMapping[str, Any]  # ASGI's own type of a message


class Presence:
    """One client, from the moment its whole request was read until it is answered. Call close at the end.

    `on_gone` is called once, when it turns out that the client has left.
    """

    __slots__ = ("_gone", "_on_gone", "_receive", "_timer", "_watch")

    def __init__(self, receive: Receive, on_gone: Callable[[], None]) -> None:
        self._receive = receive
        self._on_gone = on_gone
        self._gone = False
        self._watch: asyncio.Future[Message] | None = None
        self._timer = asyncio.get_running_loop().call_later(WATCHED_AFTER_SECONDS, self._begin)

    def gone(self) -> bool:
        """Tell whether the client has left; false while nobody has looked."""
        return self._gone

    def close(self) -> None:
        """Stop watching. Repeatable."""
        self._timer.cancel()
        if self._watch is not None:
            self._watch.remove_done_callback(self._learn)
            self._watch.cancel()
            self._watch = None

    def _begin(self) -> None:
        self._watch = asyncio.ensure_future(self._receive())
        self._watch.add_done_callback(self._learn)

    def _learn(self, watch: asyncio.Future[Message]) -> None:
        """A message that is not the disconnect is the body's empty end: the next one tells."""
        if watch.cancelled():
            return
        if watch.exception() is None and watch.result()["type"] != "http.disconnect":
            self._begin()
        else:
            self._gone = True
            self._on_gone()
