"""Cursors: the place in a list after which the next page begins, as an opaque string.

Pure. A string is a cursor only when it is exactly what would be made for its place, so nothing else slips in.
"""

import binascii
import datetime as dt
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from msgspec import Meta

from boxoffice.errors import InvalidRequest

CURSOR_CHARACTERS_MAX = 200
"""Twice what the longest takes. What is longer is not looked into: JSON may nest deeper than its reader can follow."""


class AfterEvent(msgspec.Struct, frozen=True, array_like=True, tag="event"):
    """After this event in the list of events."""

    first_date: dt.date
    event_id: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class AfterDate(msgspec.Struct, frozen=True, array_like=True, tag="date"):
    """After this date in the list of an event's dates."""

    date: dt.date
    start_time: dt.time


class AfterReservation(msgspec.Struct, frozen=True, array_like=True, tag="reservation"):
    """After this reservation in the list of a date's reservations."""

    id: UUID


Place = TypeVar("Place", AfterEvent, AfterDate, AfterReservation)


def write_cursor(place: AfterEvent | AfterDate | AfterReservation) -> str:
    """Return the cursor of a place."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def read_cursor(cursor: str, kind: type[Place]) -> Place:
    """Return the place of a cursor. Raises InvalidRequest when no list of this kind gave it out."""
    if len(cursor) > CURSOR_CHARACTERS_MAX:
        raise _not_a_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = msgspec.json.decode(urlsafe_b64decode(padded), type=kind)
    except (binascii.Error, UnicodeError, msgspec.DecodeError) as error:
        raise _not_a_cursor() from error
    if write_cursor(place) != cursor or _is_zoned(place):
        raise _not_a_cursor()
    return place


def _is_zoned(place: AfterEvent | AfterDate | AfterReservation) -> bool:
    """A time with an offset would be read and written back, but no date of an event has one."""
    return isinstance(place, AfterDate) and place.start_time.tzinfo is not None


def _not_a_cursor() -> InvalidRequest:
    return InvalidRequest("The cursor is not one that this list gave out.")
