"""One path of the API: finds the handler of the method, answers, and turns errors into problems.

The only place that answers the server.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import structlog

from boxoffice.api.call import Answer, Call
from boxoffice.api.problems import problem_answer, unexpected_answer
from boxoffice.database import unreachable_as_overloaded
from boxoffice.errors import MethodNotAllowed, NotFound, Problem
from boxoffice.log import message_of

Handler: TypeAlias = Callable[[Call], Answer | Awaitable[Answer]]
"""Answers at once, or when awaited; raises a Problem either way."""

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

    async def answer(self, call: Call) -> None:
        """Answer one request."""
        handler = self._handlers.get(call.method)
        try:
            given = handler(call) if handler else self._wrong_method(call)
            answer = given if isinstance(given, Answer) else await given
        except Problem as problem:
            answer = problem_answer(problem, call.path)
        except Exception as error:
            answer = self._failed(error, call)
        call.office.metrics.count(self._path, call.method if handler else OTHER_METHOD, answer.status)
        send_answer(call, answer)

    def _wrong_method(self, call: Call) -> Answer:
        problem = MethodNotAllowed(f"This resource knows only {self._allow}.")
        return problem_answer(problem, call.path, allow=self._allow)

    def _failed(self, error: Exception, call: Call) -> Answer:
        """A database that is away makes the service overloaded; anything else is a fault of ours."""
        try:
            with unreachable_as_overloaded():
                raise error
        except Problem as problem:
            log.warning("database_away", route=self._path, method=call.method, error=message_of(error))
            return problem_answer(problem, call.path)
        except Exception:
            log.exception("unexpected_error", route=self._path, method=call.method)
            return unexpected_answer(call.path)


class Nowhere:
    """Every path that is none of the API's."""

    async def answer(self, call: Call) -> None:
        """Answer one request."""
        answer = problem_answer(NotFound("There is nothing at this path."), call.path)
        call.office.metrics.count(NOWHERE, OTHER_METHOD, answer.status)
        send_answer(call, answer)


def send_answer(call: Call, answer: Answer) -> None:
    """Send a whole answer, with the headers that every answer has."""
    call.request.respond(answer.status, answer.all_header_lines(), answer.body)
