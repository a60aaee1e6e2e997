"""What the catalogue is asked for and what it answers."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from msgspec import UNSET, UnsetType


class DateAndTime(NamedTuple):
    """One date of an event whose id is known from elsewhere, local to the event's zone."""

    date: dt.date
    start_time: dt.time


class EventCursor(NamedTuple):
    """The place in the list of events behind one entry."""

    first_date: dt.date
    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketType:
    """A kind of ticket, shared by all events."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedType:
    """A ticket type that an event offers; without max it is limited by the event's total alone."""

    ticket_type_id: int
    name: str
    max: int | None
    num_shards: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDescription:
    """An event as it is sold; ticket types in order of id."""

    id: int
    name: str
    time_zone: str
    max_tickets: int
    num_shards: int
    ticket_types: tuple[OfferedType, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSummary:
    """An event in the list: its first and its last date that are still ahead."""

    id: int
    name: str
    time_zone: str
    first_date: dt.date
    last_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFigures:
    """What is left of one type on one date: the smaller of its own room and the date's; capacity None: no limit."""

    ticket_type_id: int
    name: str
    capacity: int | None
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFigures:
    """What is left of one date: capacity without what is held and paid; types in order of id."""

    date: dt.date
    start_time: dt.time
    capacity: int
    available: int
    types: tuple[TypeFigures, ...]


class Shard(NamedTuple):
    """One shard of a counter: what is held and paid of it, and its part of the limit, None where there is none."""

    current: int
    max: int | None

    @property
    def room(self) -> int | None:
        """What can still be taken from it."""
        return None if self.max is None else self.max - self.current


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCounter:
    """The shards of one type on one date, from 0."""

    ticket_type_id: int
    name: str
    shards: tuple[Shard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCounters:
    """The shards of one date at one moment, from 0: of its total and of its types, in order of id."""

    name: str
    time_zone: str
    total: tuple[Shard, ...]
    types: tuple[TypeCounter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A live reservation as admins see it; how many tickets of which type, types in order of id."""

    id: UUID
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    payment_ref: str | None
    quantities: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewType:
    """A ticket type to be offered; without num_shards it gets as many as the event."""

    ticket_type_id: int
    max: int | None = None
    num_shards: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be created, dates included."""

    name: str
    max_tickets: int
    num_shards: int
    time_zone: str = "UTC"
    ticket_types: tuple[NewType, ...]
    dates: tuple[DateAndTime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeChange:
    """A change to a type that the event offers, or a type to be offered: UNSET leaves max, None takes it away."""

    ticket_type_id: int
    max: int | UnsetType | None = UNSET
    num_shards: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change to an event: what is None, or a type that is not named, stays."""

    name: str | None = None
    max_tickets: int | None = None
    num_shards: int | None = None
    ticket_types: tuple[TypeChange, ...] = ()
