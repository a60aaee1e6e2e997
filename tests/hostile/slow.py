"""Clients that are slow on purpose: they take nobody's place for long, and keep nobody else waiting."""

import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress

from boxoffice.http.bounds import REQUEST_SECONDS_MAX
from tests.clients import PATIENCE_SECONDS
from tests.hostile.target import Target
from tests.hostile.tricks import HOLD

DRIPPING: Mapping[str, tuple[bytes, bytes]] = {
    "line": (b"G", b"E"),
    "header": (b"GET /events HTTP/1.1\r\nHost: x\r\nX: ", b"y"),
    "headers": (b"GET /events HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"),
    "body": (b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" % HOLD, b" "),
    "chunks": (b"POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % HOLD, b"1\r\n \r\n"),
    "trailer": (b"POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " % HOLD, b"y"),
}
EACH = 40
LATE_SECONDS_MAX = PATIENCE_SECONDS


def send_slowly(target: Target) -> Mapping[str, int]:
    """Open many connections of each kind and send a byte a second on each; return how many were given up, by kind.

    Asserts that others are answered meanwhile, and that every slow one is given up with 408, or cut.
    """
    given_up = dict.fromkeys(DRIPPING, 0)
    with ExitStack() as at_end, selectors.DefaultSelector() as selector, target.client() as client:
        open_now: dict[socket.socket, str] = {}
        for kind, (begun, _) in DRIPPING.items():
            for _ in range(EACH):
                connection = at_end.enter_context(socket.create_connection(("127.0.0.1", target.port)))
                connection.sendall(begun)
                selector.register(connection, selectors.EVENT_READ)
                open_now[connection] = kind
        began = time.monotonic()
        while open_now:
            assert client.get("/events").status_code == 200
            waited = time.monotonic() - began
            assert waited < REQUEST_SECONDS_MAX + LATE_SECONDS_MAX, f"{len(open_now)} connections are still open"
            for key, _ in selector.select(timeout=1):
                assert isinstance(key.fileobj, socket.socket)
                selector.unregister(key.fileobj)
                kind = open_now.pop(key.fileobj)
                assert _end_of(key.fileobj).startswith((b"HTTP/1.1 408 ", b"")), kind
                given_up[kind] += 1
            _drip(list(open_now.items()))
    return given_up


def _drip(connections: Sequence[tuple[socket.socket, str]]) -> None:
    for connection, kind in connections:
        with suppress(OSError):  # it is given up already; the selector tells
            connection.sendall(DRIPPING[kind][1])


def _end_of(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""


def crowd_out(target: Target, connections_max: int) -> int:
    """Open more connections than the service takes; return how many heard 503. Once they leave, all is as before."""
    with ExitStack() as at_end:
        crowd = [
            at_end.enter_context(socket.create_connection(("127.0.0.1", target.port), timeout=PATIENCE_SECONDS))
            for _ in range(connections_max + 20)
        ]
        for connection in crowd:
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        heard = [_end_of(connection)[9:12] for connection in crowd]
    assert set(heard) <= {b"200", b"503"}, heard
    assert heard.count(b"200") <= connections_max
    return heard.count(b"503")
