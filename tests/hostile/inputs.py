"""What Hypothesis feeds to the parsers: nearly right, because what is plainly wrong is found out by the first look."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from boxoffice.api.cursors import AfterDate, AfterEvent, AfterReservation, write_cursor
from boxoffice.api.operations import resources
from tests.api.shop import DATE, TIME, new_event
from tests.catalog.calendars import calendar, event

JUNK = st.sampled_from(
    [b"\x00", b"\xff", b"\xed\xa0\x80", b"\xc3\xa4", b"%", b"%00", b"%2f", b"%2e", b"%ff", b"/", b"//", b"..", b"?",
     b"#", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"'", b'"', b"\\", b",", b";", b":", b"=", b"&", b"+", b"-",
     b"0", b"9" * 30, b"{", b"}", b"[", b"]", b"null", b"1e999", b"\\u0000", b"\\ud800", b"<x>", b"x" * 300]
)  # fmt: skip


@st.composite
def _spoiled(draw: st.DrawFn, seeds: st.SearchStrategy[bytes]) -> bytes:
    """Something right, with junk put in, pieces cut out, doubled or moved."""
    text = draw(seeds)
    for _ in range(draw(st.integers(0, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        piece = text[at : at + length]
        match draw(st.sampled_from(["put", "cut", "double", "move", "any"])):
            case "put":
                text = text[:at] + draw(JUNK) + text[at:]
            case "cut":
                text = text[:at] + text[at + length :]
            case "double":
                text = text[:at] + piece + text[at:]
            case "move":
                text = piece + text[:at] + text[at + length :]
            case _:
                text = text[:at] + draw(st.binary(max_size=4)) + text[at + length :]
    return text


def spoiled(*seeds: str | bytes) -> st.SearchStrategy[bytes]:
    """Return inputs made of these."""
    return _spoiled(st.sampled_from([seed.encode() if isinstance(seed, str) else seed for seed in seeds]))


def _real(template: str) -> str:
    names = {"event_id": "1", "date": DATE, "start_time": TIME, "reservation_id": NAME, "slug": "x", "file": "x.js"}
    return template.format(**names)


NAME = "1-019abf2e8c5b7d3e9a417f0c2b6d8e51"
targets = spoiled(*map(_real, resources()), "http://x/events/1?q=1", "*", f"/reservation/{'z' * 12}{NAME[1:]}")
reservation_names = st.one_of(
    spoiled(NAME, "1y2p0ij32e8e7-019abf2e8c5b7d3e9a417f0c2b6d8e51").map(lambda each: each.decode("utf-8", "replace")),
    st.from_regex(r"[0-9a-z]{1,14}-[0-9a-f]{12}[0-9][0-9a-f]{3}[0-9a-f][0-9a-f]{15}\n?", fullmatch=True),
)
_places = st.one_of(
    st.builds(AfterEvent, first_date=st.dates(), event_id=st.integers(1, 2**63 - 1)),
    st.builds(AfterDate, date=st.dates(), start_time=st.times()),
    st.builds(AfterReservation, id=st.uuids()),
)
_cursor_texts = _spoiled(_places.map(lambda place: write_cursor(place).encode()))
_encoded = spoiled(
    '["event","2027-05-01",1]',
    '["date","2027-05-01","20:00:00"]',
    '["reservation","019abf2e-8c5b-7d3e-8f41-7f0c2b6d8e52"]',
).map(urlsafe_b64encode)
_deep_places = st.builds(
    lambda head, depth: urlsafe_b64encode(head + b"[" * depth),
    st.sampled_from([b"", b'["event","2027-05-01",1,', b'["date","2027-05-01","20:00:00",']),
    st.integers(1, 40_000),
)
cursors = (_cursor_texts | _encoded | _deep_places).map(lambda each: each.decode("latin-1"))
queries = spoiled(
    "limit=20&cursor=WyJldmVudCIsMV0&q=magic%20flute", f"from={DATE}&to=2030-01-01&limit=1", "state=held&limit=100",
    "q=%C3%A4", "limit=1&limit=2", "unknown=%ff&q=%ff",
)  # fmt: skip

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=8,
)


@st.composite
def _nearly_right(draw: st.DrawFn) -> bytes:
    """A body that fits, with any JSON in the place of one of its fields."""
    body: Any = json.loads(json.dumps(draw(st.sampled_from(_RIGHT))))
    fields = body[0] if isinstance(body, list) else body
    fields[draw(st.sampled_from([*fields, "other"]))] = draw(_json)
    return json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


_RIGHT: Sequence[object] = (
    [{"tickettypeId": 1, "quantity": 2}, {"tickettypeId": 1, "quantity": 3}],
    {"paymentReference": 124351234},
    {"paymentReference": "ch_3Nk2bF"},
    new_event(),
    {"recurrence": {"rrule": "FREQ=DAILY;COUNT=3", "firstDate": DATE, "startTime": TIME}},
    {"maxTickets": 12, "ticketTypes": [{"tickettypeId": 1, "max": None}]},
    {"rrule": "FREQ=WEEKLY;COUNT=2", "firstDate": DATE, "startTime": TIME, "timeZone": "Europe/Vienna"},
)
_deep = st.builds(
    lambda opening, count: opening * count, st.sampled_from([b"[", b'{"a":', b"[{"]), st.integers(1, 9_000)
)
bodies = st.one_of(spoiled(*map(json.dumps, _RIGHT)), _nearly_right(), st.binary(max_size=64), _deep)

_HEADER_NAMES = ["accept-encoding", "if-none-match", "idempotency-key", "content-type", "x-forwarded-for", "forwarded"]
_header_values = spoiled(
    "gzip;q=0.5, br;q=1.0, *;q=0", 'W/"abc", "def", *', "the-first-order", "application/json; charset=utf-8",
    "192.0.2.1, 10.0.0.2", 'for="[2001:db8::1]:80";proto=https, for=10.0.0.2',
).map(lambda each: each.decode("latin-1"))  # fmt: skip
headers = st.lists(st.tuples(st.sampled_from(_HEADER_NAMES), _header_values), max_size=6)

_rules = spoiled(
    "FREQ=WEEKLY;COUNT=10", "FREQ=DAILY;UNTIL=20280101T000000Z", "FREQ=MONTHLY;BYDAY=-1FR;INTERVAL=2;COUNT=4",
    "FREQ=YEARLY;BYWEEKNO=53;BYSETPOS=-1;WKST=SU", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=HOURLY;BYHOUR=3,4;COUNT=9", "FREQ=MINUTELY;INTERVAL=1000000;COUNT=20000",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTHDAY=-31;BYSECOND=59",
).map(lambda each: each.decode("latin-1"))  # fmt: skip
_zones = st.sampled_from(["UTC", "Europe/Vienna", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"])
_times = st.times().map(lambda each: each.replace(microsecond=0))  # nobody can write more
recurrences = st.tuples(_rules, st.dates(), _times, _zones)

calendars = spoiled(
    calendar(*event("DTSTART:20270501T200000Z", "RRULE:FREQ=DAILY;COUNT=3")),
    calendar(*event("DTSTART;TZID=Europe/Vienna:20270501T200000", "RDATE;TZID=Europe/Vienna:20270601T200000")),
    calendar(*event("DTSTART;VALUE=DATE:20270501", "EXDATE;VALUE=DATE:20270501", "DESCRIPTION:a\\, b\\n")),
    calendar(
        *event("DTSTART:20270501T200000", "RRULE:FREQ=WEEKLY;COUNT=2"),
        *event("RECURRENCE-ID:20270508T200000", "DTSTART:20270509T200000"),
    ),
    calendar(
        "BEGIN:VTIMEZONE", "TZID:Own", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200", "END:STANDARD", "END:VTIMEZONE", *event("DTSTART;TZID=Own:20270501T200000"),
    ),
)  # fmt: skip

_HOST = b"Host: x\r\n"
RIGHT_BYTES = (
    b"GET /events?q=1 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /a HTTP/1.1\r\n" + _HOST + b"Content-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /a HTTP/1.1\r\n" + _HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX: y\r\n\r\n",
    b"GET /a HTTP/1.0\r\n\r\n",
    b"GET /a HTTP/1.1\r\n" + _HOST + b"Connection: close\r\nX-One: 1\r\nX-one: 2\r\n\r\n",
    b"PUT /a HTTP/1.1\r\n" + _HOST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\na",
    b"GET /a HTTP/1.1\r\n"
    + _HOST
    + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\nGET /b HTTP/1.1\r\n"
    + _HOST
    + b"\r\n",
    b"POST /a HTTP/1.1\r\n" + _HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
)
"""Requests that are right, but for the last one."""
wires = st.tuples(spoiled(*RIGHT_BYTES), st.lists(st.integers(0, 200), max_size=6))
