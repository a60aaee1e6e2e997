"""Problem documents (RFC 9457): the answer to every request that is not granted."""

from urllib.parse import quote

import msgspec

from boxoffice.api.call import CONTENT_TYPE, NO_STORE, Answer
from boxoffice.errors import BoxofficeError, MethodNotAllowed, Problem, Unauthorized

PROBLEM_JSON = (CONTENT_TYPE, "application/problem+json")
TYPES_BELOW = "/problems/"
PATH_CHARACTERS = "/:@!$&'()*+,;=~"  # RFC 3986: what a path may hold as it is, besides letters and digits
REALM = 'Bearer realm="boxoffice admin"'


def all_problems() -> tuple[type[Problem], ...]:
    """Return every problem that the service answers with, by status and name."""
    found = [kind for kind in Problem.__subclasses__() if kind.__module__ == BoxofficeError.__module__]
    return tuple(sorted(found, key=lambda kind: (kind.status, kind.slug)))


def problem_answer(problem: Problem, path: str, allow: str | None = None) -> Answer:
    """Answer with a problem, its extension members and the headers that its status needs."""
    document: dict[str, object] = {
        "type": TYPES_BELOW + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": quote(path, safe=PATH_CHARACTERS),
    }
    document.update(problem.extensions())
    headers = [PROBLEM_JSON, NO_STORE]
    if problem.retry_after_seconds is not None:
        headers.append(("retry-after", str(problem.retry_after_seconds)))
    if isinstance(problem, Unauthorized):
        headers.append(("www-authenticate", REALM))
    if isinstance(problem, MethodNotAllowed) and allow is not None:
        headers.append(("allow", allow))
    return Answer(problem.status, msgspec.json.encode(document), headers)


def unexpected_answer(path: str) -> Answer:
    """Answer for a fault of our own: nothing about it leaves the server, the log has it all."""
    document = {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The service met a fault of its own; it is written down in its log.",
        "instance": quote(path, safe=PATH_CHARACTERS),
    }
    return Answer(500, msgspec.json.encode(document), [PROBLEM_JSON, NO_STORE])
