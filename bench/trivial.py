"""A trivial route on the same server: it sends bytes it was given.

`python -m bench.trivial` serves and routes exactly as `boxoffice serve` does, and does nothing else. What it answers
comes from the variable ANSWER, so that it sends as many bytes, with the same headers, as the service's own answer.
"""

import os

import msgspec

from boxoffice.api.front import Paths
from boxoffice.http.request import Request
from boxoffice.serving import serve
from boxoffice.settings import load_settings

ANSWER = "BENCH_TRIVIAL_ANSWER"
READY = "/ready"
NOT_COPIED = {"content-length", "date", "server", "connection", "transfer-encoding"}


class TrivialAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A path and what is answered there."""

    path: str
    status: int
    headers: list[tuple[str, str]]
    body: str


class Trivial:
    """An application with two paths: one that is measured, and one that says that it is ready."""

    def __init__(self, answer: TrivialAnswer) -> None:
        headers = [(name.lower(), value) for name, value in answer.headers if name.lower() not in NOT_COPIED]
        self._paths = Paths({answer.path: (answer.status, headers, answer.body.encode()), READY: (200, [], b"ready")})

    async def open(self) -> None:
        """There is nothing to open."""

    def leave(self) -> None:
        """Nobody asks whether it is ready."""

    async def drain(self) -> None:
        """There is nothing to drain."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def answer(self, request: Request) -> None:
        """Answer one request."""
        found, _ = self._paths.find(request.path)
        status, headers, body = found or (404, [], b"")
        request.respond(status, headers, body)

    def client_left(self) -> None:
        """Nobody counts them."""


def create_application() -> Trivial:
    """Return the application, in a worker."""
    return Trivial(msgspec.json.decode(os.environ[ANSWER], type=TrivialAnswer))


if __name__ == "__main__":
    serve(load_settings(), "bench.trivial:create_application")
