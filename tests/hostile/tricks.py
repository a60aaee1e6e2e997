"""Requests byte by byte, as attackers send them to servers behind proxies: one that two programs read differently.

Each trick is one connection. `statuses` are those that its answer may have; none: the service may close without one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.api.shop import DATE, TIME
from tests.hostile.target import Target, exchange, status_of

HOST = b"Host: x\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
"""Would be answered as a request of its own by whoever ends the one before it elsewhere."""
REFUSED = frozenset({400})
NOT_FOUND = frozenset({400, 404})
HOLD = f"/events/1/{DATE}/{TIME}".encode()


@dataclass(frozen=True, slots=True)
class Trick:
    """Some bytes on one connection, and the statuses with which they may be answered, once."""

    sent: bytes
    statuses: frozenset[int]


def play(target: Target, trick: Trick) -> int | None:
    """Send a trick and return the status of its one answer, None without one. Asserts that it is harmless."""
    answer = exchange(target.port, trick.sent, ends=not trick.statuses)
    assert answer.count(b"HTTP/1.1 ") <= 1, f"{trick.sent!r} was taken for more than one request: {answer!r}"
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"set-cookie" not in head
    assert b"root:" not in answer
    status = status_of(answer)
    assert (status in trick.statuses) if status else not trick.statuses, (trick, answer)
    assert status is None or b"x-content-type-options: nosniff" in head
    return status


def tricks() -> Iterator[Trick]:
    """Yield every trick."""
    for framing in FRAMINGS:
        yield Trick(b"POST / HTTP/1.1\r\n" + HOST + framing + b"\r\n\r\n" + SMUGGLED, REFUSED)
    for chunks in CHUNKS:
        head = b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        yield Trick(head + chunks + SMUGGLED, REFUSED)
    for header in HEADERS:
        yield Trick(b"GET /events HTTP/1.1\r\n" + HOST + header + b"\r\n\r\n" + SMUGGLED, REFUSED)
    for line in LINES:
        yield Trick(line + b"\r\n" + HOST + b"Connection: close\r\n\r\n", frozenset({400, 501, 505}))
    for line in LENIENT:
        yield Trick(line + b"\r\n" + HOST + b"Connection: close\r\n\r\n", frozenset({200, 400}))
    for path in PATHS:
        for method in (b"GET", b"POST", b"DELETE"):
            request = b"%b %b HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (method, path, HOST)
            yield Trick(request, frozenset({400, 404, 405}))
    yield from _absolute()
    yield from _unfinished()


FRAMINGS: Sequence[bytes] = (
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0",
    b"Content-Length: 0\r\nContent-Length: 0",
    b"Content-Length: 0\r\nContent-Length: 44",
    b"Content-Length: 44\r\nContent-Length: 0",
    b"Content-Length: 0, 44",
    b"Content-Length: +0",
    b"Content-Length: -1",
    b"Content-Length: 0x2c",
    b"Content-Length: 4 4",
    b"Content-Length: 1e1",
    b"Content-Length: \xd9\xa0",
    b"Content-Length:",
    b"Content-Length: 99999999999999999999999999",
    b"Content-Length : 0",
    b"Transfer-Encoding : chunked\r\n\r\n0\r\n",
    b" Transfer-Encoding: chunked\r\n\r\n0\r\n",
    b"Transfer-Encoding: chunked\r\n \r\n\r\n0\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n",
    b"Transfer-Encoding: identity\r\nContent-Length: 0",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n",
    b"Transfer-Encoding:\n chunked\r\n\r\n0\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n",
    b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n",
)
"""Two programs that read one of these differently see the end of the body at two places."""

CHUNKS: Sequence[bytes] = (
    b"0x0\r\n\r\n",
    b"-1\r\n\r\n",
    b"+0\r\n\r\n",
    b" 0\r\n\r\n",
    b"0 \r\n\r\n",
    b"0\n\r\n",
    b"0\n\n",
    b"0\r\n\n",
    b"1\r\na\n0\r\n\r\n",
    b"1\r\nab\r\n0\r\n\r\n",
    b"2\r\na\r\n0\r\n\r\n",
    b"ffffffffffffffffff\r\na\r\n0\r\n\r\n",
    b"g\r\n\r\n",
    b"1;\nx\r\na\r\n0\r\n\r\n",
    b";\r\n\r\n",
    b"\r\n\r\n",
)

HEADERS: Sequence[bytes] = (
    b"Host: y",
    b"Host : x",
    b"X: y\r\n folded: z",
    b"X: y\r\n\tfolded",
    b"X\x00: y",
    b"X: \x00",
    b"X: \x01",
    b"X: y\rz",
    b"X: y\nZ: z",
    b"no colon at all",
    b": no name",
    b"X Y: z",
    b"X\t: y",
    b"(X): y",
    b"X\xe4: y",
)

LINES: Sequence[bytes] = (
    b"GET",
    b"GET /",
    b"GET\t/events\tHTTP/1.1",
    b" GET /events HTTP/1.1",
    b"GET /events HTTP/1.1 ",
    b"GET /ev ents HTTP/1.1",
    b"GET /events HTTP/1.10",
    b"GET /events HTTP/11",
    b"GET /events HTTP/2.0",
    b"GET /events http/1.1",
    b"GET /events ICE/1.0",
    b"get /events HTTP/1.1",
    b"GE\x00T /events HTTP/1.1",
    b"GET /\x00 HTTP/1.1",
    b"GET /\x7f HTTP/1.1",
    b"GET events HTTP/1.1",
    b"GET \\events HTTP/1.1",
    b"GET x:80 HTTP/1.1",
    b"GET http:// HTTP/1.1",
    b"GET http://[ HTTP/1.1",
    b"CONNECT x:80 HTTP/1.1",
    b"PRI * HTTP/2.0",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\xff\xfe\x00\x00",
)

LENIENT: Sequence[bytes] = (
    b"GET  /events HTTP/1.1",
    b"GET /events  HTTP/1.1",
    b"GET /events RTSP/1.0",
)
"""The parser reads these as what they look like; their end is where everybody sees it, so they are one request too."""

PATHS: Sequence[bytes] = (
    b"//",
    b"//events",
    b"/events//1",
    b"/events/1//",
    b"/./events",
    b"/events/.",
    b"/events/..",
    b"/events/../metrics",
    b"/events/%2e%2e/metrics",
    b"/events/%252e%252e/metrics",
    b"/../../../../etc/passwd",
    b"/assets/../../../../etc/passwd",
    b"/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
    b"/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    b"/assets/..%5c..%5cetc",
    b"/assets/%2fetc%2fpasswd",
    b"/assets/index.html%00.js",
    b"/docs/..%2f..%2fapp.py",
    b"/docs/%c0%ae%c0%ae/app.py",
    b"/problems/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    b"/events/1%00",
    b"/events/%00",
    b"/events/1%0d%0aSet-Cookie:%20a=b",
    b"/events/1%20",
    b"/events/1;a=b",
    b"/events/1%23",
    b"/events/-1",
    b"/events/0",
    b"/events/1e1",
    b"/events/0x1",
    b"/events/9223372036854775808",
    b"/events/" + b"9" * 5_000,
    b"/events/%EF%BC%91",
    b"/events/\xef\xbc\x91",
    b"/events/%ff%fe",
    b"/events/%",
    b"/events/%zz",
    b"/events/1%2",
    b"/events/1'%20OR%20'1'='1",
    b"/events/1/0000-00-00/20:00",
    b"/events/1/99999-01-01/20:00",
    b"/events/1/2027-02-30/20:00",
    b"/events/1/2027-05-01/24:00",
    b"/events/1/2027-05-01/20:00+01:00",
    b"/events/1/2027-05-01/20:00Z",
    b"/reservation/" + b"x" * 5_000,
    b"/reservation/..%2f..",
    b"/reservation/%00",
    b"/ADMIN/events",
    b"/admin/../admin",
    b"/a" * 20_000,
    b"/%2f%2fevil.example",
)


def _absolute() -> Iterator[Trick]:
    """Targets with a host are read by their path alone; the host is nobody else's way in."""
    for host in (b"x", b"127.0.0.1:1", b"evil.example:80", b"user:password@evil.example", b"[::1]"):
        request = b"GET http://%b/events/0 HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (host, HOST)
        yield Trick(request, NOT_FOUND)
    for scheme in (b"file:///etc/passwd", b"javascript:alert(1)", b"gopher://x/events/0", b"*"):
        yield Trick(b"GET %b HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (scheme, HOST), NOT_FOUND)


def _unfinished() -> Iterator[Trick]:
    """A client that stops in the middle is no request; nothing of it is acted on."""
    head = b"POST %b HTTP/1.1\r\n%bContent-Type: application/json\r\n" % (HOLD, HOST)
    body = b'[{"tickettypeId":1,"quantity":1}]'
    whole = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    for length in range(0, len(whole) - 1, 7):
        yield Trick(whole[:length], frozenset())
    yield Trick(head + b"Transfer-Encoding: chunked\r\n\r\n21\r\n" + body + b"\r\n", frozenset())
    yield Trick(head + b"Content-Length: 1000\r\n\r\n" + body, frozenset())
