"""All connections of a process: their number, their deadlines, and their end."""

import asyncio
import socket
import time
from email.utils import parsedate_to_datetime

import pytest

from boxoffice.http import bounds
from boxoffice.http.connection import Connection
from boxoffice.http.server import Server
from tests.http.raw import HOST, Held, later, served, turned_to, wire_to
from tests.waiting import until

GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize("sent", [b"", GET])
async def test_an_idle_connection_is_kept_for_a_while(sent: bytes) -> None:
    async with served(Held()) as (server, port), wire_to(port) as wire:
        await wire.send(GET + sent)
        await wire.head()
        later(server, bounds.IDLE_SECONDS_MAX - 5)
        await wire.send(GET)
        await wire.head()
        if sent:
            await wire.head()
        later(server, 2 * bounds.IDLE_SECONDS_MAX + 5)
        assert await wire.rest() == b""


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"G", b"E"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nx", b"y"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123", b"4"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y", b"z"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 9\r\n\r", b"\n1"),
    ],
)
async def test_a_request_that_does_not_end_is_given_up_however_steadily_it_comes(begun: bytes, more: bytes) -> None:
    application = Held()
    async with served(application) as (server, port), wire_to(port) as wire:
        await wire.send(GET)
        await wire.head()
        await wire.send(begun)
        await received(server)
        later(server, bounds.REQUEST_SECONDS_MAX - 2)
        await wire.send(more)
        await turned_to(port)
        later(server, bounds.REQUEST_SECONDS_MAX + 2)
        async with asyncio.timeout(bounds.REQUEST_SECONDS_MAX / 2):
            answer = await wire.rest()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert len(application.requests) == 1


async def received(server: Server) -> None:
    """Return once a request has begun to arrive: from then on its deadline is near."""
    near = asyncio.get_running_loop().time() + bounds.REQUEST_SECONDS_MAX + 1
    await until(lambda: any(each.deadline < near for each in server.connections))


async def test_the_application_may_take_its_time() -> None:
    application = Held(echoes=False)
    async with served(application) as (server, port), wire_to(port) as wire:
        await wire.send(GET)
        await application.until_asked(1)
        later(server, 3_600)
        application.go_on.set()
        assert (await wire.head()).startswith(b"HTTP/1.1 200")


async def test_a_client_that_cannot_be_given_up_costs_no_other_its_deadline() -> None:
    class Broken(Connection):
        deadline = -1.0

        def expire(self) -> None:
            raise OSError("broken")

    async with served(Held()) as (server, port), wire_to(port) as wire:
        await wire.send(GET)
        await wire.head()
        broken = Broken(server)
        server.connections.add(broken)
        later(server, 2 * bounds.IDLE_SECONDS_MAX)
        assert await wire.rest() == b""
        server.connections.remove(broken)


async def test_time_goes_on_behind_a_fault() -> None:
    class Faulty(Server):
        looks = 0

        def look_after(self, now: float) -> None:
            super().look_after(now)
            self.looks += 1
            if self.looks == 2:
                raise OSError("broken")

    heard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context.get("exception")))
    server = Faulty(Held(), 100)
    await server.listen("127.0.0.1", 0)
    await until(lambda: server.looks > 2)
    await server.stop(5)
    assert [type(each) for each in heard] == [OSError]


async def test_a_connection_too_many_hears_so() -> None:
    async with served(Held(), connections_max=1) as (server, port), wire_to(port) as first:
        await first.send(GET)
        await first.head()
        async with wire_to(port) as second:
            refusal = await second.head()
            assert refusal.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: 1\r\n" in refusal
        await until(lambda: len(server.connections) == 1)
        await first.send(GET)
        assert (await first.head()).startswith(b"HTTP/1.1 200")


async def test_one_that_was_refused_is_not_waited_for() -> None:
    async with served(Held()) as (server, port), wire_to(port) as wire:
        await wire.send(b"nonsense\r\n\r\n")
        await wire.head()
        later(server, bounds.DEAF_SECONDS_MAX + 2)
        await until(lambda: not server.connections)


async def test_stopping_answers_what_is_under_way_and_closes_the_rest() -> None:
    application = Held(echoes=False)
    async with served(application) as (server, port), wire_to(port) as idle, wire_to(port) as busy:
        await busy.send(GET * 2)
        await application.until_asked(1)
        stopping = asyncio.create_task(server.stop(5))
        assert await idle.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not stopping.done()
        application.go_on.set()
        answer = await busy.rest()
        assert answer.count(b"HTTP/1.1 200") == 1
        assert b"connection: close" in answer
        await stopping


async def test_behind_a_closed_door_all_who_had_come_are_answered_once_more() -> None:
    """Those too whom the server has not taken in yet: no turn of the loop lies between their coming and the closing."""
    async with served(Held()) as (server, port), wire_to(port) as before:
        await before.send(GET)
        await before.head()
        late = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
        for each in late:
            each.sendall(GET)
        server.close_door()
        server.close_door()
        for each in late:
            reader, writer = await asyncio.open_connection(sock=each)
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"connection: close" in answer
            writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await before.send(GET)
        assert b"connection: close" in await before.rest()
        await until(lambda: not server.connections)


async def test_stopping_takes_no_longer_than_it_may() -> None:
    application = Held(echoes=False)
    async with served(application) as (server, port), wire_to(port) as wire:
        await wire.send(GET)
        await application.until_asked(1)
        await server.stop(0.05)
        application.go_on.set()
        assert (await wire.head()).startswith(b"HTTP/1.1 200")


async def test_the_date_is_that_of_the_second() -> None:
    async with served(Held()) as (_, port), wire_to(port) as wire:
        second = int(time.time())
        await until(lambda: int(time.time()) > second and time.time() % 1 > 0.05)
        now = time.time()
        await wire.send(GET)
        head = (await wire.head()).decode()
        sent = parsedate_to_datetime(head.split("date: ")[1].split("\r\n")[0]).timestamp()
    assert int(now) <= sent <= time.time()
