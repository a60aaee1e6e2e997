"""The connections of one process: listened for, bounded in number, and looked after once a second.

Modes: made, listening, closed to newcomers (who is connected is answered once more, and parted from), stopping (what is
under way is answered), stopped.
"""

import asyncio
import os
import socket
import time
from contextlib import suppress
from email.utils import formatdate

import structlog

from boxoffice.http.connection import Connection
from boxoffice.http.request import Application

BACKLOG_MAX = 4_096
TICK_SECONDS = 1.0
MARGIN_SECONDS = 0.001

log = structlog.get_logger(__name__)


class Server:
    """Serves one application on one event loop. `now` is the loop's time and `date` HTTP's, both of the latest tick."""

    def __init__(self, application: Application, connections_max: int) -> None:
        self.application = application
        self.stopping = False
        self._connections_max = connections_max
        self.connections: set[Connection] = set()
        self._unfinished: set[asyncio.Task[None]] = set()
        self._late: set[asyncio.Task[object]] = set()
        self._listener: asyncio.Server | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def listen(self, host: str, port: int, *, shares_port: bool = False) -> int:
        """Let clients in; return the port, chosen by the system when 0 was given. Raises OSError.

        Processes that share a port get about equally many of the connections each.
        """
        self._tick()
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(
            lambda: Connection(self), host, port, backlog=BACKLOG_MAX, reuse_port=shares_port or None
        )
        bound: int = self._listener.sockets[0].getsockname()[1]
        return bound

    def close_door(self) -> None:
        """Let nobody in any more, and part from those who are in with their next answers. Repeatable.

        Whoever had connected before is let in, taken yet or not: a request that has been sent must not be cut off.
        """
        listening = self._listener.sockets if self._listener is not None else ()
        same = [socket.socket(fileno=os.dup(each.fileno())) for each in listening]
        self._close_listener()
        for each in same:
            with each:
                self._let_in_all(each)

    async def stop(self, seconds_max: float) -> None:
        """Let nobody in any more, and answer what is under way, for a bounded time."""
        self._close_listener()
        under_way = [work for connection in tuple(self.connections) if (work := connection.stop())]
        if under_way:
            await asyncio.wait(under_way, timeout=seconds_max)
        if self._timer is not None:
            self._timer.cancel()

    def _close_listener(self) -> None:
        self.stopping = True
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _let_in_all(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                accepted, _ = listening.accept()
                accepted.setblocking(False)
                loop = asyncio.get_running_loop()
                task = loop.create_task(loop.connect_accepted_socket(lambda: Connection(self), accepted))
                self._late.add(task)
                task.add_done_callback(self._late.discard)

    def opened(self, connection: Connection) -> bool:
        """Take a connection in; false when there are too many."""
        self.connections.add(connection)
        return len(self.connections) <= self._connections_max

    def closed(self, connection: Connection, unfinished: asyncio.Task[None] | None) -> None:
        """Let a connection go; the loop alone would not keep what it still works on."""
        self.connections.discard(connection)
        if unfinished is not None:
            self._unfinished.add(unfinished)
            unfinished.add_done_callback(self._unfinished.discard)

    def look_after(self, now: float) -> None:
        """Take the time, in seconds of the loop's clock, and give up on clients whose deadline has passed."""
        self.now = now
        self.date = formatdate(usegmt=True).encode()
        for connection in [each for each in self.connections if each.deadline < now]:
            try:
                connection.expire()
            except Exception:  # All the others have deadlines, too.
                log.exception("client_not_given_up")

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        # Just behind the change of the second: the date that is sent is then never a second old.
        self._timer = loop.call_later(TICK_SECONDS - time.time() % TICK_SECONDS + MARGIN_SECONDS, self._tick)
        self.look_after(loop.time())
