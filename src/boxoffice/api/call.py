"""What a handler is given and what it answers: one request and one whole answer, without a framework's weight."""

from collections.abc import Sequence

import msgspec

from boxoffice.api.office import Office
from boxoffice.errors import InvalidRequest
from boxoffice.http.answers import header_lines
from boxoffice.http.request import Header, Request

CONTENT_TYPE = "content-type"
JSON = (CONTENT_TYPE, "application/json")
NO_CACHE = ("cache-control", "no-cache")
NO_STORE = ("cache-control", "no-store")
SECURITY = (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"))
"""Headers that every answer has."""

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
        """The client's address."""
        return self.request.client

    def client_gone(self) -> bool:
        """Tell whether the client has left."""
        return self.request.gone


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; the headers' names are in lower case. One that is sent again and again has its `header_lines`."""

    status: int
    body: bytes = b""
    headers: Sequence[Header] = ()
    header_lines: bytes | None = None


def lasting(answer: Answer) -> Answer:
    """Return the same answer with its headers encoded once, those included that every answer has."""
    return msgspec.structs.replace(answer, header_lines=header_lines([*answer.headers, *SECURITY]))


def json_answer(status: int, content: msgspec.Struct, *headers: Header) -> Answer:
    """Answer with a struct as JSON."""
    return Answer(status, _encoder.encode(content), (JSON, *headers))
