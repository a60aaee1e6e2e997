"""What clients send and what they get, with exactly the names of the HTTP contract; the OpenAPI is made of these."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from boxoffice.catalog.values import EventDescription, TicketType
from boxoffice.identifiers import reservation_name
from boxoffice.tables import NAME_CHARACTERS_MAX, SHARDS_MAX, TICKETS_MAX
from boxoffice.values import Reservation

BIGINT_MAX = 2**63 - 1

Id = Annotated[int, Meta(ge=1, le=BIGINT_MAX)]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
Count = Annotated[int, Meta(ge=0, le=TICKETS_MAX)]
Shards = Annotated[int, Meta(ge=1, le=SHARDS_MAX)]
Instant = Annotated[dt.datetime, Meta(tz=True, examples=["2026-12-01T18:31:00.482913Z"])]
LocalTime = Annotated[
    dt.time,
    Meta(
        description="Local to the event's time zone, HH:MM:SS.",
        examples=["20:00:00"],
        extra_json_schema={"format": "time-local"},
    ),
]
GivenTime = Annotated[
    str,
    Meta(
        description="Local to the event's time zone, HH:MM or HH:MM:SS.",
        examples=["20:00"],
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    ),
]
Cursor = Annotated[str, Meta(description="Where the next page begins; null on the last one.")] | None


class Message(msgspec.Struct, rename="camel", kw_only=True):
    """One JSON object; fields that nobody knows are ignored."""


class EventItem(Message):
    """An event that still has a date ahead."""

    id: Id
    name: str
    time_zone: str
    first_date: Annotated[dt.date, Meta(description="The first date still ahead.")]
    last_date: Annotated[dt.date, Meta(description="The last date still ahead.")]
    sold_out: Annotated[bool, Meta(description="None of the dates ahead has anything left.")]


class EventsPage(Message):
    """A page of the list of events."""

    events: list[EventItem]
    next: Cursor


class TypeAvailability(Message):
    """A ticket type on a date: its own limit, or null, and how many of it can still be sold."""

    tickettype_id: Id
    name: str
    capacity: Count | None
    available: Count


class DateAvailability(Message):
    """A date of an event; `available` is capacity less what is held and paid."""

    date: dt.date
    start_time: LocalTime
    capacity: Count
    available: Count
    ticket_types: list[TypeAvailability]


class DatesPage(Message):
    """An event with a page of its dates."""

    id: Id
    name: str
    time_zone: str
    dates: list[DateAvailability]
    next: Cursor


class HoldLine(Message):
    """So many tickets of one type."""

    tickettype_id: Id
    quantity: Annotated[int, Meta(ge=1, le=1_000)]


HoldLines = Annotated[
    list[HoldLine],
    Meta(min_length=1, description="The same type may stand in several lines; its quantities are added up."),
]


class TicketItem(Message):
    """One ticket."""

    id: UUID
    tickettype_id: Id


class HoldMade(Message):
    """Tickets held until they are paid or `expiresAt` has come."""

    reservation_id: str
    expires_at: Instant
    tickets: list[TicketItem]


class ReservationState(Message):
    """A live reservation."""

    reservation_id: str
    event_id: Id
    date: dt.date
    start_time: LocalTime
    state: Literal["held", "paid"]
    created_at: Instant
    expires_at: Instant
    paid_at: Instant | None
    payment_reference: str | None
    tickets: list[TicketItem]


class Payment(Message):
    """The reference of a payment: text, or an integer whose digits are kept exactly."""

    payment_reference: Annotated[
        msgspec.Raw,
        Meta(
            description='Text of 1 to 200 characters, or an integer of any size; 7 and "7" are the same reference.',
            extra_json_schema={"anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "integer"}]},
        ),
    ]


class NewTicketType(Message):
    """A ticket type to be made."""

    name: Name


class TicketTypeItem(Message):
    """A ticket type."""

    id: Id
    name: str


class TicketTypes(Message):
    """All ticket types, by id."""

    ticket_types: list[TicketTypeItem]


class OfferedTypeGiven(Message):
    """A type that a new event offers; no `max`: limited by the event's total alone; no `numShards`: the event's."""

    tickettype_id: Id
    max: Count | None = None
    num_shards: Shards | None = None


class DateGiven(Message):
    """A date to be added."""

    date: dt.date
    start_time: GivenTime


class Recurrence(Message):
    """Dates by a rule of RFC 5545; the first date is always one of them."""

    rrule: Annotated[str, Meta(min_length=1, max_length=2_000, examples=["FREQ=WEEKLY;COUNT=10"])]
    first_date: dt.date
    start_time: GivenTime


class NewDates(Message):
    """Dates to be added: one by one, or by a recurrence."""

    dates: list[DateGiven] | UnsetType = UNSET
    recurrence: Recurrence | UnsetType = UNSET


class EventGiven(Message, kw_only=True):
    """An event to be made, with its dates one by one or by a recurrence."""

    name: Name
    max_tickets: Count
    num_shards: Shards
    time_zone: Annotated[str, Meta(min_length=1, max_length=100, examples=["Europe/Vienna"])] = "UTC"
    ticket_types: Annotated[list[OfferedTypeGiven], Meta(min_length=1)]
    dates: list[DateGiven] | UnsetType = UNSET
    recurrence: Recurrence | UnsetType = UNSET


class OfferedTypeItem(Message):
    """A type that an event offers."""

    tickettype_id: Id
    name: str
    max: Count | None
    num_shards: Shards


class EventDescribed(Message):
    """An event as it is sold."""

    id: Id
    name: str
    time_zone: str
    max_tickets: Count
    num_shards: Shards
    ticket_types: list[OfferedTypeItem]


class DatesAdded(Message):
    """How many dates were added."""

    added: Annotated[int, Meta(ge=0)]


class TypeChangeGiven(Message):
    """A change to a type that the event offers, or a type to be offered; what is not named stays."""

    tickettype_id: Id
    max: Count | UnsetType | None = UNSET
    num_shards: Shards | UnsetType = UNSET


class ChangeGiven(Message):
    """A change to an event and all its dates; what is not named stays."""

    name: Name | UnsetType = UNSET
    max_tickets: Count | UnsetType = UNSET
    num_shards: Shards | UnsetType = UNSET
    ticket_types: list[TypeChangeGiven] | UnsetType = UNSET


class OpenapiDocument(Message):
    """A description of this API by OpenAPI 3.1."""

    openapi: str
    info: msgspec.Raw
    paths: msgspec.Raw


class Health(Message):
    """The service is in this state."""

    status: Literal["live", "ready"]


def ticket_items(reservation: Reservation) -> list[TicketItem]:
    """Return a reservation's tickets as they are shown."""
    return [TicketItem(id=ticket.id, tickettype_id=ticket.ticket_type) for ticket in reservation.tickets]


def reservation_state(reservation: Reservation) -> ReservationState:
    """Return a reservation as it is shown."""
    return ReservationState(
        reservation_id=reservation_name(reservation.event_id, reservation.id),
        event_id=reservation.event_id,
        date=reservation.date,
        start_time=reservation.start_time,
        state="held" if reservation.paid_at is None else "paid",
        created_at=reservation.created_at,
        expires_at=reservation.expires_at,
        paid_at=reservation.paid_at,
        payment_reference=reservation.payment_ref,
        tickets=ticket_items(reservation),
    )


def event_described(event: EventDescription) -> EventDescribed:
    """Return an event as the admin routes show it."""
    types = [
        OfferedTypeItem(
            tickettype_id=offered.ticket_type_id, name=offered.name, max=offered.max, num_shards=offered.num_shards
        )
        for offered in event.ticket_types
    ]
    return EventDescribed(
        id=event.id,
        name=event.name,
        time_zone=event.time_zone,
        max_tickets=event.max_tickets,
        num_shards=event.num_shards,
        ticket_types=types,
    )


def ticket_type_item(ticket_type: TicketType) -> TicketTypeItem:
    """Return a ticket type as the admin routes show it."""
    return TicketTypeItem(id=ticket_type.id, name=ticket_type.name)
