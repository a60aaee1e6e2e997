"""The values that cross the borders between the folders: plain, frozen, without behaviour that needs I/O."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec


class DateKey(NamedTuple):
    """One date of one event; date and start_time are local to the event's zone."""

    event_id: int
    date: dt.date
    start_time: dt.time


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What can still be sold of a date: units, in total and by ticket type id (each at most the total)."""

    available: int
    types: Mapping[int, int]


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket of a reservation."""

    id: UUID
    ticket_type: int


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """A live reservation as Postgres holds it: held while paid_at is None, paid otherwise. Tickets in order of id."""

    event_id: int
    id: UUID
    date: dt.date
    start_time: dt.time
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    payment_ref: str | None
    tickets: Sequence[Ticket]


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """Units that went back on sale: the date, and how many into each shard of its total and of its types."""

    date_key: DateKey
    total: Mapping[int, int]
    types: Mapping[tuple[int, int], int]
