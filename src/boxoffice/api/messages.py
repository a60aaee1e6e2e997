"""What clients send and what they get, with exactly the names of the HTTP contract; the OpenAPI is made of these."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

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
