"""What a handler is given and what it answers: one request and one whole answer, without a framework's weight."""

from collections.abc import Mapping

import msgspec
from starlette.types import Receive, Scope

from boxoffice.api.office import Office
from boxoffice.errors import InvalidRequest

JSON = b"application/json"
NO_CACHE = (b"cache-control", b"no-cache")
NO_STORE = (b"cache-control", b"no-store")

_encoder = msgspec.json.Encoder()


class Call:
    """One request on its way through a handler."""

    __slots__ = ("_headers", "_twice", "office", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.office: Office = scope["state"]["office"]
        self._headers: dict[bytes, bytes] | None = None
        self._twice: set[bytes] = set()

    def segment(self, name: str) -> str:
        """Return a named segment of the path, decoded."""
        path: Mapping[str, str] = self.scope["path_params"]
        return path[name]

    def header(self, name: bytes) -> bytes | None:
        """Return a header that may be sent once, or None. Raises InvalidRequest when it is there twice."""
        if self._headers is None:
            self._headers = self._indexed()
        if name in self._twice:
            raise InvalidRequest(f"The header {name.decode()} is there more than once.")
        return self._headers.get(name)

    def _indexed(self) -> dict[bytes, bytes]:
        """Index the headers once: a handler asks for several."""
        indexed: dict[bytes, bytes] = {}
        for name, value in self.scope["headers"]:
            if name in indexed:
                self._twice.add(name)
            indexed[name] = value
        return indexed

    def headers(self, name: bytes) -> list[bytes]:
        """Return every value of a header; `name` in lower case."""
        return [value for other, value in self.scope["headers"] if other == name]

    @property
    def client(self) -> str:
        """The client's address, without its port."""
        client = self.scope.get("client")
        return str(client[0]) if client else "unknown"


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; the headers' names are in lower case."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = msgspec.field(default_factory=list)


def json_answer(status: int, content: msgspec.Struct, *headers: tuple[bytes, bytes]) -> Answer:
    """Answer with a struct as JSON."""
    return Answer(status, _encoder.encode(content), [(b"content-type", JSON), *headers])
