"""One path of the API as an ASGI application: finds the handler of the method, answers, and turns errors into problems.

The only place that talks ASGI back to the server.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import structlog
from starlette.types import Receive, Scope, Send

from boxoffice.api.bodies import ClientGone
from boxoffice.api.call import Answer, Call
from boxoffice.api.problems import problem_answer, unexpected_answer
from boxoffice.database import unreachable_as_overloaded
from boxoffice.errors import MethodNotAllowed, NotFound, Problem

Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]

SECURITY = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
WITHOUT_LENGTH = {204, 304}
OTHER_METHOD = "other"
NOWHERE = "none"

log = structlog.get_logger(__name__)


class Resource:
    """One path with its methods; HEAD answers as GET does, without the body."""

    def __init__(self, path: str, handlers: Mapping[str, Handler]) -> None:
        self._path = path
        self._handlers = dict(handlers)
        if "GET" in self._handlers:
            self._handlers.setdefault("HEAD", self._handlers["GET"])
        self._allow = ", ".join(sorted(self._handlers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method: str = scope["method"]
        handler = self._handlers.get(method)
        call = Call(scope, receive)
        try:
            answer = await handler(call) if handler else self._wrong_method(scope)
        except ClientGone:
            call.office.metrics.count_gone()
            return
        except Problem as problem:
            answer = problem_answer(problem, scope["path"])
        except Exception as error:
            answer = self._failed(error, scope)
        call.office.metrics.count(self._path, method if handler else OTHER_METHOD, answer.status)
        await send_answer(send, answer, without_body=method == "HEAD")

    def _wrong_method(self, scope: Scope) -> Answer:
        problem = MethodNotAllowed(f"This resource knows only {self._allow}.")
        return problem_answer(problem, scope["path"], allow=self._allow)

    def _failed(self, error: Exception, scope: Scope) -> Answer:
        """A database that is away makes the service overloaded; anything else is a fault of ours."""
        try:
            with unreachable_as_overloaded():
                raise error
        except Problem as problem:
            log.warning("database_away", route=self._path, method=scope["method"], error=str(error))
            return problem_answer(problem, scope["path"])
        except Exception:
            log.exception("unexpected_error", route=self._path, method=scope["method"])
            return unexpected_answer(scope["path"])


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer for every path that is no route."""
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1000})
        return
    answer = problem_answer(NotFound("There is nothing at this path."), scope["path"])
    Call(scope, receive).office.metrics.count(NOWHERE, OTHER_METHOD, answer.status)
    await send_answer(send, answer, without_body=scope["method"] == "HEAD")


async def send_answer(send: Send, answer: Answer, *, without_body: bool) -> None:
    """Send a whole answer, with the headers that every answer has."""
    headers = [*answer.headers, *SECURITY]
    if answer.status not in WITHOUT_LENGTH:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if without_body else answer.body})
