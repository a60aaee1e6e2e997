"""One connection: what it hands on, what it refuses, and in which order it answers."""

import pytest

from boxoffice.http import bounds
from boxoffice.http.request import BODY_BYTES_MAX, Request
from tests.http.raw import HOST, Held, Wire, served, wire_to
from tests.waiting import until

GET = b"GET / HTTP/1.1\r\n" + HOST


def post(path: bytes, body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, HOST, len(body), body)


async def answer_to(request: bytes, application: Held | None = None) -> bytes:
    """Send one request that ends its connection; return all that comes back."""
    async with served(application or Held()) as (_, port), wire_to(port) as wire:
        await wire.send(request)
        return await wire.rest()


async def test_a_request_is_handed_on_whole() -> None:
    application = Held()
    request = b"POST /a%20b/%c3%a4?q=%20 HTTP/1.1\r\nHOST: x\r\nX-One: 1 \r\nx-one: \xe4\xa0\r\nConnection: close\r\n"
    answer = await answer_to(request + b"Content-Length: 3\r\n\r\nabc", application)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nx-path: /a b/\xe4\r\ndate: ")
    assert answer.endswith(b"\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc")
    (handed,) = application.requests
    assert (handed.method, handed.path, handed.query_string) == ("POST", "/a b/ä", "q=%20")
    assert handed.headers("x-one") == ["1", "ä\xa0"]
    assert handed.headers("x-two") == []
    assert (handed.body, handed.client) == (b"abc", "127.0.0.1")


async def test_bytes_may_come_one_by_one() -> None:
    application = Held()
    request = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    async with served(application) as (_, port), wire_to(port) as wire:
        for byte in request:
            await wire.send(bytes([byte]))
        await wire.head()
        assert await wire.read(3) == b"abc"
    assert len(application.requests) == 1


async def test_headers_behind_a_body_are_left_out() -> None:
    application = Held()
    chunked = b"POST / HTTP/1.1\r\nHost: x\r\nx-one: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    await answer_to(chunked + b"1\r\na\r\n0\r\nx-one: 2\r\nx-two: 2\r\n\r\n", application)
    assert [application.requests[0].headers(name) for name in ("x-one", "x-two")] == [["1"], []]


