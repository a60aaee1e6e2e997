"""A trivial route on the same server: it routes, reads the request's body and sends bytes that it was given.

`python -m bench.trivial` serves with Granian and Starlette exactly as `boxoffice serve` does. What it answers comes
from the variable ANSWER, so that it sends as many bytes, with the same headers, as the service's own answer.
"""

import os

import msgspec
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

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


class Fixed:
    """An ASGI endpoint that answers the same to everything."""

    def __init__(self, answer: TrivialAnswer) -> None:
        self._body = answer.body.encode()
        self._status = answer.status
        self._headers = [
            (name.lower().encode(), value.encode()) for name, value in answer.headers if name.lower() not in NOT_COPIED
        ]
        self._headers.append((b"content-length", str(len(self._body)).encode()))

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, after all of its body has come."""
        while (await receive()).get("more_body", False):
            pass
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body})


def create_application() -> Router:
    """Return the ASGI application, in a worker."""
    answer = msgspec.json.decode(os.environ[ANSWER], type=TrivialAnswer)
    ready = TrivialAnswer(path=READY, status=200, headers=[], body="ready")
    return Router([Route(each.path, Fixed(each)) for each in (answer, ready)], redirect_slashes=False)


if __name__ == "__main__":
    serve(load_settings(), "bench.trivial:create_application")
