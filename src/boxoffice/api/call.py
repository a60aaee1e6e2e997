"""What a handler is given and what it answers: one request and one whole answer, without a framework's weight."""

from collections.abc import Sequence

import msgspec

from boxoffice.api.office import Office
from boxoffice.api.rsgi import Exchange, Header, Scope
from boxoffice.errors import InvalidRequest

CONTENT_TYPE = "content-type"
JSON = (CONTENT_TYPE, "application/json")
NO_CACHE = ("cache-control", "no-cache")
NO_STORE = ("cache-control", "no-store")

_encoder = msgspec.json.Encoder()


class Call:
    """One request on its way through a handler; `segments` are those that its path's template names, in order."""

    __slots__ = ("_headers", "_scope", "exchange", "method", "office", "path", "segments")

    def __init__(self, office: Office, scope: Scope, exchange: Exchange, path: str, segments: Sequence[str]) -> None:
        self.office = office
        self.exchange = exchange
        self.method = scope.method
        self.path = path
        self.segments = segments
        self._scope = scope
        self._headers = scope.headers

    def header(self, name: str) -> str | None:
        """Return a header that may be sent once, or None. Raises InvalidRequest when it is there twice or unreadable.

        `name` is in lower case, here and below.
        """
        if name not in self._headers:
            return None
        given = self._headers.get_all(name)
        if len(given) != 1:
            raise InvalidRequest(f"The header {name} is there more than once, or is not visible ASCII.")
        return given[0]

    def headers(self, name: str) -> Sequence[str]:
        """Return every readable value of a header."""
        return self._headers.get_all(name)

    def has_header(self, name: str) -> bool:
        """Tell whether a header was sent, readable or not."""
        return name in self._headers

    @property
    def query_string(self) -> str:
        """The query, as it was sent."""
        return self._scope.query_string

    @property
    def client(self) -> str:
        """The client's address, without its port."""
        return self._scope.client.rpartition(":")[0].strip("[]")


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; the headers' names are in lower case."""

    status: int
    body: bytes = b""
    headers: Sequence[Header] = ()


def json_answer(status: int, content: msgspec.Struct, *headers: Header) -> Answer:
    """Answer with a struct as JSON."""
    return Answer(status, _encoder.encode(content), (JSON, *headers))
