"""Every parser of what strangers send, with inputs that Hypothesis makes up, and what must hold of each.

A check returns when the input was judged as it should be, and raises when anything else came out of the parser. Only a
parser's own refusal is an answer; whatever else it raises would be a fault of the service.
"""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast

from hypothesis import strategies as st

from boxoffice.api import admin, holds, reservations
from boxoffice.api.bodies import decode
from boxoffice.api.call import Answer, Call
from boxoffice.api.conditional import unless_known
from boxoffice.api.cursors import AfterDate, AfterEvent, AfterReservation, read_cursor, write_cursor
from boxoffice.api.front import Paths
from boxoffice.api.office import Office
from boxoffice.api.operations import resources
from boxoffice.api.paths import date_key_of, event_id_of, reservation_of
from boxoffice.api.queries import LIMIT_MAX, Query, is_storable
from boxoffice.api.web import chosen_coding
from boxoffice.catalog.calendar_series import read_series
from boxoffice.catalog.recurrence import DATES_MAX, dates_of_recurrence
from boxoffice.errors import InvalidRequest, NotFound, UnreadableCalendar
from boxoffice.http.answers import header_lines
from boxoffice.http.request import Headers, Request
from boxoffice.identifiers import parse_reservation_name, reservation_name
from boxoffice.proxies import Proxies, read_networks
from tests.hostile import inputs
from tests.hostile.wire import check_wire

PATHS = Paths(resources())
TICKETS_MAX = 50
UNTIL = dt.date(2031, 1, 1)
PROXIES = [Proxies(read_networks("10.0.0.0/8"), "x-forwarded-for"), Proxies(read_networks("10.0.0.0/8"), "forwarded")]


class Parser(NamedTuple):
    """What is fed, with what, how many parts of all inputs it gets, and the check of each input."""

    name: str
    fed: st.SearchStrategy[Any]
    check: Callable[[Any], None]
    parts: int = 1


class NoWay:
    """The way of a request that nobody answers."""

    def send(self, _: Request, status: int, headers: Headers, body: bytes) -> None:
        raise AssertionError("nobody answers here")


def call_of(target: bytes, headers: Sequence[tuple[str, str]] = ()) -> Call:
    """Return a call as a handler gets it. Raises ValueError where the target is none."""
    request = Request(NoWay(), method="GET", target=target, headers=headers)
    _, segments = PATHS.find(request.path)
    return Call(cast("Office", None), request, segments)  # no parser looks into the office


def check_path(target: bytes) -> None:
    """A path leads to one resource or nowhere, and its segments are a number, a date, a reservation, or not found."""
    with suppress(ValueError):
        call = call_of(target)
        resource, segments = PATHS.find(call.path)
        for count, parse in ((1, event_id_of), (3, date_key_of), (1, reservation_of)):
            if resource is not None and len(segments) == count:
                with suppress(NotFound):
                    parse(call)


def check_reservation_name(name: str) -> None:
    """A name is exactly what would be given out for its event and UUID, or none at all."""
    found = parse_reservation_name(name)
    if found is not None:
        assert reservation_name(*found) == name
        assert 1 <= found[0] <= 2**63 - 1


def check_cursor(cursor: str) -> None:
    """A cursor is exactly what its list would give out, or refused."""
    with suppress(InvalidRequest):
        assert write_cursor(read_cursor(cursor, AfterEvent)) == cursor
    with suppress(InvalidRequest):
        assert write_cursor(read_cursor(cursor, AfterDate)) == cursor
    with suppress(InvalidRequest):
        assert write_cursor(read_cursor(cursor, AfterReservation)) == cursor


def check_query(query: bytes) -> None:
    """Each parameter is within its bounds or refused; the link to the next page is one line of ASCII."""
    read = Query(call_of(b"/events?" + query.translate(None, b"#")))
    with suppress(InvalidRequest):
        assert 1 <= read.limit() <= LIMIT_MAX
    with suppress(InvalidRequest):
        first, last = read.range()
        assert first is None or last is None or first <= last
    with suppress(InvalidRequest):
        assert is_storable(read.search() or "")
    with suppress(InvalidRequest):
        assert read.state() in {None, "held", "paid"}
    with suppress(InvalidRequest):
        read.after(AfterEvent)
    lines = header_lines(read.next_link("x"))
    assert lines.count(b"\r") == lines.count(b"\n") == 1


def check_body(body: bytes) -> None:
    """A body is what each route takes, or refused; what is taken is within the route's bounds."""
    with suppress(InvalidRequest):
        lines = holds.lines_of(body, TICKETS_MAX)
        assert list(lines) == sorted(dict(lines).items())
        assert 1 <= sum(quantity for _, quantity in lines) <= TICKETS_MAX
        json.loads(body)
    with suppress(InvalidRequest):
        reference = reservations.payment_reference(decode(body, reservations._payment))
        assert len(reference) >= 1
        assert is_storable(reference)
    for decoder in (admin._new_ticket_type, admin._new_event, admin._new_dates, admin._change, admin._recurrence):
        with suppress(InvalidRequest):
            decode(body, cast("Any", decoder))


def check_rule(given: tuple[str, dt.date, dt.time, str]) -> None:
    """A recurrence makes a bounded number of ascending dates, the first one among them, or is refused."""
    rule, first_date, start_time, zone = given
    with suppress(InvalidRequest):
        dates = dates_of_recurrence(rule, first_date, start_time, time_zone=zone)
        assert 1 <= len(dates) <= DATES_MAX
        assert list(dates) == sorted(set(dates))


def check_calendar(text: bytes) -> None:
    """A calendar is read into series of dates, or refused with the number of a line."""
    try:
        for series in read_series(text, UNTIL):
            assert len(series.dates) == len(set(series.dates))
    except UnreadableCalendar as refused:
        assert 0 <= refused.line <= text.count(b"\n") + text.count(b"\r") + 1


def check_headers(given: Sequence[tuple[str, str]]) -> None:
    """A header is read or refused; who the client is and which coding it gets are always known."""
    call = call_of(b"/events", given)
    for name in ("content-type", "idempotency-key"):
        with suppress(InvalidRequest):
            call.header(name)
    with suppress(InvalidRequest):
        key = holds.idempotency_key_of(call)
        assert key is None or 1 <= len(key) <= 255
    assert chosen_coding(",".join(call.headers("accept-encoding")), {"": 0, "br": 0, "gzip": 0}) in {"", "br", "gzip"}
    assert unless_known(call, Answer(200, b"x")).status in {200, 304}
    for proxies in PROXIES:
        assert proxies.client_of("10.0.0.1", call.headers(proxies.header))


PARSERS: Sequence[Parser] = (
    Parser("path", inputs.targets, check_path, 12),
    Parser("reservation name", inputs.reservation_names, check_reservation_name, 10),
    Parser("cursor", inputs.cursors, check_cursor, 12),
    Parser("query", inputs.queries, check_query, 12),
    Parser("body", inputs.bodies, check_body, 18),
    Parser("headers", inputs.headers, check_headers, 10),
    Parser("recurrence", inputs.recurrences, check_rule, 6),
    Parser("iCalendar", inputs.calendars, check_calendar, 6),
    Parser("HTTP", inputs.wires, check_wire, 14),
)
