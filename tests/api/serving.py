"""A real server on loopback, in this process, for whatever answers requests."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from boxoffice.http.request import Request
from boxoffice.http.server import Server

STOP_SECONDS_MAX = 5.0


class Serving:
    """An application that is open already; it counts the clients that left."""

    def __init__(self, answer: Callable[[Request], Coroutine[None, None, None]]) -> None:
        self.answer = answer
        self.left = 0

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    def client_left(self) -> None:
        """Count it."""
        self.left += 1


@asynccontextmanager
async def serving(answer: Callable[[Request], Coroutine[None, None, None]]) -> AsyncIterator[str]:
    """Serve within; yield the URL."""
    server = Server(Serving(answer), 1_000)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.stop(STOP_SECONDS_MAX)
