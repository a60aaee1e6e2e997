"""What a connection asks of the server that it belongs to."""

import asyncio
from typing import TYPE_CHECKING, Protocol

from boxoffice.http.request import Application

if TYPE_CHECKING:
    from boxoffice.http.connection import Connection


class House(Protocol):
    """What a connection asks of the server that it belongs to; `now` and `date` are told anew once a second."""

    application: Application
    now: float
    date: bytes
    stopping: bool

    def opened(self, connection: "Connection") -> bool:
        """Take a connection in; false when there are too many."""
        ...

    def closed(self, connection: "Connection", unfinished: asyncio.Task[None] | None) -> None:
        """Let a connection go; its request may still be under way."""
        ...
