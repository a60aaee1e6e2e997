"""Segments of a path: anything that is not the number, date or time it should be names nothing that exists."""

import datetime as dt
import re
from functools import lru_cache
from uuid import UUID

from boxoffice.api.call import Call
from boxoffice.errors import NotFound
from boxoffice.identifiers import parse_reservation_name
from boxoffice.values import DateKey

BIGINT_MAX = 2**63 - 1
DATES_PARSED_MAX = 10_000

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)


def event_id_of(call: Call) -> int:
    """Return the event id in the path. Raises NotFound."""
    return _event_id(call.segments[0])


def _event_id(segment: str) -> int:
    number = int(segment) if _NUMBER.fullmatch(segment) else 0
    if not 1 <= number <= BIGINT_MAX:
        raise NotFound("There is no such event: its id is not a number that an event can have.")
    return number


def date_key_of(call: Call) -> DateKey:
    """Return event, date and start time in the path. Raises NotFound."""
    return _date_key(*call.segments)


@lru_cache(DATES_PARSED_MAX)
def _date_key(event_id_given: str, date_given: str, start_time_given: str) -> DateKey:
    """Parse a date's path, once for all who want its tickets."""
    event_id = _event_id(event_id_given)
    date = parse_date(date_given)
    start_time = parse_time(start_time_given)
    if date is None or start_time is None:
        raise NotFound("There is no such date: the path needs a date as YYYY-MM-DD and a time as HH:MM or HH:MM:SS.")
    return DateKey(event_id, date, start_time)


def reservation_of(call: Call) -> tuple[int, UUID]:
    """Return event id and UUID of the reservation in the path. Raises NotFound when it is not a reservation id."""
    found = parse_reservation_name(call.segments[0])
    if found is None:
        raise NotFound("There is no such reservation: this is not a reservation id.")
    return found


def parse_date(text: str) -> dt.date | None:
    """Return the date of YYYY-MM-DD, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    """Return the time of HH:MM or HH:MM:SS, or None."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        return None
