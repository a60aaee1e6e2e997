"""A way to a server that can hang, be slow or be cut: what lies between two machines, in a few lines.

Modes of a way: passing, frozen (what is sent is neither refused nor answered any more, as behind a dead switch).
Besides, answers may be late, and a watch may cut single connections at a moment of its choice.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

CHUNK_BYTES_MAX = 64 * 1024
Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Fate(Enum):
    """What becomes of some bytes and of their connection."""

    PASS = "they pass"
    CUT = "the connection is cut, and they are lost"
    PASS_AND_CUT = "they pass, and the connection is cut at once"


class Watch(Protocol):
    """Sees all that one connection carries, in its order, and decides on its fate."""

    def goes(self, content: bytes) -> Fate:
        """Decide on bytes on their way to the server."""
        ...

    def comes(self, content: bytes) -> Fate:
        """Decide on bytes on their way back."""
        ...


class _Unwatched:
    def goes(self, content: bytes) -> Fate:
        return Fate.PASS

    def comes(self, content: bytes) -> Fate:
        return Fate.PASS


class Way:
    """Leads to the server of a URL; `url` is its address here. `freeze` stops every byte, both ways, for good.

    Answers are late by `late_seconds`. `watch` makes the watch of each connection.
    """

    late_seconds = 0.0

    def __init__(self, url: str, watch: Callable[[], Watch] = _Unwatched) -> None:
        self._there = urlsplit(url)
        self._watch = watch
        self._passes = asyncio.Event()
        self._passes.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def connections(self) -> int:
        """How many lead to the server now."""
        return len(self._writers) // 2

    async def open(self, port: int = 0) -> None:
        """Let connections in, at any free port or at this one."""
        self._server = await asyncio.start_server(self._lead, "127.0.0.1", port)
        port = self._server.sockets[0].getsockname()[1]
        credentials, _, _ = self._there.netloc.rpartition("@")
        self.url = self._there._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()

    def freeze(self) -> None:
        self._passes.clear()

    def thaw(self) -> None:
        self._passes.set()

    async def close(self) -> None:
        self._server.close()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._cut(*self._writers)

    async def reopen(self) -> None:
        """Let connections in again, at the address where it was closed."""
        port = urlsplit(self.url).port
        assert port is not None
        await self.open(port)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            to_reader, to_writer = await asyncio.open_connection(self._there.hostname, self._there.port)
        except OSError:
            self._cut(writer)
            return
        self._writers.add(to_writer)
        for carrying in self._both_ways((reader, writer), (to_reader, to_writer)):
            pump = asyncio.create_task(carrying)
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    def _both_ways(self, client: Stream, server: Stream) -> Sequence[Coroutine[None, None, None]]:
        """Return what carries the bytes, each way."""
        watch, both = self._watch(), (client[1], server[1])
        return self._go(client[0], server[1], watch, both), self._come(server[0], client[1], watch, both)

    async def _go(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        watch: Watch,
        both: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        while content := await self._read(reader):
            fate = watch.goes(content)
            if fate is not Fate.CUT:
                writer.write(content)
            if fate is not Fate.PASS:
                return self._cut(*both)
            await writer.drain()
        self._leave(writer)
        return None

    async def _come(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        watch: Watch,
        both: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        loop, due = asyncio.get_running_loop(), 0.0
        while content := await self._read(reader):
            if watch.comes(content) is not Fate.PASS:
                return self._cut(*both)
            # Each answer is late by itself, and none overtakes another when they are late no longer.
            due = max(due, loop.time() + self.late_seconds)
            loop.call_at(due, writer.write, content) if due > loop.time() else writer.write(content)
        loop.call_at(max(due, loop.time()), self._leave, writer)
        return None

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        """Return what came, once it may pass; nothing at the end of the connection, however it ended."""
        try:
            content = await reader.read(CHUNK_BYTES_MAX)
        except OSError:
            content = b""
        await self._passes.wait()
        return content

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        """Close one direction's end after what is still to be written."""
        self._writers.discard(writer)
        writer.close()

    def _cut(self, *writers: asyncio.StreamWriter) -> None:
        for writer in writers:
            self._writers.discard(writer)
            writer.transport.abort()


@asynccontextmanager
async def way_to(url: str, watch: Callable[[], Watch] = _Unwatched) -> AsyncIterator[Way]:
    """Open a way within."""
    way = Way(url, watch)
    await way.open()
    try:
        yield way
    finally:
        await way.close()
