"""A server behind a balancer: it reads and notes every request, and cuts the connection in place of some answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tests.waiting import pass_time, turn_of_the_loop, until

CUT = "/cut/"
"""A path that begins so is read, noted, and never answered; all others are answered 200."""
CUT_ONCE = "/cut-once/"
"""One that begins so is answered when it comes for the second time."""
SLOW = "/health/ready"
"""What asks whether the server is ready is answered after `slow_seconds`."""
WAITING = "/waiting/"
"""A path that begins so is answered once `answer` is set."""
STREAM = "/stream"
"""A path that begins so is answered by an event, and by another one once `answer` is set; what follows its question
mark is a header of that answer."""
EVENTS = (b"data: first\n\n", b"data: second\n\n")
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Upstream:
    """What has arrived: how often each method and path, at which ports, and the headers of each path's last request."""

    def __init__(self) -> None:
        self.answer = asyncio.Event()
        self.ports: dict[str, set[int]] = {}
        self.slow_seconds = 0.0
        self.arrived = Counter[tuple[str, str]]()
        self.headers: dict[str, Sequence[tuple[str, str]]] = {}
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until somebody ends it."""
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def end(self) -> None:
        """End all connections, and return once they are."""
        for writer in self._writers:
            writer.transport.abort()
        await until(lambda: not self._writers)
        await turn_of_the_loop()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read a request to its end; return whether it was answered."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *lines = head.rstrip("\r\n").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        await reader.readexactly(int(dict(headers).get("content-length", "0")))
        method, path, _ = request.split(" ")
        self.arrived[method, path] += 1
        self.headers[path] = headers
        self.ports.setdefault(path, set()).add(writer.get_extra_info("sockname")[1])
        if path.startswith(CUT) or (path.startswith(CUT_ONCE) and self.arrived[method, path] == 1):
            return False
        if path.startswith(STREAM):
            await self._stream(path, writer)
            return False
        if path == SLOW:
            await pass_time(self.slow_seconds)
        if path.startswith(WAITING):
            await self.answer.wait()
        writer.write(ANSWER)
        return True

    async def _stream(self, path: str, writer: asyncio.StreamWriter) -> None:
        """Answer by two events; the end of the connection ends the stream."""
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{path.partition('?')[2]}\r\n\r\n"
        writer.write(head.encode() + EVENTS[0])
        await self.answer.wait()
        writer.write(EVENTS[1])
        await writer.drain()
        writer.write_eof()


@asynccontextmanager
async def upstreams(count: int) -> AsyncIterator[tuple[Upstream, list[str]]]:
    """Serve at so many addresses within; what arrives at any of them is noted in one place."""
    upstream = Upstream()
    servers = [await asyncio.start_server(upstream.serve, "127.0.0.1") for _ in range(count)]
    try:
        yield upstream, ["{}:{}".format(*server.sockets[0].getsockname()[:2]) for server in servers]
    finally:
        for server in servers:
            server.close()
        await upstream.end()
