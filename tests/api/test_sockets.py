"""What only shows behind real sockets: connections that are kept, bodies that are too large."""

import json
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.api.scrape import scrape
from tests.api.shop import BEARER, DATE, TIME, lines, new_event
from tests.clients import client_to
from tests.conftest import Service, StartServices
from tests.waiting import until

HOLD = f"/events/1/{DATE}/{TIME}"


@pytest.fixture
async def service(services: StartServices) -> Service:
    """One real service, and an event of a thousand tickets in it."""
    (started,) = await services()
    async with client_to(f"{started.url}/admin", headers=BEARER) as client:
        assert (await client.post("/ticket-types", json={"name": "Adult"})).status_code == 201
        assert (await client.post("/events", json=new_event(maxTickets=1_000))).status_code == 201
    return started


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client with one kept connection."""
    async with client_to(service.url, connections_max=1) as opened:
        yield opened


async def test_a_connection_carries_many_requests(service: Service) -> None:
    body = json.dumps(lines({1: 1})).encode()
    request = (
        f"POST {HOLD} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    last = b"HEAD /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request * 3 + last)
        answers = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert answers.count(b"HTTP/1.1 201 Created") == 3
    head = answers.rpartition(b"HTTP/1.1 200 OK")[2]
    assert b"content-length: " in head
    assert head.endswith(b"\r\n\r\n")


def raw(line: str, *headers: bytes, body: bytes = b"") -> bytes:
    """Return a request, byte by byte; it asks for the end of the connection."""
    return b"\r\n".join([line.encode(), b"Host: x", b"Connection: close", *headers, b"", body])


def status_of(service: Service, request: bytes) -> int:
    """Send bytes and return the status of the answer."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(answer.split(b" ")[1])


async def test_hostile_paths_lead_nowhere(service: Service) -> None:
    known = {
        "GET /events/%31 HTTP/1.1": 200,
        "GET http://other/events/1 HTTP/1.1": 200,
        "GET /events/1%2F2027-01-01%2F20:00 HTTP/1.1": 405,
        "GET /events/1? HTTP/1.1": 200,
        "GET /events/%ff HTTP/1.1": 404,
        "GET /events/%00 HTTP/1.1": 404,
        "GET /events/1%0A HTTP/1.1": 404,
        "GET /events%0A HTTP/1.1": 404,
        "GET //events HTTP/1.1": 404,
        "GET /events/ HTTP/1.1": 404,
        "GET /./events HTTP/1.1": 404,
        "GET /docs/..%2f..%2fopenapi.json HTTP/1.1": 404,
        "OPTIONS * HTTP/1.1": 404,
    }
    assert {line: status_of(service, raw(line)) for line in known} == known


async def test_a_header_that_cannot_be_read_is_not_left_out(service: Service) -> None:
    body = json.dumps(lines({1: 1})).encode()
    declared = b"Content-Type: application/json", b"Content-Length: %d" % len(body)
    for key, status in ((b"k", 201), (b"\xc3\xa4", 422), (b"", 422), (b"a b", 422)):
        request = raw(f"POST {HOLD} HTTP/1.1", *declared, b"Idempotency-Key: " + key, body=body)
        assert status_of(service, request) == status, key


async def test_a_client_that_leaves_within_its_body_is_counted_as_gone(
    service: Service, client: httpx.AsyncClient
) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    declared = b"Content-Type: application/json", b"Content-Length: 50"
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(raw(f"POST {HOLD} HTTP/1.1", *declared, body=b"[{"))

    async def counted() -> bool:
        return (await scrape(client))("boxoffice_http_clients_gone_total") == 1

    await until(counted)


@pytest.mark.parametrize("size", [70_000, 900_000])
async def test_a_client_that_sends_too_much_hears_of_it(client: httpx.AsyncClient, size: int) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b" " * size, None):
        answer = await client.post(HOLD, content=content or in_chunks(size), headers=headers)
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/too-large"


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 10_000):
        yield b" " * 10_000


async def test_every_kind_of_answer_has_one_length(client: httpx.AsyncClient) -> None:
    hold = await client.post(HOLD, json=lines({1: 1}))
    name = hold.json()["reservationId"]
    assert hold.headers.get_list("content-length") == [str(len(hold.content))]
    released = await client.delete(f"/reservation/{name}")
    assert (released.status_code, released.headers.get_list("content-length")) == (204, [])
    events = await client.get("/events")
    unchanged = await client.get("/events", headers={"If-None-Match": events.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = await client.head("/docs/swagger-ui-bundle.js")
    assert int(head.headers["content-length"]) > 1_000_000
    assert head.content == b""
