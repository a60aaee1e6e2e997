"""A client that speaks bytes, and an application whose answers the test gives out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from boxoffice.http.request import Request
from boxoffice.http.server import Server
from tests.waiting import until

HOST = b"Host: x\r\n"


class Held:
    """An application that keeps requests until the test answers them; `echoes` answers at once."""

    def __init__(self, *, echoes: bool = True) -> None:
        self.requests: list[Request] = []
        self.left = 0
        self.go_on = asyncio.Event()
        self._echoes = echoes

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    def client_left(self) -> None:
        self.left += 1

    async def answer(self, request: Request) -> None:
        self.requests.append(request)
        if not self._echoes:
            await self.go_on.wait()
        request.respond(200, [("x-path", request.path)], b"none" if request.body is None else request.body)

    async def until_asked(self, times: int) -> None:
        await until(lambda: len(self.requests) == times)


class Wire:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self) -> bytes:
        """Return the next status line and headers."""
        return await self._reader.readuntil(b"\r\n\r\n")

    async def read(self, count: int) -> bytes:
        return await self._reader.readexactly(count)

    async def rest(self) -> bytes:
        """Return all that comes until the server closes."""
        return await self._reader.read()

    def leave(self) -> None:
        self._writer.transport.abort()

    def stop_sending(self) -> None:
        self._writer.write_eof()


@asynccontextmanager
async def served(application: Held, connections_max: int = 100) -> AsyncIterator[tuple[Server, int]]:
    """Serve within; yield the server and its port."""
    server = Server(application, connections_max)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield server, port
    finally:
        await server.stop(5)


def later(server: Server, seconds: float) -> None:
    """Let so much time pass for the server."""
    server.look_after(asyncio.get_running_loop().time() + seconds)


async def turned_to(port: int, times: int = 1) -> None:
    """Return when the server has turned to all its clients so often: what was sent before, it has read if it ever will.

    It reads what has come of all of them before it answers any.
    """
    for _ in range(times):
        async with wire_to(port) as other:
            await other.send(b"nonsense\r\n\r\n")
            await other.rest()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """Connect within."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
