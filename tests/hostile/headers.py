"""Headers that are doubled, huge or no text, and such as ask a careless server for another method or another path."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from tests.api.shop import BEARER
from tests.hostile.bodies import Statuses
from tests.hostile.target import Target, exchange, status_of
from tests.hostile.tricks import HOLD

Pairs: TypeAlias = Sequence[tuple[bytes, bytes]]

PLACES = ((b"GET", b"/events"), (b"POST", HOLD), (b"GET", b"/admin/ticket-types"))
BODY = b'[{"tickettypeId":1,"quantity":1}]'
REFUSED = {400, 401, 415, 417, 422, 431}
TAKEN = {200, 201, 304}
NASTY = (
    b"", b" ", b"\x09", b"\xff\xfe", "ä".encode(), b"%0d%0aSet-Cookie: a=b", b"'; DROP TABLE events;--", b"<script>",
    b"x" * 60_000, b"," * 1_000, b'"' * 999, b"${jndi:ldap://x}",
)  # fmt: skip
NAMES = (
    b"idempotency-key", b"if-none-match", b"accept-encoding", b"accept", b"content-type", b"content-encoding",
    b"expect", b"authorization", b"x-forwarded-for", b"forwarded", b"range", b"if-modified-since", b"cookie", b"origin",
    b"te", b"user-agent", b"x-http-method-override", b"upgrade", b"connection", b"keep-alive", b"trailer", b"via",
)  # fmt: skip
SETS: Sequence[Pairs] = (
    *(((name, value),) for name in NAMES for value in NASTY),
    *(((name, b"one"), (name, b"two")) for name in NAMES),
    *(((b"accept-encoding", b"gzip;q=" + weight),) for weight in (b"nan", b"inf", b"-1", b"1e999", b"x", b"1" * 400)),
    *(((b"if-none-match", value),) for value in (b"*", b'W/"x", ' * 6_000, b'"x')),
    (
        (b"x-http-method-override", b"DELETE"),
        (b"x-original-url", b"/admin/events"),
        (b"x-rewrite-url", b"/admin/events"),
    ),
    [(b"x-%d" % number, b"y") for number in range(95)],
    [(b"x", b"y")] * 5_000,
)


def send_headers(target: Target) -> Statuses:
    """Send them all to a hold, a list and an admin route."""
    answered: Statuses = Counter()
    known = b"Host: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    known += b"Authorization: %b\r\n" % BEARER["Authorization"].encode()
    for method, path in PLACES:
        body = BODY if method == b"POST" else b""
        for pairs in SETS:
            lines = b"".join(name + b": " + value + b"\r\n" for name, value in pairs)
            head = b"%b %b HTTP/1.1\r\n%bContent-Length: %d\r\n%b\r\n" % (method, path, known, len(body), lines)
            answer = exchange(target.port, head + body)
            status = status_of(answer)
            assert status in REFUSED | TAKEN, (method, path, pairs[:3], answer)
            assert b"set-cookie" not in answer.partition(b"\r\n\r\n")[0].lower()
            answered[f"{method.decode()} {path.decode()}", status or 0] += 1
    return answered
