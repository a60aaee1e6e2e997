"""Clients that do not read: however much of an answer waits for them, and wherever, they are given up."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from boxoffice.http import bounds
from boxoffice.http.connection import Connection
from boxoffice.http.request import Request
from boxoffice.http.server import Server
from tests.http.raw import HOST, Held, later, served, turned_to, wire_to
from tests.waiting import until

GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
CLOSING = GET[:-2] + b"Connection: close\r\n\r\n"
KERNEL_BYTES_MAX = 4_096
"""What the system is asked to keep for each side; it keeps a few times as much."""
PAUSE_BYTES = 64 * 1024
"""Where a transport asks to be written no more."""


class Generous(Held):
    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self._sizes = list(sizes)

    async def answer(self, request: Request) -> None:
        self.requests.append(request)
        request.respond(200, [], b"x" * (self._sizes.pop(0) if self._sizes else 0))


@asynccontextmanager
async def narrow(application: Held) -> AsyncIterator[tuple[Server, int, socket.socket]]:
    """Serve within, by a clock moved by hand; yield the server, its port, and a client that little is kept for."""
    loop, server = asyncio.get_running_loop(), Server(application, 100)
    server.look_after(loop.time())
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES_MAX)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES_MAX)
        listening = await loop.create_server(lambda: Connection(server), sock=listener)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.setblocking(False)
        port: int = listener.getsockname()[1]
        await loop.sock_connect(client, ("127.0.0.1", port))
        try:
            yield server, port, client
        finally:
            listening.close()
            await server.stop(5)


async def read_to_the_end(client: socket.socket, enough: int = 1_000_000) -> int:
    """Return how many bytes came before the end, or that they are enough."""
    count = 0
    try:
        while count <= enough and (data := await asyncio.get_running_loop().sock_recv(client, PAUSE_BYTES)):
            count += len(data)
    except ConnectionResetError:
        pass
    return count


@pytest.mark.parametrize("size", [50_000, 200_000])
@pytest.mark.parametrize("request_", [GET, CLOSING, GET + b"\x00\r\n\r\n"], ids=["kept", "closing", "deaf"])
async def test_a_client_that_reads_nothing_is_cut_off(request_: bytes, size: int) -> None:
    application = Generous(size)
    async with narrow(application) as (server, port, client):
        await asyncio.get_running_loop().sock_sendall(client, request_)
        await application.until_asked(1)
        await turned_to(port, 5)
        await until(lambda: len(server.connections) == 1)
        later(server, bounds.IDLE_SECONDS_MAX + 2)
        await until(lambda: not server.connections)
        assert await read_to_the_end(client) < size


@pytest.mark.parametrize(
    ("request_", "seconds"),
    [(GET, bounds.IDLE_SECONDS_MAX), (CLOSING, bounds.UNREAD_SECONDS_MAX)],
    ids=["kept", "closing"],
)
async def test_a_client_that_reads_no_more_is_cut_off(request_: bytes, seconds: float) -> None:
    """It reads until the transport may be written again, and then stops."""
    size = 3 * PAUSE_BYTES
    application = Generous(size)
    async with narrow(application) as (server, port, client):
        await asyncio.get_running_loop().sock_sendall(client, request_)
        await application.until_asked(1)
        read = 0
        while read < size - PAUSE_BYTES // 4:
            read += len(await asyncio.get_running_loop().sock_recv(client, 1_024))
        await turned_to(port, 5)
        await until(lambda: len(server.connections) == 1)
        later(server, seconds + 2)
        await until(lambda: not server.connections)
        assert read + await read_to_the_end(client) < size


async def test_a_client_that_closes_has_as_long_as_any_other_to_read() -> None:
    size = 3 * PAUSE_BYTES
    async with narrow(Generous(size)) as (server, port, client):
        await asyncio.get_running_loop().sock_sendall(client, CLOSING)
        await turned_to(port, 5)
        later(server, bounds.UNREAD_SECONDS_MAX - 2)
        assert await read_to_the_end(client) > size


@pytest.mark.parametrize("shift", range(0, 120, 20))
async def test_whatever_it_is_that_is_not_read(shift: int) -> None:
    """The write that is one too many may be that of an answer or that of a 100 Continue."""
    asking = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\na"
    application = Generous(PAUSE_BYTES + 2_000 + shift)
    async with narrow(application) as (server, port, client):
        await asyncio.get_running_loop().sock_sendall(client, GET)
        await application.until_asked(1)
        asked = 0
        while asked < len(application.requests):
            asked = len(application.requests)
            await asyncio.get_running_loop().sock_sendall(client, asking)
            await turned_to(port)
        later(server, bounds.UNREAD_SECONDS_MAX + 2)
        await until(lambda: not server.connections)


async def test_nothing_is_read_of_a_client_that_does_not_read() -> None:
    async with narrow(Generous(3 * PAUSE_BYTES)) as (server, port, client):
        for sent in (GET, b"G"):
            await asyncio.get_running_loop().sock_sendall(client, sent)
            await turned_to(port)
        later(server, bounds.UNREAD_SECONDS_MAX - 2)
        assert await read_to_the_end(client, 3 * PAUSE_BYTES) > 3 * PAUSE_BYTES


async def test_nothing_is_answered_to_a_client_that_does_not_read() -> None:
    application = Generous(20_000_000)
    async with served(application) as (server, port), wire_to(port) as wire:
        await wire.send(GET * 3)
        await application.until_asked(1)
        later(server, bounds.UNREAD_SECONDS_MAX + 2)
        await until(lambda: not server.connections)
    assert len(application.requests) == 1, "an answer was made while the one before it was not read"
