"""The bytes of a connection: however they are cut into pieces they are the same requests, and another parser agrees."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import h11

from boxoffice.http.connection import Connection
from boxoffice.http.request import Application, Request

TURNS_MAX = 50


class Asked(NamedTuple):
    """A request as the application gets it."""

    method: str
    path: str
    body: bytes | None


class InMemory(asyncio.Transport):
    """A transport without a socket: it keeps what is sent, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.closed = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """There is nothing to pause."""

    def resume_reading(self) -> None:
        """There is nothing to resume."""


class Answering:
    """The application and the house of one connection: answers every request, and notes it down."""

    def __init__(self) -> None:
        self.application: Application = self
        self.now, self.date, self.stopping = 0.0, b"Sat, 01 May 2027 20:00:00 GMT", False
        self.asked: list[Asked] = []

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def answer(self, request: Request) -> None:
        self.asked.append(Asked(request.method, request.path, request.body))
        request.respond(200, (), b"")

    def client_left(self) -> None:
        """Nobody counts."""

    def opened(self, _: Connection) -> bool:
        return True

    def closed(self, _: Connection, unfinished: asyncio.Task[None] | None) -> None:
        """Nobody counts."""


_loop = asyncio.new_event_loop()


def check_wire(given: tuple[bytes, Sequence[int]]) -> None:
    """Bytes are the same requests whole and in pieces, and where h11 reads a first request it is the same one."""
    sent, cuts = given
    whole, (answers, _) = _loop.run_until_complete(_fed([sent]))
    in_pieces, _ = _loop.run_until_complete(_fed(_pieces(sent, cuts)))
    assert whole == in_pieces, (sent, cuts)
    assert answers.count(b"HTTP/1.1 ") <= len(whole) + 1 + answers.count(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 5" not in answers.replace(b"HTTP/1.1 501 ", b"").replace(b"HTTP/1.1 505 ", b"")
    other = _first_by_h11(sent)
    if other is not None and whole and other[0] == whole[0].method:
        assert other[1] == whole[0].body, (sent, other, whole)


async def _fed(pieces: Sequence[bytes]) -> tuple[Sequence[Asked], tuple[bytes, bool]]:
    """Feed pieces to a connection, each after all that the one before it led to."""
    house, transport = Answering(), InMemory()
    connection = Connection(house)
    connection.connection_made(transport)
    for piece in pieces:
        if not transport.closed:
            connection.data_received(piece)
            await _until_quiet()
    connection.connection_lost(None)
    return house.asked, (transport.sent, transport.closed)


async def _until_quiet() -> None:
    for _ in range(TURNS_MAX):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if not others:
            return
        await asyncio.wait(others)
    raise AssertionError("it goes on for ever")


def _pieces(sent: bytes, cuts: Sequence[int]) -> Sequence[bytes]:
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    return [sent[begin:end] for begin, end in pairwise(places)]


def _first_by_h11(sent: bytes) -> tuple[str, bytes] | None:
    """Return method and body of the first request as another parser reads it; None where it sees none, or no end."""
    parser, method, body = h11.Connection(h11.SERVER), "", b""
    try:
        parser.receive_data(sent)
        while True:
            event = parser.next_event()
            if isinstance(event, h11.Request):
                method = event.method.decode()
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return method, body
            else:
                return None
    except h11.RemoteProtocolError:
        return None
