"""What admins look at while tickets are sold: shards, counts, reservations, the audit's verdict."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta

from boxoffice.api.admin_messages import Recurrence
from boxoffice.api.messages import Count, Cursor, Id, Instant, LocalTime, Message

Process = Annotated[
    str,
    Meta(description="A service process, by the name that it has among the live ones.", examples=["5f0c6e1d2b7a4938"]),
]
ShardId = Annotated[int, Meta(ge=0, description="The shard's number, from 0.")]
Exhausted = Annotated[bool, Meta(description="The processes have marked it: it refuses even a single ticket.")]
Owner = Annotated[
    Process | None,
    Meta(description="Whose preferred shard it is; of several that share it, the first by name."),
]
Number = Annotated[int, Meta(ge=0)]
Zone = Annotated[str, Meta(min_length=1, max_length=100, examples=["Europe/Vienna"])]


class TotalShard(Message):
    """One shard of a date's total."""

    shard: ShardId
    current: Count
    max: Count
    exhausted: Exhausted
    process: Owner


class TypeShard(Message):
    """One shard of a ticket type on a date; `max` is null for a type without a limit of its own."""

    shard: ShardId
    current: Count
    max: Count | None
    exhausted: Exhausted
    process: Owner


class TypeShards(Message):
    """A ticket type on a date with its shards; `available` is the smaller of its own room and the date's."""

    tickettype_id: Id
    name: str
    capacity: Count | None
    available: Count
    shards: list[TypeShard]


class DateShards(Message):
    """A date with all of its shards, as they were at one moment."""

    event_id: Id
    name: str
    time_zone: str
    date: dt.date
    start_time: LocalTime
    capacity: Count
    available: Count
    total: list[TotalShard]
    ticket_types: list[TypeShards]
    processes: Annotated[list[Process], Meta(description="The live processes, as the one that answers knows them.")]


class HoldCounts(Message):
    """Requests to hold tickets, by how they ended."""

    held: Number
    replayed: Number
    sold_out: Number
    overloaded: Number
    failed: Number
    other: Number


class FlightSize(Message):
    """So many flights of holds carried at most `atMost` requests, and more than the size before; null: any more."""

    at_most: Annotated[int, Meta(ge=1)] | None
    flights: Number


class LiveCounts(Message):
    """What the processes behind this port have counted since each of them began."""

    at: Instant
    processes: Annotated[int, Meta(ge=1, description="How many told their counts.")]
    silent: Annotated[int, Meta(ge=0, description="How many live, but did not tell in time; their counts are missing.")]
    holds: HoldCounts
    paid: Number
    released: Number
    expired: Annotated[int, Meta(ge=0, description="Holds that the sweepers put back on sale.")]
    flights: Annotated[int, Meta(ge=0, description="Flights of holds.")]
    flight_sizes: list[FlightSize]


class TicketsOfType(Message):
    """So many tickets of one type."""

    tickettype_id: Id
    quantity: Annotated[int, Meta(ge=1)]


class ReservationItem(Message):
    """A live reservation of a date."""

    reservation_id: str
    state: Literal["held", "paid"]
    created_at: Instant
    expires_at: Instant
    paid_at: Instant | None
    payment_reference: str | None
    tickets: list[TicketsOfType]


class ReservationsPage(Message):
    """A page of the live reservations of a date, the latest first."""

    reservations: list[ReservationItem]
    next: Cursor


class AuditFinding(Message):
    """One thing that is not as it must be; `check` is the number of the check that found it."""

    check: Annotated[int, Meta(ge=1, le=5)]
    text: str


class AuditChecked(Message):
    """What the audit looked at."""

    dates: Number
    reservations: Number
    tickets: Number


class AuditVerdict(Message):
    """What an audit of one event found; notes are worth reading, but are no findings."""

    clean: bool
    findings: list[AuditFinding]
    notes: list[str]
    checked: AuditChecked


class RecurrenceGiven(Recurrence):
    """A recurrence in a time zone."""

    time_zone: Zone = "UTC"


class DateItem(Message):
    """A date that a recurrence makes."""

    date: dt.date
    start_time: LocalTime


class RecurrenceDates(Message):
    """The dates that a recurrence makes, ascending."""

    dates: list[DateItem]