@pytest.mark.parametrize(
    ("line", "path", "query"),
    [
        (b"GET http://other/events/1?a=b#c HTTP/1.1", "/events/1", "a=b"),
        (b"GET http://other HTTP/1.1", "/", ""),
        (b"OPTIONS * HTTP/1.1", "*", ""),
        (b"GET /%ff%2F HTTP/1.1", "/�/", ""),
        (b"GET /a?b?c HTTP/1.1", "/a", "b?c"),
    ],
)
async def test_targets(line: bytes, path: str, query: str) -> None:
    application = Held()
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(line + b"\r\n" + HOST + b"\r\n")
        await application.until_asked(1)
    assert (application.requests[0].path, application.requests[0].query_string) == (path, query)


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
@pytest.mark.parametrize("wish", [b"", b"Connection: close\r\n", b"Connection: keep-alive\r\n"])
async def test_connections_are_kept_as_the_client_wishes(version: bytes, wish: bytes) -> None:
    keeps = version == b"HTTP/1.1" and b"close" not in wish
    async with served(Held()) as (_, port), wire_to(port) as wire:
        await wire.send(b"GET / %b\r\n%b%b\r\n" % (version, HOST, wish))
        head = await wire.head()
        assert (b"connection: close" not in head) == keeps
        if keeps:
            await wire.send(GET + b"\r\n")
            assert (await wire.head()).startswith(b"HTTP/1.1 200")
        else:
            assert await wire.rest() == b""


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (GET + b"Host: y\r\n\r\n", 400),
        (GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (GET + b"Content-Length: -1\r\n\r\n", 400),
        (GET + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (GET + b"x: y\r\n z\r\n\r\n", 400),
        (GET + b"x: \x7f\r\n\r\n", 400),
        (GET.replace(b"\r\n", b"\n") + b"\n", 400),
        (b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http:// HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\na", 400),
        (b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000000\r\n\r\n", 400),
        (GET + b"Expect: miracles\r\n\r\n", 417),
        (GET + b"x: y\r\n" * bounds.HEADERS_MAX + b"\r\n", 431),
        (GET + b"x: " + b"y" * (2 * bounds.HEAD_BYTES_MAX + 300_000), 431),
        (b"GET /" + b"y" * (2 * bounds.HEAD_BYTES_MAX + 300_000), 431),
    ],
)
async def test_what_is_no_request_is_refused_and_the_connection_ends(request_: bytes, status: int) -> None:
    application = Held()
    answer = await answer_to(request_, application)
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert b'"status":%d' % status in answer
    assert b"x-content-type-options: nosniff\r\n" in answer
    assert b"content-security-policy: default-src 'none'" in answer
    assert b"connection: close" in answer
    assert application.requests == []


async def test_what_comes_behind_nonsense_is_not_read() -> None:
    """Whoever stands between could take it for another request than we do."""
    application = Held()
    answer = await answer_to(GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n" + GET + b"\r\n", application)
    assert answer.count(b"HTTP/1.1") == 1
    assert application.requests == []


async def test_nonsense_behind_a_request_costs_it_nothing() -> None:
    application = Held(echoes=False)
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(post(b"/1", b"a") + b"\x00\x00\r\n\r\n")
        await application.until_asked(1)
        application.go_on.set()
        answer = await wire.rest()
    assert answer.count(b"HTTP/1.1") == 1
    assert b"connection: close" in answer
    assert answer.endswith(b"\r\n\r\na")


async def test_a_body_of_just_the_largest_size_is_whole_and_a_larger_one_is_left_out() -> None:
    for size, body in ((BODY_BYTES_MAX, b"x" * BODY_BYTES_MAX), (BODY_BYTES_MAX + 1, b"none")):
        async with served(Held()) as (_, port), wire_to(port) as wire:
            await wire.send(post(b"/", b"x" * size) + post(b"/next", b"n"))
            await wire.head()
            assert await wire.read(len(body)) == body
            assert b"x-path: /next" in await wire.head()


@pytest.mark.parametrize("declares", [True, False])
async def test_a_body_without_end_is_cut_off_and_its_client_answered(declares: bool) -> None:
    head = b"POST / HTTP/1.1\r\n" + HOST
    head += b"Content-Length: 1000000000\r\n\r\n" if declares else b"Transfer-Encoding: chunked\r\n\r\n"
    piece = b"x" * 65_536 if declares else b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    async with served(Held()) as (_, port), wire_to(port) as wire:
        await wire.send(head + piece * (bounds.DRAINED_BYTES_MAX // 65_536 + 8))
        answer = await wire.rest()
    assert answer.endswith(b"connection: close\r\n\r\nnone")


CHUNKED = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begun", "more"),
    [(b"0\r\nx-one: ", b"x"), (b"0\r\n", b"x-one: 1\r\n"), (b"1;", b"x"), (b"", b"1\r\na\r\n")],
    ids=["header", "headers", "extension", "small chunks"],
)
async def test_what_stands_around_a_body_and_has_no_end_is_refused(begun: bytes, more: bytes) -> None:
    application = Held()
    answer = await answer_to(CHUNKED + begun + more * (1_000_000 // len(more)), application)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert application.requests == []


async def test_a_body_of_the_largest_size_may_come_in_many_chunks() -> None:
    size, chunks = 16, BODY_BYTES_MAX // 16
    async with served(Held()) as (_, port), wire_to(port) as wire:
        await wire.send(CHUNKED + (b"%x\r\n%b\r\n" % (size, b"x" * size)) * chunks + b"0\r\nx-one: 1\r\n\r\n")
        assert b"HTTP/1.1 200" in await wire.head()
        assert await wire.read(BODY_BYTES_MAX) == b"x" * BODY_BYTES_MAX


async def test_an_old_client_is_not_told_to_go_on() -> None:
    expecting = b"POST / HTTP/1.0\r\nExpect: %b\r\nContent-Length: 1\r\n\r\na"
    for expectation in (b"100-continue", b"miracles"):
        assert (await answer_to(expecting % expectation)).startswith(b"HTTP/1.1 200")


async def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    expecting = b"POST / HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    async with served(Held()) as (_, port), wire_to(port) as wire:
        await wire.send(expecting % 1)
        assert await wire.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await wire.send(b"a")
        assert (await wire.head()).startswith(b"HTTP/1.1 200")
    assert (await answer_to(expecting % 2_000_000)).endswith(b"\r\n\r\nnone")


async def test_an_upgrade_is_not_taken() -> None:
    asks = b"HOST: x\r\nConnection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nx-one: \xe4\r\n"
    posts = b"POST /1 HTTP/1.1\r\n" + asks + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    application = Held()
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(posts + b"1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n" + asks + b"\r\n" + GET + b"\r\n")
        assert await wire.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        for path, body in ((b"/1", b"a"), (b"/2", b""), (b"/", b"")):
            assert b"x-path: %b\r\n" % path in await wire.head()
            assert await wire.read(len(body)) == body
    assert [each.headers("x-one") for each in application.requests] == [["ä"], ["ä"], []]


@pytest.mark.parametrize("behind", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x81\x05hello"])
async def test_another_protocol_is_not_spoken(behind: bytes) -> None:
    answer = await answer_to(GET + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n" + behind)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer
    assert answer.count(b"HTTP/1.1") == 1


async def answers(wire: Wire, method: bytes) -> tuple[bytes, bytes]:
    """Return the head of the answer and whether a body came before that of the next request."""
    await wire.send(method + b" / HTTP/1.1\r\n" + HOST + b"\r\n" + GET + b"\r\n")
    return await wire.head(), await wire.head()


@pytest.mark.parametrize("status", [200, 204, 304])
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_bodies_are_left_out_where_they_must_be(status: int, method: bytes) -> None:
    class Answering(Held):
        async def answer(self, request: Request) -> None:
            request.respond(status, [], b"content")

    async with served(Answering()) as (_, port), wire_to(port) as wire:
        first, second = await answers(wire, method)
    assert (b"content-length: 7" in first) == (status == 200)
    has_body = method == b"GET" and status == 200
    assert second.startswith(b"contentHTTP/1.1" if has_body else b"HTTP/1.1")


async def test_clients_that_leave_are_told_of() -> None:
    application = Held(echoes=False)
    async with served(application) as (_, port):
        async with wire_to(port) as wire:
            await wire.send(post(b"/1", b"") + post(b"/2", b"") + b"POST /3 HTTP/1.1\r\n")
            await application.until_asked(1)
            assert not application.requests[0].gone
        await until(lambda: application.left == 3)
        assert application.requests[0].gone
        application.go_on.set()
        async with wire_to(port) as wire:
            wire.stop_sending()
            assert await wire.rest() == b""
    assert (application.left, len(application.requests)) == (3, 1)


async def test_a_client_that_says_it_sends_no_more_has_gone() -> None:
    application = Held(echoes=False)
    async with served(application) as (_, port), wire_to(port) as wire:
        await wire.send(post(b"/1", b""))
        await application.until_asked(1)
        wire.stop_sending()
        assert await wire.rest() == b""
        await until(lambda: application.requests[0].gone)
        assert application.left == 1
        application.go_on.set()
