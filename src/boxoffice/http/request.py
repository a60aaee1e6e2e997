"""One request, whole, and the way its answer takes.

An application is handed requests that have arrived with all of their body, one at a time from each connection.
"""

from collections.abc import Coroutine, Sequence
from typing import Protocol, TypeAlias
from urllib.parse import unquote

import httptools

BODY_BYTES_MAX = 64 * 1024

Header: TypeAlias = tuple[str, str]
Headers: TypeAlias = Sequence[Header] | bytes
"""Headers of an answer, or what answers.header_lines has made of them."""


class Request:
    """One request. Names of headers are in lower case; values are as they were sent, each byte one character.

    `path` is percent-decoded, and what is not UTF-8 in it replaced; `query_string` is as it was sent. `body` is None
    when it was larger than BODY_BYTES_MAX. `gone` becomes true when the client leaves before it is answered.
    """

    __slots__ = (
        "_headers", "_latest", "_way", "body", "client", "gone", "keeps_alive", "method", "path", "query_string",
    )  # fmt: skip

    def __init__(
        self,
        way: "WayBack",
        *,
        method: str,
        target: bytes,
        headers: Sequence[Header] = (),
        body: bytes | None = b"",
        client: str = "",
        keeps_alive: bool = True,
    ) -> None:
        """Read the target. Raises ValueError when it is none."""
        self._way = way
        self.method = method
        self.path, self.query_string = _path_and_query(target)
        self._headers = headers
        self._latest: dict[str, str] | None = None
        self.body = body
        self.client = client
        self.keeps_alive = keeps_alive
        self.gone = False

    def headers(self, name: str) -> Sequence[str]:
        """Return every value of a header, in order."""
        return [value for other, value in self._headers if other == name]

    def has(self, name: str) -> bool:
        """Tell whether a header was sent."""
        if self._latest is None:
            self._latest = dict(self._headers)
        return name in self._latest

    def header(self, name: str) -> str | None:
        """Return the value of a header, None when it was not sent. Raises ValueError when it was sent twice."""
        if self._latest is None:
            self._latest = dict(self._headers)
        value = self._latest.get(name)
        if value is not None and len(self._latest) != len(self._headers) and len(self.headers(name)) > 1:
            raise ValueError(f"the header {name} was sent more than once")
        return value

    def respond(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer, once. The length is added where the status and the method want one; HEAD gets no body."""
        self._way.send(self, status, headers, body)


class WayBack(Protocol):
    """Where answers go."""

    def send(self, request: Request, status: int, headers: Headers, body: bytes) -> None:
        """Send the answer to a request."""
        ...


class Application(Protocol):
    """What a server serves: opened before the first request, closed behind the last one."""

    async def open(self) -> None:
        """Open everything that requests need."""
        ...

    async def close(self) -> None:
        """Close it."""
        ...

    def answer(self, request: Request) -> Coroutine[None, None, None]:
        """Answer a request, when awaited: nothing is raised, and `request.respond` is called once."""
        ...

    def client_left(self) -> None:
        """Hear that a client left before its request was answered."""
        ...


def head_bytes(method: bytes, target: bytes, version: str, headers: Sequence[Header]) -> bytes:
    """Return a head as it is sent."""
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version.encode(), "".join(lines).encode("latin-1"))


def _path_and_query(target: bytes) -> tuple[str, str]:
    if not target.startswith(b"/") and target != b"*":
        target = _within_host(target)
    path, _, query = target.partition(b"?")
    text = path.decode("utf-8", "replace")
    return (unquote(text, errors="replace") if "%" in text else text), query.decode("latin-1")


def _within_host(target: bytes) -> bytes:
    """Return what an absolute target names within its host (RFC 9112, 3.2.2)."""
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError as error:
        raise ValueError("the target of the request is none") from error
    path = url.path or b"/"
    return path if url.query is None else path + b"?" + url.query
