"""Requests that are sent before the answers to those in front of them."""

import asyncio

import pytest

from boxoffice.http import bounds
from tests.http.raw import HOST, Held, served, turned_to, wire_to
from tests.waiting import until

GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
SMALLEST = b"GET / HTTP/1.1\r\nHost:\r\n\r\n"
TURNS = 50


async def test_requests_that_come_at_once_are_answered_one_after_the_other() -> None:
    application = Held(echoes=False)
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(b"".join(posted(number, b"x" * number) for number in range(3)))
        await application.until_asked(1)
        application.go_on.set()
        for number in range(3):
            assert b"x-path: /%d\r\n" % number in await wire.head()
            assert await wire.read(number) == b"x" * number


def posted(number: int, body: bytes) -> bytes:
    return b"POST /%d HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (number, HOST, len(body), body)


async def test_no_more_is_read_than_may_wait_for_an_answer() -> None:
    application = Held(echoes=False)
    many = 5_000
    padded = GET[:-2] + b"x-padding: " + b"x" * 1_000 + b"\r\n\r\n"
    async with served(application) as (_, port), wire_to(port) as wire:
        sending = asyncio.create_task(wire.send(padded * many))
        await application.until_asked(1)
        await turned_to(port, TURNS)
        assert not sending.done(), "five megabytes were read of a client that had not been answered"
        application.go_on.set()
        for _ in range(many):
            await wire.head()
        await sending
    assert len(application.requests) == many


@pytest.mark.parametrize("writes", [1, 9_000 // bounds.PIPELINED_MAX])
async def test_no_more_requests_wait_than_may_however_small_they_are(writes: int) -> None:
    assert len(SMALLEST) == bounds.REQUEST_BYTES_MIN
    application = Held(echoes=False)
    async with served(application) as (server, port), wire_to(port) as wire:
        for _ in range(writes):
            await wire.send(SMALLEST * (9_000 // writes))
            if writes > 1:
                await turned_to(port)
        await application.until_asked(1)
        await turned_to(port, TURNS)
        (crowded,) = [each for each in server.connections if each.deadline == bounds.NEVER]
        crowded.expire()
        await until(lambda: not server.connections)
        application.go_on.set()
    assert 2 < application.left <= 1 + bounds.PIPELINED_MAX + 1, "one is answered, some wait, one has begun"


async def test_requests_that_were_held_back_are_all_answered_in_their_order() -> None:
    application = Held()
    many, body = 2_000, b"x" * 3
    async with served(application) as (_, port), wire_to(port) as wire:
        # One in a hundred is too large to be read at once.
        sizes = [len(body) if number % 100 else bounds.PIECE_BYTES_MAX * 2 for number in range(many)]
        sending = asyncio.create_task(wire.send(b"".join(posted(each, b"x" * size) for each, size in enumerate(sizes))))
        for number, size in enumerate(sizes):
            assert b"x-path: /%d\r\n" % number in await wire.head()
            assert await wire.read(size) == b"x" * size
        await sending
        await wire.send(GET)
        assert (await wire.head()).startswith(b"HTTP/1.1 200")


async def test_nonsense_behind_what_was_held_back_costs_it_nothing() -> None:
    application = Held()
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(GET * 500 + b"\x00\r\n\r\n" + GET * 500)
        answer = await wire.rest()
    assert answer.count(b"HTTP/1.1 200") == len(application.requests) == 500
    assert answer.count(b"connection: close") == 1


async def test_what_was_held_back_is_dropped_behind_an_answer_that_closes() -> None:
    application = Held()
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 500)
        answer = await wire.rest()
    assert answer.count(b"HTTP/1.1 200") == len(application.requests) == 1
