"""What a handler is given and what it answers: one request and one whole answer, without a framework's weight."""

from collections.abc import Sequence

import msgspec

from boxoffice.api.office import Office
from boxoffice.errors import InvalidRequest
from boxoffice.http.answers import NOTHING_ALLOWED, SECURITY, header_lines
from boxoffice.http.request import Header, Request

CONTENT_TYPE = "content-type"
JSON = (CONTENT_TYPE, "application/json")
NO_CACHE = ("cache-control", "no-cache")
NO_STORE = ("cache-control", "no-store")
PLAIN = header_lines([*SECURITY, NOTHING_ALLOWED])
"""What every answer that is no page has besides its own headers."""

_encoder = msgspec.json.Encoder()


class Call:
    """One request on its way through a handler; `segments` are those that its path's template names, in order."""

    __slots__ = ("method", "office", "path", "request", "segments")

    def __init__(self, office: Office, request: Request, segments: Sequence[str]) -> None:
        self.office = office
        self.request = request
        self.method = request.method
        self.path = request.path
        self.segments = segments

    def header(self, name: str) -> str | None:
        """Return a header that may be sent once, or None. Raises InvalidRequest when it is there twice or unreadable.

        `name` is in lower case, here and below.
        """
        try:
            given = self.request.header(name)
        except ValueError as error:
            raise InvalidRequest(f"The header {name} is there more than once.") from error
        if given is not None and not (given.isascii() and given.isprintable()):
            raise InvalidRequest(f"The header {name} is not visible ASCII.")
        return given

    def headers(self, name: str) -> Sequence[str]:
        """Return every value of a header, readable or not."""
        return self.request.headers(name)

    def has_header(self, name: str) -> bool:
        """Tell whether a header was sent, readable or not."""
        return self.request.has(name)

    @property
    def query_string(self) -> str:
        """The query, as it was sent."""
        return self.request.query_string

    @property
    def client(self) -> str:
        """What the client is counted by: its address, or the one that a trusted proxy tells."""
        proxies = self.office.proxies
        return proxies.client_of(self.request.client, self.request.headers(proxies.header))

    def client_gone(self) -> bool:
        """Tell whether the client has left."""
        return self.request.gone


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; the headers' names are in lower case. One that is sent again and again has its `header_lines`.

    `security` are the lines that keep browsers from doing more with it than they should; pages have others.
    """

    status: int
    body: bytes = b""
    headers: Sequence[Header] = ()
    header_lines: bytes | None = None
    security: bytes = PLAIN

    def all_header_lines(self) -> bytes:
        """Return its headers as they are sent, those included that every answer has."""
        return self.header_lines or header_lines(self.headers) + self.security


def lasting(answer: Answer) -> Answer:
    """Return the same answer with its headers encoded once, those included that every answer has."""
    return msgspec.structs.replace(answer, header_lines=answer.all_header_lines())


def page_security(policy: str) -> bytes:
    """Return the lines for a page that may do only what this policy lets it, in a window that no other host reaches."""
    return header_lines([*SECURITY, ("content-security-policy", policy), ("cross-origin-opener-policy", "same-origin")])


def json_answer(status: int, content: msgspec.Struct, *headers: Header) -> Answer:
    """Answer with a struct as JSON."""
    return Answer(status, _encoder.encode(content), (JSON, *headers))
