"""A trivial route on the same server: it reads the request's body, where there is one, and sends bytes it was given.

`python -m bench.trivial` serves and routes exactly as `boxoffice serve` does, and does nothing else. What it answers
comes from the variable ANSWER, so that it sends as many bytes, with the same headers, as the service's own answer.
"""

import os

import msgspec

from boxoffice.api.front import Paths
from boxoffice.api.rsgi import Exchange, Scope
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

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request, after all of its body has come."""
        found, _ = self._paths.find(scope.path)
        status, headers, body = found or (404, [], b"")
        if scope.method == "POST":
            await exchange()
        exchange.response_bytes(status, headers, body)


def create_application() -> Trivial:
    """Return the application, in a worker."""
    return Trivial(msgspec.json.decode(os.environ[ANSWER], type=TrivialAnswer))


if __name__ == "__main__":
    serve(load_settings(), "bench.trivial:create_application")
