"""Noticing that a client has left: asked of the server only when the answer takes its time."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from boxoffice.api.presence import Presence
from tests.waiting import until

END = {"type": "http.request", "body": b"", "more_body": False}
LEFT = {"type": "http.disconnect"}


class Server:
    """A server's receive, which answers what the test puts in."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.asked = 0
        self.waiting = 0
        self.left = 0

    async def receive(self) -> MutableMapping[str, Any]:
        self.asked += 1
        self.waiting += 1
        try:
            return await self.messages.get()
        finally:
            self.waiting -= 1

    def count_left(self) -> None:
        self.left += 1


async def test_an_answer_that_comes_at_once_asks_the_server_nothing() -> None:
    server = Server()
    closed, other = Presence(server.receive, server.count_left), Presence(server.receive, server.count_left)
    closed.close()
    await until(lambda: server.asked == 1)
    other.close()
    await until(lambda: server.waiting == 0)
    assert (server.asked, closed.gone(), other.gone(), server.left) == (1, False, False, 0)


async def test_a_client_that_leaves_is_noticed_behind_the_end_of_its_body() -> None:
    server = Server()
    presence = Presence(server.receive, server.count_left)
    server.messages.put_nowait(END)
    await until(lambda: server.asked == 2)
    assert not presence.gone()
    server.messages.put_nowait(LEFT)
    await until(presence.gone)
    assert server.left == 1
    presence.close()
    presence.close()


async def test_a_server_that_fails_counts_as_a_client_that_left() -> None:
    server = Server()

    async def fail() -> MutableMapping[str, Any]:
        raise ConnectionResetError

    presence = Presence(fail, server.count_left)
    await until(presence.gone)
    presence.close()


async def test_after_the_end_nobody_is_missed() -> None:
    server = Server()
    presence = Presence(server.receive, server.count_left)
    await until(lambda: server.waiting == 1)
    server.messages.put_nowait(LEFT)
    presence.close()
    await until(lambda: server.waiting == 0)
    assert (presence.gone(), server.left) == (False, 0)
