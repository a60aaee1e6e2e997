"""A server without sockets: hands requests of httpx to an application as Granian does, and takes its answer.

What only shows behind sockets is in test_sockets.py: it holds this stand-in to the server that it stands in for.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import unquote

import httpx
from granian.rsgi import ProtocolClosed, ProtocolError

from boxoffice.api.rsgi import Exchange, Header, Scope

Application = Callable[[Scope, Exchange], Awaitable[None]]
READABLE = {"\t", *map(chr, range(0x20, 0x7F))}


class SentHeaders:
    """The headers of a request, by RSGI."""

    def __init__(self, sent: Sequence[tuple[bytes, bytes]]) -> None:
        self._sent = [(name.decode("ascii").lower(), value.decode("latin-1")) for name, value in sent]

    def __contains__(self, name: str, /) -> bool:
        return any(name == other for other, _ in self._sent)

    def get_all(self, name: str, /) -> list[str]:
        return [value for other, value in self._sent if other == name and set(value) <= READABLE]


class Request:
    """A request, by RSGI."""

    client = "127.0.0.1:50000"

    def __init__(
        self, method: str, target: bytes = b"/", headers: Sequence[tuple[bytes, bytes]] = (), client: str = client
    ) -> None:
        path, _, query = target.partition(b"?")
        self.method = method
        self.path = unquote(path.decode("ascii"), errors="replace")
        self.query_string = query.decode("ascii")
        self.headers = SentHeaders(headers)
        self.client = client


class Way:
    """A body on its way in, whole unless `broken`, and the answer on its way out."""

    def __init__(self, body: AsyncIterator[bytes] | None = None, *, broken: bool = False) -> None:
        self._body = body or nothing()
        self._broken = broken
        self._taken = False
        self.status: int | None = None
        self.headers: Sequence[Header] = ()
        self.content = b""

    def __call__(self) -> Awaitable[bytes]:
        self._take()
        return self._whole()

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._take()
        return self._body

    async def client_disconnect(self) -> None:
        await asyncio.Event().wait()

    def response_empty(self, status: int, headers: Sequence[Header]) -> None:
        assert self.status is None, "answered twice"
        self.status, self.headers = status, headers

    def response_bytes(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        self.response_empty(status, [*headers, ("content-length", str(len(body)))])
        self.content = body

    async def _whole(self) -> bytes:
        if self._broken:
            raise ProtocolClosed
        return b"".join([piece async for piece in self._body])

    def _take(self) -> None:
        if self._taken:
            raise ProtocolError
        self._taken = True


async def nothing() -> AsyncIterator[bytes]:
    """Yield the pieces of an empty body."""
    return
    yield b""


class Transport(httpx.AsyncBaseTransport):
    """Sends the requests of a client to an application in this process."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        way = Way(aiter(request.stream))
        await self._application(Request(request.method, request.url.raw_path, request.headers.raw), way)
        assert way.status is not None, "not answered"
        return httpx.Response(way.status, headers=list(way.headers), content=way.content)
