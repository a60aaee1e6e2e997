"""RSGI, as much of it as this project speaks: what the server hands in with a request, and where the answer goes.

Granian's own objects have these shapes. A header whose value is not visible ASCII is there, but cannot be read.
"""

from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Protocol

from granian.rsgi import ProtocolClosed, ProtocolError

TRANSPORT_ENDED = (ProtocolClosed, ProtocolError)
"""What waiting for a body raises when the client has left."""

Header = tuple[str, str]


class Headers(Protocol):
    """The headers of a request; names are given in lower case."""

    def __contains__(self, name: str, /) -> bool:
        """Tell whether the header was sent, readable or not."""
        ...

    def get_all(self, name: str, /) -> list[str]:
        """Return every readable value of a header."""
        ...


class Scope(Protocol):
    """A request without its body. Each attribute is made anew whenever it is asked for."""

    @property
    def method(self) -> str:
        """The method, as it was sent."""
        ...

    @property
    def path(self) -> str:
        """The path, percent-decoded; bytes that are not UTF-8 are replaced."""
        ...

    @property
    def query_string(self) -> str:
        """The query, as it was sent; empty without one."""
        ...

    @property
    def client(self) -> str:
        """The client's address and port."""
        ...

    @property
    def headers(self) -> Headers:
        """The headers."""
        ...


class Exchange(Protocol):
    """The way to the client: its body, its leaving, and the answer, which is given once."""

    def __call__(self) -> Awaitable[bytes]:
        """Return the whole body, however large it is. Raises one of TRANSPORT_ENDED."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the body in pieces, some of them perhaps empty."""
        ...

    def client_disconnect(self) -> Awaitable[None]:
        """Return when the client has left."""
        ...

    def response_empty(self, status: int, headers: Sequence[Header]) -> None:
        """Answer without a body."""
        ...

    def response_bytes(self, status: int, headers: Sequence[Header], body: bytes) -> None:
        """Answer; the server adds the body's length."""
        ...
