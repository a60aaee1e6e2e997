"""One buyer's connection to one service: HTTP/1.1 on a bare socket, so that 64 buyers cost little beside the service.

Modes: not connected, connected (kept alive between requests), cut (by either side; the next request connects anew).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from tests.conftest import ADMIN_TOKEN
from tests.waiting import turn_of_the_loop

ANSWER_SECONDS_MAX = 60.0
HEADER_BYTES_MAX = 65_536

Document = TypeVar("Document", bound=msgspec.Struct)


class Lost(Exception):  # noqa: N818 - it says what became of a request, and is no error of the client's
    """The connection ended before the answer came: whether the request was heard is unknown."""


class NotSent(Lost):
    """No connection came about: nothing was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer; the headers' names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read(self, kind: type[Document]) -> Document:
        """Return the body as a document; raises msgspec.ValidationError when it is another one."""
        return msgspec.json.decode(self.body, type=kind)


class Line:
    """A keep-alive connection for one request at a time, of someone who waits so long for an answer."""

    def __init__(self, url: str, patience_seconds: float = ANSWER_SECONDS_MAX) -> None:
        self.url = url
        self._patience_seconds = patience_seconds
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, content: object = None, **headers: str) -> Answer:
        """Send a request and return the answer. Raises Lost, or NotSent; the line may then be asked again."""
        try:
            async with asyncio.timeout(self._patience_seconds):
                await self.send(method, path, content, **headers)
                return await self.receive()
        except (OSError, asyncio.IncompleteReadError) as error:
            kind = NotSent if self._writer is None else Lost
            self.cut()
            raise kind(f"{method} {path}: {error!r}") from error

    async def admin(self, method: str, path: str, content: object = None) -> Answer:
        """Send an admin's request. Raises Lost."""
        return await self.ask(method, f"/admin{path}", content, authorization=f"Bearer {ADMIN_TOKEN}")

    async def send(self, method: str, path: str, content: object = None, **headers: str) -> None:
        """Send a request and leave the answer unread."""
        if self._writer is None:
            place = urlsplit(self.url)
            self._reader, self._writer = await asyncio.open_connection(
                place.hostname, place.port, limit=HEADER_BYTES_MAX
            )
        body = b"" if content is None else msgspec.json.encode(content)
        fields = {"host": "boxoffice", "content-type": "application/json", "content-length": str(len(body)), **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await self._writer.drain()

    async def receive(self) -> Answer:
        """Return the answer to the request sent last. Raises OSError or IncompleteReadError when there is none."""
        assert self._reader is not None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "") == "close":
            self.cut()
        return Answer(status=int(status_line.split()[1]), headers=headers, body=body)

    def cut(self) -> None:
        """End the connection at once, whatever is still on its way. Repeatable."""
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None


@asynccontextmanager
async def closing(lines: Sequence[Line]) -> AsyncIterator[None]:
    """Cut all lines at the end, and return once their sockets are closed."""
    try:
        yield
    finally:
        for line in lines:
            line.cut()
        await turn_of_the_loop()
