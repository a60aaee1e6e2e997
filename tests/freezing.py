"""A way to a server that can hang: what is sent is neither refused nor answered any more, as behind a dead switch."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import urlsplit

Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK_BYTES = 64 * 1024


class Way:
    """Leads to the server of a URL; `url` is its address here. `freeze` stops every byte, both ways, for good."""

    def __init__(self, url: str) -> None:
        self._there = urlsplit(url)
        self._passes = asyncio.Event()
        self._passes.set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._lead, "127.0.0.1")
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
        for writer in self._writers:
            writer.transport.abort()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        to_reader, to_writer = await asyncio.open_connection(self._there.hostname, self._there.port)
        self._writers.add(to_writer)
        for pumping in self._both_ways((reader, writer), (to_reader, to_writer)):
            pump = asyncio.create_task(pumping)
            self._pumps.add(pump)

    def _both_ways(self, client: Stream, server: Stream) -> Sequence[Coroutine[None, None, None]]:
        """Return what carries the bytes, each way."""
        return self._pump(client[0], server[1]), self._pump(server[0], client[1])

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while content := await reader.read(CHUNK_BYTES):
                await self._passes.wait()
                writer.write(content)
                await writer.drain()
        except ConnectionError:
            pass
        await self._passes.wait()
        writer.close()


@asynccontextmanager
async def way_to(url: str) -> AsyncIterator[Way]:
    """Open a way within."""
    way = Way(url)
    await way.open()
    try:
        yield way
    finally:
        await way.close()
